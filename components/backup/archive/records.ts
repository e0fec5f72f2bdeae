import type { Hashes } from "./hashes";
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
 * @param block - in the room of the hashes, which know its name
 * @returns what is wrong with the block; `undefined` where nothing is
 */
export function walkRecords(block: Buffer, hashes: Hashes, records: Records): string | undefined {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  for (let at = 0; at < block.length; ) {
    if (at + HEADER > block.length) {
      return `its last record is cut off after ${block.length} bytes`;
    }
    const raw = view.getUint32(at, true);
    const length = (raw & ~HAS_HEADERS) >>> 0;
    const subject = view.getUint16(at + 20, true);
    const data = length - HEADER;
    if (data < 0 || subject > data - CHECKSUM || length > LARGEST || at + length > block.length) {
      return `the record at byte ${at} has an impossible length`;
    }
    const upper = view.getUint32(at + 8, true);
    const sequence = (upper & 0x3fff_ffff) * 0x1_0000_0000 + view.getUint32(at + 4, true);
    if (!isIntact(view, at, length, subject, (raw & HAS_HEADERS) !== 0, hashes)) {
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
  view: DataView,
  at: number,
  length: number,
  subject: number,
  hasHeaders: boolean,
  hashes: Hashes,
): boolean {
  const data = at + HEADER;
  const end = at + length - CHECKSUM;
  hashes.begin();
  hashes.add(at + 4, at + 20);
  // The lengths of subject and headers are the only parts of a record that are not summed up.
  if (hasHeaders) {
    hashes.add(data, data + subject);
    hashes.add(data + subject + 4, end);
  } else {
    hashes.add(data, end);
  }
  return hashes.isSum(view.getUint32(end, true), view.getUint32(end + 4, true));
}
