import { createHash } from "node:crypto";
import type { StreamState } from "./answers";
import type { ConsumerPosition } from "./archive/consumer-state";
import type { ArchivedFile, Inspection } from "./archive/inspect";

/** A file of a backup as it was written. */
export interface FileSum {
  readonly size: number;
  readonly sha256: string;
}

/** What an archive holds, which may be more than the stream had: it is read while messages come in. */
export interface Contents {
  readonly messages: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** How many messages each subject has; absent where there are too many to tell. */
  readonly subjects?: Readonly<Record<string, number>>;
  readonly consumers: readonly ({ readonly name: string } & ConsumerPosition)[];
}

/** What a backup says of itself, beside what the `nats` command line knows. */
export interface Manifest extends Contents {
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
  /** SHA-256 of all the rest of it. */
  readonly sum?: string;
}

/** A manifest with its sum, by which it is known later to be as it was written. */
export function summed(manifest: Omit<Manifest, "sum">): Manifest {
  return { ...manifest, sum: sumOf(manifest) };
}

/** Whether a manifest is as it was written; `undefined` where it has no sum. */
export function isAsWritten({ sum, ...manifest }: Manifest): boolean | undefined {
  return sum === undefined ? undefined : sum === sumOf(manifest);
}

function sumOf(manifest: Omit<Manifest, "sum">): string {
  return createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
}

/** The messages that an archive will bring, from the stream's first sequence on. */
export function archivedMessages({ format, records }: Inspection, state: StreamState) {
  const { live, tombstones } = records;
  const { first, last, isIn } = rangeOf(records, state);
  const deleted = [...tombstones].filter((one) => isIn(one) && live.has(one)).length;
  return {
    messages: live.countIn(first, last) - deleted,
    // An archive of messages begins with the first that was there when the server came to it.
    firstSequence: format === "arc" ? (live.first ?? state.first_seq) : state.first_seq,
    lastSequence: Math.max(last, state.last_seq),
  };
}

/** All that an archive will bring. Its subjects are counted message by message: once is enough. */
export function archivedContents(inspection: Inspection, state: StreamState): Contents {
  const { live, subjects, tombstones } = inspection.records;
  const { isIn } = rangeOf(inspection.records, state);
  const counts = subjects.counts(live, (one) => isIn(one) && !tombstones.has(one));
  return {
    ...archivedMessages(inspection, state),
    ...(counts === undefined ? {} : { subjects: Object.fromEntries(counts) }),
    consumers: inspection.consumers.map(({ name, ackFloor, delivered, pending }) => ({
      name,
      ackFloor,
      delivered,
      pending,
    })),
  };
}

function rangeOf({ live }: Inspection["records"], state: StreamState) {
  const first = Math.max(state.first_seq, 1);
  const last = live.last ?? state.last_seq;
  return { first, last, isIn: (sequence: number) => sequence >= first && sequence <= last };
}
