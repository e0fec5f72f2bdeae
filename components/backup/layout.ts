import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { StreamState } from "./answers";
import { ARCHIVES } from "./archive/formats";

/** A stream as the server describes it with a snapshot: the content of `backup.json`. */
export interface StreamDescription {
  readonly config: Readonly<Record<string, unknown>>;
  readonly state: StreamState;
}

/** The files of a stream's backup beside its archive; the first is the `nats` command line's. */
export const FILES = {
  description: "backup.json",
  manifest: "manifest.json",
} as const;

/** The archives in a stream's folder, by their names: one, where nothing is wrong. */
export function archivesIn(folder: string): string[] {
  return Object.values(ARCHIVES).filter((name) => existsSync(join(folder, name)));
}

/** The folder of one backup: `nats-blue-20260301-120000`. */
export function folderName(cluster: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `nats-${cluster.replace(/[^\w.-]/g, "_")}-${stamp}`;
}

/**
 * Gives a complete backup its name, at once and whole, and returns it. Where another backup of the
 * same second has that name, it is the next second's.
 */
export function giveName(partial: string, parent: string, cluster: string, now: Date): string {
  for (let time = now.getTime(); ; time += 1_000) {
    const folder = join(parent, folderName(cluster, new Date(time)));
    try {
      renameSync(partial, folder);
      return folder;
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!["ENOTEMPTY", "EEXIST"].includes(code)) {
        throw error;
      }
    }
  }
}

/** The name a backup has until it is complete. It tells who writes it. */
export function partialName(folder: string, pid = process.pid): string {
  return `${folder}.partial-${pid}`;
}

/**
 * Removes what killed backups have left, and names it; called before this process makes one. What
 * has its number is an earlier one's: in a container all have the same.
 */
export function removePartials(parent: string, isAlive: (pid: number) => boolean): string[] {
  const names = existsSync(parent) ? readdirSync(parent) : [];
  const dead = names.filter((name) => {
    const pid = /^nats-.*\.partial-(\d+)$/.exec(name)?.[1];
    return pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
  });
  for (const name of dead) {
    rmSync(join(parent, name), { recursive: true, force: true });
  }
  return dead;
}

/** The content of a JSON file; a text instead where it cannot be read. */
export function readJson<T>(path: string): T | string {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (error) {
    return existsSync(path)
      ? `${basename(path)} cannot be read: ${(error as Error).message}`
      : `${basename(path)} is missing`;
  }
}
