import { readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** How the name of a backup ends, after that of its cluster. */
const STAMP = /-\d{8}-\d{6}$/;

/**
 * Removes the older backups of the cluster whose newest one is given, and names them. Those of
 * other clusters stay, and so does whatever else is in the folder.
 *
 * @param newest - folder of a complete backup; it counts among those that stay
 */
export function removeOlder(newest: string, keep: number): string[] {
  const parent = dirname(newest);
  const cluster = basename(newest).replace(STAMP, "");
  const older = readdirSync(parent)
    .filter((name) => STAMP.test(name) && name.replace(STAMP, "") === cluster)
    .filter((name) => name < basename(newest))
    .sort();
  const gone = older.slice(0, Math.max(0, older.length - (keep - 1)));
  for (const name of gone) {
    // One that is removed by half must not look like a backup.
    const partial = join(parent, `${name}.partial-${process.pid}`);
    renameSync(join(parent, name), partial);
    rmSync(partial, { recursive: true, force: true });
  }
  return gone;
}
