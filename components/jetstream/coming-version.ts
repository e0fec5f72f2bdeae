import { type AssetKind, assetUnknownSettings, assetVersionProblems } from "./asset-kinds";
import type { UsedSetting } from "./newer-settings";
import { type Problem, problem } from "./problems";
import { STREAM_FIELDS, type StreamSettings } from "./stream-fields";
import { keepsOffline } from "./version-change";
import { isOlder } from "./versions";

/** What to say of an asset that is written after its servers have gone to another version. */
export interface VersionStep {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/**
 * Judges the fields of an asset by the version that runs when it is written, where an update first
 * brings the servers from one version to another.
 *
 * @param live - the settings that the asset has now; none of an asset that is made
 */
export function versionStep(
  kind: AssetKind,
  live: StreamSettings,
  declared: StreamSettings,
  from: string,
  to: string,
): VersionStep {
  const forgotten = assetUnknownSettings(kind, live, to);
  const offline = isOlder(to, from) && keepsOffline(to) ? forgotten : [];
  return {
    problems: [
      ...assetVersionProblems(kind, declared, to),
      ...offline.map((setting) => offlineProblem(kind, setting, from, to)),
    ],
    warnings: [
      ...broughtFields(kind, declared, from, to).map(
        ({ property, since }) =>
          `${property} needs nats-server ${since} or newer, which this update brings: ${from} => ${to}`,
      ),
      ...(isOlder(to, from) && offline.length === 0
        ? forgotten.map(
            ({ property }) =>
              `${property} is lost when the servers restart: nats-server ${to}, which this update brings, does not know it`,
          )
        : []),
    ],
  };
}

/**
 * The version that servers leave for another one: of several that run side by side, the newest that
 * is newer, because a step back costs the most, or else the oldest.
 */
export function versionLeft(running: readonly string[], coming: string): string {
  const sorted = [...running].sort((one, other) => (isOlder(one, other) ? -1 : 1));
  const [oldest = coming, newest = coming] = [sorted[0], sorted.at(-1)];
  return isOlder(coming, newest) ? newest : oldest;
}

/** The settings of a stream on servers of this version, which forget what they do not know. */
export function settingsOn(version: string, live: StreamSettings): StreamSettings {
  const unknown = STREAM_FIELDS.filter(
    ({ since }) => since !== undefined && isOlder(version, since),
  );
  return {
    ...live,
    ...Object.fromEntries(unknown.map(({ name, kind }) => [name, kind.fromWire(undefined)])),
  };
}

/** The declared settings that the servers do not know yet. */
function broughtFields(kind: AssetKind, declared: StreamSettings, from: string, to: string) {
  return assetUnknownSettings(kind, declared, from).filter(({ since }) => !isOlder(to, since));
}

function offlineProblem(
  kind: AssetKind,
  { property, value }: UsedSetting,
  from: string,
  to: string,
): Problem {
  return problem(
    property,
    value,
    `that is what the live ${kind.title} has, and nats-server ${to} does not know it and would keep the ${kind.title} offline`,
    `take it back in an update of its own while nats-server ${from} runs, and go to ${to} with the next one`,
  );
}
