import { existsSync } from "node:fs";
import type { StreamInfo } from "@nats-io/jetstream";
import { isClosed } from "../../backup/recreation";
import { type Journal, readJournal, recreationFolder } from "../../backup/recreation-folder";
import type { AssetKind } from "../../jetstream/asset-kinds";
import type { StreamSettings } from "../../jetstream/stream-fields";
import { canonicalText } from "../../jetstream/stream-settings";
import { formatSize } from "../../jetstream/units";
import { label } from "../asset-messages";
import type { ChangeOptions } from "../change-options";
import type { ClusterLink } from "../cluster-link";
import { settingsOf } from "./closing";

/** What the property `liveState` begins with while a stream is gone and its backup waits. */
export const AWAY = "away: ";

/** A recreation that an earlier run began and did not end. */
export interface Pending {
  readonly folder: string;
  readonly journal: Journal;
}

/**
 * How far it came. `old`: nothing was deleted yet; `away`: deleted; `restored`: back, and not yet
 * compared; `done`: all but the backup's end; `other`: somebody else has made a stream of that name.
 */
export type Progress = "old" | "away" | "restored" | "done" | "other";

/** The interrupted recreation of a stream, if this machine knows of one. */
export function pendingRecreation(
  { clusterName }: ClusterLink,
  stream: string,
  { backupDirectory }: Pick<ChangeOptions, "backupDirectory">,
): Pending | undefined {
  const folder = recreationFolder(backupDirectory, clusterName, stream);
  const journal = readJournal(folder);
  return journal === undefined ? undefined : { folder, journal };
}

/** Whether there is any backup, so that nothing else has to be asked where there is none. */
export function hasBackups({ backupDirectory }: Pick<ChangeOptions, "backupDirectory">): boolean {
  return existsSync(backupDirectory);
}

/** How far an interrupted recreation came, from what is live now. */
export function progressOf({ journal }: Pending, info: StreamInfo | undefined): Progress {
  if (journal.isVerified === true && info !== undefined) {
    return "done";
  }
  if (info === undefined) {
    return "away";
  }
  const config = info.config as unknown as Readonly<Record<string, unknown>>;
  const isNew = Object.entries(journal.target).every(
    ([name, value]) =>
      name === "subjects" || canonicalText(config[name] ?? null) === canonicalText(value),
  );
  if (isClosed(settingsOf(info))) {
    return isNew ? "restored" : "old";
  }
  return journal.isClosed || isNew ? "other" : "old";
}

/** What a preview says of an interrupted recreation; a reason where it cannot go on. */
export function pendingWords(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  { folder, journal }: Pending,
  progress: Progress,
): { readonly warning?: string; readonly reason?: string } {
  const backup = `the backup in ${folder} (of ${journal.saved}, ${journal.messages} messages, ${formatSize(BigInt(journal.bytes))})`;
  switch (progress) {
    case "old":
      return {
        warning: `its recreation was interrupted before anything was deleted; it begins anew, and ${backup} is thrown away`,
      };
    case "away":
      return {
        warning: `its recreation was interrupted after it was deleted: ${backup} is restored, with its consumers`,
      };
    case "restored":
      return {
        warning: `its recreation was interrupted after it was restored: it is compared with ${backup} and opened to publishers again`,
      };
    case "done":
      return {};
    case "other":
      return {
        reason: `the ${label(kind, declared)} of ${link.where} is not the one that was to be restored from ${backup}: somebody made it meanwhile; bring the messages back by hand with 'tfdc-nats restore', or move that folder away to keep what is there.`,
      };
  }
}
