import { isOlder } from "../../jetstream/versions";

/**
 * What a server sends as a snapshot: a tar of its files, or, from nats-server 2.15 on, its messages one
 * by one. Nobody asks for one or the other: the server that leads the stream sends what it writes, and
 * only the first bytes tell.
 */
export type ArchiveFormat = "tar" | "arc";

/** An archive's file, as the `nats` command line names it. What is in it tells the format, not this. */
export const ARCHIVES: Readonly<Record<ArchiveFormat, string>> = {
  tar: "stream.tar.s2",
  arc: "stream.arc.s2",
};

/** The first bytes of an archive of messages, once it is decompressed. */
export const MAGIC = "NATSARC1";

/** The first server that writes and reads archives of messages. It reads tars as well. */
export const ARC_SINCE = "2.15.0";

/** The versions among these that do not read archives of that format. */
export function unable(format: ArchiveFormat | undefined, versions: readonly string[]): string[] {
  return format === "arc"
    ? [...new Set(versions)].filter((version) => isOlder(version, ARC_SINCE)).sort()
    : [];
}

/** Why servers cannot be sent the archives of these streams; `undefined` where they can. */
export function formatRefusal(
  backups: readonly { readonly stream: string; readonly format?: ArchiveFormat }[],
  versions: readonly string[],
): string | undefined {
  const streams = backups.filter(({ format }) => unable(format, versions).length > 0);
  if (streams.length === 0) {
    return undefined;
  }
  const names = streams.map(({ stream }) => stream).join(", ");
  return `${names} cannot be restored there: nats-server 2.15 or newer wrote the archive, in the format ${MAGIC}, and only nats-server 2.15 or newer reads it; there runs ${unable("arc", versions).join(" and ")}. Nothing was written. Upgrade all servers of that cluster first, or restore to one of 2.15 or newer.`;
}
