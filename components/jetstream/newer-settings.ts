import type { Canonical, Part } from "./kinds";
import { type Problem, problem } from "./problems";
import { NO_WINDOW, STREAM_FIELDS, type StreamSettings } from "./stream-fields";
import { isDefault } from "./stream-settings";
import { isOlder } from "./versions";

/** A setting that not every supported server knows: a field, or a part of one. */
export interface NewerSetting {
  /** `allowMsgTtl`, `mirror.consumer`. */
  readonly property: string;
  /** The first server that knows it. */
  readonly since: string;
}

/** Such a setting where it is used. */
export interface UsedSetting extends NewerSetting {
  readonly value: Canonical;
}

/** From here on a server leaves a stream with sources without a window. */
const SOURCES_WITHOUT_WINDOW = "2.14.0";

/** Every setting that came after the oldest supported server. */
export const NEWER_SETTINGS: readonly NewerSetting[] = STREAM_FIELDS.flatMap(
  ({ name, since, kind }) =>
    since === undefined ? newerParts(name, kind.parts ?? []) : [{ property: name, since }],
);

function newerParts(path: string, parts: readonly Part[]): NewerSetting[] {
  return parts.flatMap(({ name, since, kind }) => {
    const property = `${path}.${name}`;
    return since === undefined ? newerParts(property, kind.parts ?? []) : [{ property, since }];
  });
}

/** The settings of a stream that a server of this version does not know. */
export function settingsUnknownTo(serverVersion: string, settings: StreamSettings): UsedSetting[] {
  // A marker switches it on, and is what has to go: the switch is not to be blamed with it.
  const isSwitched = (settings.subjectDeleteMarkerTtl ?? "none") !== "none";
  return STREAM_FIELDS.flatMap((field): UsedSetting[] => {
    const { name, since, kind } = field;
    const value = settings[name];
    if (value === undefined || (isSwitched && name === "allowMsgTtl")) {
      return [];
    }
    if (since === undefined) {
      return usedParts(name, value, kind.parts ?? []);
    }
    return isDefault(field, value) ? [] : [{ property: name, value, since }];
  }).filter(({ since }) => isOlder(serverVersion, since));
}

function usedParts(path: string, value: Canonical, parts: readonly Part[]): UsedSetting[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => usedParts(pathOf(path, item), item, parts));
  }
  if (typeof value !== "object") {
    return [];
  }
  const given = value as Readonly<Record<string, Canonical | undefined>>;
  return parts.flatMap(({ name, since, kind }): UsedSetting[] => {
    const part = given[name];
    const property = `${path}.${name}`;
    if (part === undefined) {
      return [];
    }
    return since === undefined
      ? usedParts(property, part, kind.parts ?? [])
      : [{ property, value: part, since }];
  });
}

/** By name: the canonical order of a list is not the one that the user wrote. */
function pathOf(path: string, item: Canonical): string {
  const { name } = item as Readonly<Record<string, Canonical | undefined>>;
  return name === undefined ? path : `${path}[${JSON.stringify(name)}]`;
}

/** What a server of this version would drop of these settings, or put something else in its place. */
export function versionProblems(settings: StreamSettings, serverVersion: string): Problem[] {
  return [
    ...settingsUnknownTo(serverVersion, settings).map(({ property, value, since }) =>
      problem(
        property,
        value,
        `nats-server ${serverVersion} does not know this field and would drop it without a word`,
        `remove it, or run nats-server ${since} or newer`,
      ),
    ),
    ...windowProblems(settings, serverVersion),
  ];
}

function windowProblems(
  { duplicateWindow, mirror }: StreamSettings,
  serverVersion: string,
): Problem[] {
  return duplicateWindow === NO_WINDOW &&
    mirror === undefined &&
    isOlder(serverVersion, SOURCES_WITHOUT_WINDOW)
    ? [
        problem(
          "duplicateWindow",
          duplicateWindow,
          `nats-server ${serverVersion} puts its default in the place of none in a stream with sources`,
          `use "2m" or leave it out, or run nats-server ${SOURCES_WITHOUT_WINDOW} or newer`,
        ),
      ]
    : [];
}
