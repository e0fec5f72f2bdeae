import { NEWER_SETTINGS, settingsUnknownTo } from "./newer-settings";
import type { StreamSettings } from "./stream-fields";
import { isOlder } from "./versions";

/** What nats-server's own guides say of one step: in which direction, and from or to which version. */
interface Guide {
  /** The first version of the newer side. */
  readonly newer: string;
  /** The oldest version of the other side that the guide is at ease with. */
  readonly older: string;
  readonly up?: string;
  readonly down: string;
}

const GUIDES: readonly Guide[] = [
  {
    newer: "2.12.0",
    older: "2.11.9",
    down: "The release notes of nats-server allow a step back from 2.12 to 2.11.9 or newer only.",
  },
  {
    newer: "2.15.0",
    older: "2.14.7",
    up: "The upgrade guide of nats-server goes to 2.15 from 2.14.7 or newer: go there first, or change neither replicas nor placements of streams until every server runs the new version.",
    down: "The upgrade guide of nats-server goes back from 2.15 to 2.14.7 or newer only, where a move or another number of replicas that has begun is not brought to its end.",
  },
];

/** From here on a server keeps a stream offline that has fields which it does not know. */
const KEEPS_OFFLINE = "2.11.9";

/** Whether a server keeps a stream offline that has fields which it does not know, or drops them. */
export function keepsOffline(version: string): boolean {
  return !isOlder(version, KEEPS_OFFLINE);
}

/**
 * What to know before the servers of a cluster go from one version to another; nothing where both
 * are of one series, `2.10.22` and `2.10.29`.
 *
 * @param live - the streams of the cluster, those that no code declares among them
 */
export function versionChangeNote(
  from: string,
  to: string,
  live: readonly StreamSettings[],
): string | undefined {
  if (seriesOf(from) === seriesOf(to)) {
    return undefined;
  }
  const words = isOlder(from, to) ? upgradeWords(from, to) : downgradeWords(from, to, live);
  return `${words} Make a backup first (npx tfdc-nats backup).`;
}

function upgradeWords(from: string, to: string): string {
  const fresh = NEWER_SETTINGS.filter(
    ({ since }) => isOlder(from, since) && !isOlder(to, since),
  ).map(({ property }) => property);
  const exception =
    fresh.length === 0 ? "" : `; a stream that uses ${fresh.join(", ")} by then ${fateOn(from)}`;
  return `nats-server ${from} => ${to}: the servers restart one by one and keep their streams. On the way back each reads all its messages once when it starts${exception}.${guided("up", to, from)}`;
}

function downgradeWords(from: string, to: string, live: readonly StreamSettings[]): string {
  const users = live.flatMap((stream) => {
    const fields = settingsUnknownTo(to, stream).map(({ property }) => property);
    return fields.length === 0 ? [] : [`${stream.name} (${fields.join(", ")})`];
  });
  const lost =
    users.length === 0
      ? "none uses a setting that the older version does not know"
      : `these use settings that it does not know, and each ${fateOn(to)}: ${users.join(", ")}`;
  return `nats-server ${from} => ${to} is a step back: the servers restart one by one and keep their streams, and each reads all its messages once when it starts. Of the streams, ${lost}.${guided("down", from, to)}`;
}

/** What the guides say of a step between two versions that they are not at ease with. */
function guided(direction: "up" | "down", newer: string, older: string): string {
  return GUIDES.filter((one) => !isOlder(newer, one.newer) && isOlder(older, one.older))
    .flatMap((one) => one[direction] ?? [])
    .map((words) => ` ${words}`)
    .join("");
}

/** What becomes of a stream with unknown fields on a server of this version. */
function fateOn(version: string): string {
  return keepsOffline(version)
    ? "is offline there until a newer version runs again"
    : "loses the setting there without a word";
}

/** The first two numbers of a version. */
function seriesOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
