import type { Hashes } from "./hashes";
import type { Sequences } from "./sequences";
import type { Subjects } from "./subjects";

/** What the records of message blocks come to. */
export interface Records {
  /** The messages, by sequence. */
  readonly live: Sequences;
  /** Their subjects, in the same order. */
  readonly subjects: Subjects;
  /** Sequences that were deleted later. */
  readonly tombstones: Set<number>;
}

/**
 * Walks the records of one message block as nats-server does when it restores it, except that the
 * server goes on without what is broken, and this says so.
 *
 * @param size - of the block, which is in the room of the hashes; they know its name
 * @returns what is wrong with the block; `undefined` where nothing is
 */
export function walkRecords(
  size: number,
  hashes: Hashes,
  { live, subjects, tombstones }: Records,
): string | undefined {
  for (const piece of hashes.records(size, () => subjects.most)) {
    for (let at = 0; at < piece.runs.length; at += 2) {
      live.add(piece.runs[at] ?? 0, piece.runs[at + 1]);
    }
    subjects.add(piece.subjects, piece.numbers);
    for (const sequence of piece.tombstones) {
      tombstones.add(sequence);
    }
    if (piece.trouble !== undefined) {
      return piece.trouble;
    }
  }
  return undefined;
}
