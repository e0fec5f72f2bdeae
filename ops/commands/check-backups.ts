import { statSync } from "node:fs";
import { join } from "node:path";
import { type CheckedBackup, checkBackup } from "@tfdc/pulumi-nats/internal/backup/check";
import { archivesIn } from "@tfdc/pulumi-nats/internal/backup/layout";
import { selected } from "../backup/select";
import { streamFolders } from "../backup/stream-folders";
import { transferBar } from "../terminal/bar";
import { paint } from "../terminal/colours";
import { say } from "../terminal/print";
import { step } from "../terminal/step";

/**
 * Checks the backups in a folder, all of them before anything is done with any of them.
 *
 * @param isThorough - every record is read again, also where digests say what was written
 */
export async function checkBackups(
  path: string,
  names: readonly string[],
  isThorough = false,
): Promise<readonly CheckedBackup[]> {
  const checked: CheckedBackup[] = [];
  for (const folder of streamFolders(path)) {
    let bytes = 0;
    const size = archiveSize(folder);
    const onBytes = (count: number) => {
      bytes += count;
    };
    const check = () => checkBackup(folder, { onBytes, isThorough });
    const progress = () => transferBar(bytes, size);
    checked.push(await step(`checking ${folder}`, check, progress));
  }
  return selected(checked, ({ stream }) => stream, names, path);
}

/** Says what is wrong with backups; whether all are good. */
export function sayProblems(backups: readonly CheckedBackup[]): boolean {
  for (const { folder, problems } of backups) {
    for (const one of problems) {
      say(`${paint("red", "✗", process.stderr)} ${folder}: ${one}`);
    }
  }
  return backups.every(({ problems }) => problems.length === 0);
}

/** The bytes of a stream's archive; none where it is missing. */
export function archiveSize(folder: string): number {
  try {
    return statSync(join(folder, archivesIn(folder)[0] ?? "")).size;
  } catch {
    return 0;
  }
}
