import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { folderName, partialName, readJson } from "./layout";

/** The file by which an interrupted recreation is taken up again. */
const JOURNAL = "recreation.json";

/** How far each consumer is, how many messages it has still to be delivered, and how many it has in flight. */
export type Waiting = Readonly<
  Record<string, readonly [delivered: number, pending: number, flying?: number]>
>;

/** What a recreation notes beside its backup, before it deletes anything. */
export interface Journal {
  readonly format: 1;
  readonly stream: string;
  readonly cluster: string;
  /** When the backup was complete, ISO 8601. */
  readonly saved: string;
  readonly messages: number;
  readonly bytes: number;
  /** How many messages each subject had, summed up; absent where the server did not tell. */
  readonly subjects?: string;
  readonly waiting?: Waiting;
  /** The settings to restore with, under the server's names; `null` takes one out. */
  readonly target: Readonly<Record<string, unknown>>;
  /** Whether the stream was closed to publishers: a mirror and a sealed one take none anyway. */
  readonly isClosed: boolean;
  /** Everything was restored and compared. */
  readonly isVerified?: boolean;
}

/** A stream's folder for recreations. One cluster's names are not another's. */
export function recreationFolder(directory: string, cluster: string, stream: string): string {
  return join(directory, `${cluster.replace(/[^\w.-]/g, "_")}-${stream}`);
}

/** The journal of a recreation that was begun and not ended; `undefined` where there is none. */
export function readJournal(folder: string): Journal | undefined {
  const journal = existsSync(folder) ? readJson<Journal>(join(folder, JOURNAL)) : undefined;
  if (typeof journal === "string") {
    throw new Error(`${join(folder, JOURNAL)}: ${journal}`);
  }
  return journal;
}

/** Writes a journal whole or not at all. */
export function writeJournal(folder: string, journal: Journal): void {
  const path = join(folder, JOURNAL);
  writeFileSync(`${path}.new`, `${JSON.stringify(journal, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The folder that a backup is written to until it is whole, without what killed runs have left. */
export function freshPartial(folder: string): string {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const begins = `${folder.slice(parent.length + 1)}.partial-`;
  for (const name of readdirSync(parent).filter((one) => one.startsWith(begins))) {
    // The stack's lock keeps a second update of the stream away.
    rmSync(join(parent, name), { recursive: true, force: true });
  }
  return partialName(folder);
}

/** Removes a backup that is no longer needed, or keeps it where `tfdc-nats restore` reads it. */
export function endRecreation(folder: string, { cluster, stream }: Journal, keep: boolean): void {
  if (keep) {
    const kept = join(dirname(folder), folderName(cluster, new Date()));
    mkdirSync(kept, { recursive: true, mode: 0o700 });
    rmSync(join(folder, JOURNAL), { force: true });
    renameSync(folder, join(kept, stream));
  } else {
    rmSync(folder, { recursive: true, force: true });
  }
}
