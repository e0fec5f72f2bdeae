import { STREAM_FIELDS, type StreamSettings } from "./stream-fields";
import { versionProblems } from "./stream-settings";
import { isOlder } from "./versions";

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
  const fresh = STREAM_FIELDS.filter(
    ({ since }) => since !== undefined && isOlder(from, since) && !isOlder(to, since),
  ).map(({ name }) => name);
  const exception =
    fresh.length === 0 ? "" : `; a stream that uses ${fresh.join(", ")} by then ${fateOn(from)}`;
  return `nats-server ${from} => ${to}: the servers restart one by one and keep their streams. On the way back each reads all its messages once when it starts${exception}.`;
}

function downgradeWords(from: string, to: string, live: readonly StreamSettings[]): string {
  const users = live.flatMap((stream) => {
    const fields = versionProblems(stream, to).map(({ property }) => property);
    return fields.length === 0 ? [] : [`${stream.name} (${fields.join(", ")})`];
  });
  const lost =
    users.length === 0
      ? "none uses a setting that the older version does not know"
      : `these use settings that it does not know, and each ${fateOn(to)}: ${users.join(", ")}`;
  const beyond =
    !isOlder(from, "2.12.0") && isOlder(to, KEEPS_OFFLINE)
      ? ` The release notes of nats-server allow a step back from 2.12 to ${KEEPS_OFFLINE} or newer only.`
      : "";
  return `nats-server ${from} => ${to} is a step back: the servers restart one by one and keep their streams, and each reads all its messages once when it starts. Of the streams, ${lost}.${beyond}`;
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
