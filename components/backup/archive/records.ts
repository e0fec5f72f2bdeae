import type { KeyedHash } from "./hashes";
import type { Sequences } from "./sequences";
import type { Subjects } from "./subjects";

const HEADER = 22;
const CHECKSUM = 8;
const LARGEST = 32 << 20;
const HAS_HEADERS = 0x8000_0000;
/** Marks in the upper half of a sequence: erased in place, and a tombstone for another record. */
const ERASED = 0x8000_0000;
const TOMBSTONE = 0x4000_0000;

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
 * @returns what is wrong with the block; `undefined` where nothing is
 */
export function walkRecords(block: Buffer, hash: KeyedHash, records: Records): string | undefined {
  for (let at = 0; at < block.length; ) {
    if (at + HEADER > block.length) {
      return `its last record is cut off after ${block.length} bytes`;
    }
    const raw = block.readUInt32LE(at);
    const length = (raw & ~HAS_HEADERS) >>> 0;
    const subject = block.readUInt16LE(at + 20);
    const data = length - HEADER;
    if (data < 0 || subject > data - CHECKSUM || length > LARGEST || at + length > block.length) {
      return `the record at byte ${at} has an impossible length`;
    }
    const upper = block.readUInt32LE(at + 8);
    const sequence = (upper & 0x3fff_ffff) * 0x1_0000_0000 + block.readUInt32LE(at + 4);
    if (!isIntact(block, at, length, subject, (raw & HAS_HEADERS) !== 0, hash)) {
      return `the checksum of the record at byte ${at} (sequence ${sequence}) does not agree with it`;
    }
    if ((upper & TOMBSTONE) !== 0) {
      records.tombstones.add(sequence);
    } else if ((upper & ERASED) === 0 && sequence !== 0) {
      records.live.add(sequence);
      records.subjects.add(block.toString("utf8", at + HEADER, at + HEADER + subject));
    }
    at += length;
  }
  return undefined;
}

function isIntact(
  block: Buffer,
  at: number,
  length: number,
  subject: number,
  hasHeaders: boolean,
  hash: KeyedHash,
): boolean {
  const data = at + HEADER;
  const end = at + length - CHECKSUM;
  const head = block.subarray(at + 4, at + 20);
  // The lengths of subject and headers are the only parts of a record that are not summed up.
  const sum = hasHeaders
    ? hash(head, block.subarray(data, data + subject), block.subarray(data + subject + 4, end))
    : hash(head, block.subarray(data, end));
  return sum.equals(block.subarray(end, end + CHECKSUM));
}
