import { isDeepStrictEqual } from "node:util";
import type { PreviewStep, Properties } from "./preview-document";

/** Where a difference comes from: the code, somebody behind Pulumi's back, or both. */
export type Origin = "edit" | "drift" | "both" | "unknown";

/** One property that differs. What is `undefined` is not there. */
export interface PropertyChange {
  /** `maxAge`, `subjects[1]`, `restartOnly.maxMemoryStore`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly origin: Origin;
}

/** Properties by which a resource says how it was read, which is no drift of the resource. */
export const OF_THE_READING: readonly string[] = ["liveState"];

/** What Pulumi writes in place of a secret; two of them are equal or not, nobody can tell. */
const SECRET_TEXT = "[secret]";
/** The key of Pulumi's own envelopes, of secrets among them. */
const ENVELOPE = "4dabf18193072939515e22adb298388d";

/**
 * The properties that a step changes. The engine's own list is taken where there is one, because it
 * alone knows of secrets that differ.
 *
 * @param last - the inputs as the last update left them; without them drift looks like an edit
 */
export function propertyChanges(step: PreviewStep, last?: Properties): PropertyChange[] {
  const before = shown(step.oldState?.inputs ?? {});
  const after = shown(step.newState?.inputs ?? {});
  const detailed = step.detailedDiff ?? undefined;
  const paths =
    detailed === undefined || step.op === "create" || step.op === "delete"
      ? differingPaths(before, after)
      : Object.keys(detailed).filter((path) => !path.startsWith("__"));
  return paths.sort(byPath).map((path) => {
    const [was, willBe] = [valueAt(before, path), valueAt(after, path)];
    const origin = step.op === "update" ? originOf(path, was, willBe, last) : "unknown";
    return { path, before: was, after: willBe, origin };
  });
}

/** What was changed behind Pulumi's back of a resource, whatever the code says. */
export function driftOf(step: PreviewStep, last: Properties): PropertyChange[] {
  const before = shown(last);
  const live = shown(step.oldState?.inputs ?? {});
  return differingPaths(before, live)
    .sort(byPath)
    .map((path) => ({
      path,
      before: valueAt(before, path),
      after: valueAt(live, path),
      origin: "drift",
    }));
}

function originOf(
  path: string,
  live: unknown,
  declared: unknown,
  last: Properties | undefined,
): Origin {
  if (last === undefined) {
    return "unknown";
  }
  const before = valueAt(shown(last), path);
  if (OF_THE_READING.includes(path)) {
    return "unknown";
  }
  if (isAlike(before, live)) {
    return "edit";
  }
  return isAlike(before, declared) ? "drift" : "both";
}

/** What a person is shown: neither the provider's text nor what is unset. */
function shown(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(
      ([key, value]) => !key.startsWith("__") && value !== null && value !== undefined,
    ),
  );
}

function differingPaths(before: unknown, after: unknown, path = ""): string[] {
  if (isAlike(before, after)) {
    return [];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) =>
      differingPaths(before[index], after[index], `${path}[${index}]`),
    ).flat();
  }
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differingPaths(before[key], after[key], join(path, key)));
  }
  return [path];
}

function isAlike(left: unknown, right: unknown): boolean {
  return isSecret(left) || isSecret(right)
    ? left !== undefined && right !== undefined
    : isDeepStrictEqual(left ?? undefined, right ?? undefined) ||
        (isComposite(left) && isComposite(right) && isAlikeInside(left, right));
}

/** Objects that differ in nothing but secrets, which cannot be told apart. */
function isAlikeInside(left: object, right: object): boolean {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return (
    Array.isArray(left) === Array.isArray(right) &&
    [...keys].every((key) => isAlike((left as Properties)[key], (right as Properties)[key]))
  );
}

/** Whether a value stands for a secret, in a preview or in a state. */
export function isSecret(value: unknown): boolean {
  return value === SECRET_TEXT || (isObject(value) && ENVELOPE in value);
}

function isComposite(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isComposite(value) && !Array.isArray(value);
}

function join(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) {
    return `${path}[${JSON.stringify(key)}]`;
  }
  return path === "" ? key : `${path}.${key}`;
}

const PART = /\[("(?:[^"\\]|\\.)*"|\d+)\]|([^.[\]]+)/g;

/** The keys of a path: `spec.labels["a/b"][0]` is spec, labels, a/b and 0. */
export function pathKeys(path: string): string[] {
  return [...path.matchAll(PART)].map(([, bracketed, plain = ""]) =>
    bracketed === undefined ? plain : String(JSON.parse(bracketed)),
  );
}

function valueAt(properties: Properties, path: string): unknown {
  return pathKeys(path).reduce<unknown>(
    (value, key) => (isComposite(value) ? (value as Properties)[key] : undefined),
    properties,
  );
}

function byPath(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
