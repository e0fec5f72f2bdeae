import type { StreamState } from "./answers";
import type { ConsumerPosition } from "./archive/consumer-state";
import type { ArchivedFile, Inspection } from "./archive/inspect";
import { FILES } from "./layout";

/** A file of a backup as it was written. */
export interface FileSum {
  readonly size: number;
  readonly sha256: string;
}

/** What a backup says of itself, beside what the `nats` command line knows. */
export interface Manifest {
  readonly format: 1;
  readonly tool: string;
  readonly cluster: string;
  readonly domain?: string;
  readonly serverVersion: string;
  readonly stream: string;
  /** When it began and ended, ISO 8601. */
  readonly start: string;
  readonly end: string;
  readonly files: Readonly<Record<string, FileSum>>;
  readonly archive: readonly ArchivedFile[];
  /** The stream when its snapshot began. */
  readonly state: StreamState;
  /** What the archive holds, which may be more: it was read while messages came in. */
  readonly messages: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly consumers: readonly ({ readonly name: string } & ConsumerPosition)[];
}

/** The files that a manifest has to have a digest of. */
export const DIGESTED = [FILES.description, FILES.archive] as const;

/** The messages that an archive will bring, from the stream's first sequence on. */
export function archivedMessages({ records }: Inspection, state: StreamState) {
  const [first, last] = range(records, state);
  const deleted = [...records.tombstones].filter(
    (sequence) => sequence >= first && sequence <= last && records.live.has(sequence),
  ).length;
  return {
    messages: records.live.countIn(first, last) - deleted,
    firstSequence: state.first_seq,
    lastSequence: Math.max(last, state.last_seq),
  };
}

/** How many of these messages each subject has; `undefined` where there are too many to tell. */
export function archivedSubjects({ records }: Inspection, state: StreamState) {
  const [first, last] = range(records, state);
  return records.subjects.counts(
    records.live,
    (sequence) => sequence >= first && sequence <= last && !records.tombstones.has(sequence),
  );
}

function range({ live }: Inspection["records"], state: StreamState): readonly [number, number] {
  return [Math.max(state.first_seq, 1), live.last ?? state.last_seq];
}
