import { type Canonical, hasUnknown, sortKeys, UNKNOWN } from "./kinds";
import type { Problem } from "./problems";
import { STREAM_FIELDS, type StreamField, type StreamSettings } from "./stream-fields";
import { streamRuleProblems } from "./stream-rules";
import { UNLIMITED } from "./units";

/** The settings a user's input comes to, and everything that is wrong with it. */
export interface Normalised {
  readonly settings: StreamSettings;
  readonly problems: readonly Problem[];
}

/**
 * Reads a user's stream: canonical values, the server's defaults for all that is not said, and
 * every problem at once. Keys that are no stream fields are left alone: they belong to the caller.
 */
export function normaliseStream(input: Readonly<Record<string, unknown>>): Normalised {
  const problems: Problem[] = [];
  const given: Record<string, Canonical | undefined> = {};
  for (const { name, kind } of STREAM_FIELDS) {
    const value = input[name];
    if (value !== undefined && value !== null) {
      const parsed = kind.parse(name, value);
      problems.push(...parsed.problems);
      given[name] = parsed.value;
    }
  }
  const settings = withImplied(withDefaults(given));
  const known = !Object.values(given).some(hasUnknown);
  return {
    settings,
    // A rule over fields that are malformed, or not known yet, would only add noise.
    problems: problems.length === 0 && known ? streamRuleProblems(settings, given) : problems,
  };
}

/** Fills in what the server would, plain defaults first because the others depend on them. */
function withDefaults(given: StreamSettings): StreamSettings {
  const settings: Record<string, Canonical | undefined> = { ...given };
  for (const pass of ["plain", "derived"] as const) {
    for (const { name, fallback } of STREAM_FIELDS) {
      const isDerived = typeof fallback === "function";
      const isUnsaid = settings[name] === undefined || (isDerived && isEmptyList(settings[name]));
      if (isUnsaid && isDerived === (pass === "derived")) {
        settings[name] = typeof fallback === "function" ? fallback(settings) : fallback;
      }
    }
  }
  return settings;
}

/** No subjects are the same as nothing said: the server derives its own from both. */
function isEmptyList(value: Canonical | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What the server switches by itself where another field asks for it. */
function withImplied(settings: StreamSettings): StreamSettings {
  const needsRollup =
    (settings.subjectDeleteMarkerTtl !== "none" && settings.subjectDeleteMarkerTtl !== UNKNOWN) ||
    settings.allowMsgSchedules === true;
  return {
    ...settings,
    ...(settings.subjectDeleteMarkerTtl === "none" ? {} : { allowMsgTtl: true }),
    ...(needsRollup ? { allowRollup: true, denyPurge: false } : {}),
    ...(settings.sealed === true
      ? {
          maxAge: UNLIMITED,
          discard: "new",
          denyDelete: true,
          denyPurge: true,
          allowRollup: false,
        }
      : {}),
  };
}

/** The settings of a stream that is on a server. */
export function fromWire(config: Readonly<Record<string, unknown>>): StreamSettings {
  return Object.fromEntries(
    STREAM_FIELDS.map(({ name, wire, kind }) => [name, kind.fromWire(config[wire])]),
  );
}

/**
 * The full configuration to send. Every field is said, so that nothing of an older configuration
 * survives; a field that the oldest supported server does not know is said only where it is used.
 */
export function toWire(settings: StreamSettings): Record<string, unknown> {
  return Object.fromEntries(
    STREAM_FIELDS.flatMap((field) => {
      const value = settings[field.name];
      if (value === undefined || isUnused(field, value)) {
        return [];
      }
      const spoken = field.kind.toWire(value);
      return spoken === undefined ? [] : [[field.wire, spoken]];
    }),
  );
}

/** One property that differs: what the server has, and what is declared. */
export interface Difference {
  readonly property: string;
  readonly live: Canonical | undefined;
  readonly declared: Canonical | undefined;
}

/**
 * The properties in which a live stream differs from its declaration. A property that the
 * declaration leaves to the server (only `mirrorDirect` of a mirror) is not compared.
 */
export function differences(live: StreamSettings, declared: StreamSettings): Difference[] {
  return STREAM_FIELDS.flatMap(({ name, fallback }) => {
    const [has, wants] = [live[name], declared[name]];
    const isLeftToServer = wants === undefined && typeof fallback === "function";
    return isLeftToServer || canonicalText(has) === canonicalText(wants)
      ? []
      : [{ property: name, live: has, declared: wants }];
  });
}

/** One text for equal values: neither the order of keys nor that of a list means anything here. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonicalText).sort().join(",")}]`;
  }
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(sortKeys(value as Record<string, unknown>));
    return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalText(part)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "undefined";
}

/**
 * The live settings without what the declaration leaves to the server: what a server derives by
 * itself is neither drift nor ours to show.
 */
export function withoutDerived(known: StreamSettings, live: StreamSettings): StreamSettings {
  const derived = STREAM_FIELDS.filter(
    ({ name, fallback }) =>
      known[name] === undefined && typeof fallback === "function" && fallback(known) === undefined,
  ).map(({ name }) => name);
  return Object.fromEntries(Object.entries(live).filter(([name]) => !derived.includes(name)));
}

/**
 * The same settings with every list in the order of `known`, what is new in the place of what is
 * gone: lists are sets, and a diff by index reads best when nothing moves that did not change.
 */
export function inOrderOf(known: StreamSettings, live: StreamSettings): StreamSettings {
  return Object.fromEntries(
    Object.entries(live).map(([name, value]) => [name, arranged(known[name], value)]),
  );
}

function arranged(
  known: Canonical | undefined,
  live: Canonical | undefined,
): Canonical | undefined {
  if (!Array.isArray(known) || !Array.isArray(live)) {
    return live;
  }
  const order = known.map(canonicalText);
  const left = new Map(live.map((item) => [canonicalText(item), item]));
  const fresh = [...left].filter(([text]) => !order.includes(text)).map(([, item]) => item);
  const placed = order.flatMap((text) => left.get(text) ?? fresh.shift() ?? []);
  return [...placed, ...fresh];
}

/** Whether a value is what the server fills in, whatever the other fields are. */
export function isDefault({ fallback }: StreamField, value: Canonical): boolean {
  return typeof fallback !== "function" && canonicalText(fallback) === canonicalText(value);
}

/** Whether a field is one that the oldest supported server does not know, and says nothing. */
export function isUnused(field: StreamField, value: Canonical): boolean {
  return field.since !== undefined && isDefault(field, value);
}
