import { createHash } from "node:crypto";
import { RECORDS_PROGRAM } from "./records-program";

/** The compiled program. What it reads and writes are places in its memory. */
interface Program {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  rekey(): void;
  sum(start: number, end: number): bigint;
  give(start: number, end: number): void;
  left(): number;
  walk(start: number, end: number, mostSubjects: number): number;
}

// The types of Node leave it out.
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const PAGE = 1 << 16;
const SUM = 8;
/** The layout of records.as.ts. */
const PIECE = 8192;
const KEY = 0;
const COUNTS = 128;
const SEQUENCE = 152;
const RUN_LIST = 1024;
const NUMBER_LIST = RUN_LIST + PIECE * 16;
const TOMBSTONE_LIST = NUMBER_LIST + PIECE * 4;
const SUBJECT_LIST = TOMBSTONE_LIST + PIECE * 8;
const TABLE = SUBJECT_LIST + PIECE * 4;
const END = TABLE + (1 << 18) * 8;
/** What is given for subjects at a time, and the most that one takes. */
const SUBJECTS = 4 * PAGE;
const LONGEST = PAGE + 8;

const DONE = 0;
const MORE = 1;
const CUT_OFF = 2;
const IMPOSSIBLE = 3;

/** Records of one piece of a block, and how it ended. They are there until the next piece is asked for. */
export interface Piece {
  /** Sequences of messages: first and last of each run. */
  readonly runs: Float64Array;
  /** A number for each message's subject, in order; none where subjects are not wanted. */
  readonly numbers: Uint32Array;
  /** The subjects with the next numbers. */
  readonly subjects: readonly string[];
  readonly tombstones: Float64Array;
  /** What is wrong after these records; nothing is looked at behind it. */
  readonly trouble?: string;
}

let compiled: object | undefined;

/**
 * HighwayHash as nats-server sums up what it stores, keyed by the name of what is stored, and the records of
 * message blocks. An archive has a record for every message, so that what is done for each is compiled.
 */
export class Hashes {
  private readonly program: Program;
  private start = 0;
  private size = 0;

  /** A memory of one's own: subjects are numbered for one archive. */
  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(RECORDS_PROGRAM, "base64"));
    this.program = new WebAssembly.Instance(compiled).exports as Program;
    // Memory that nobody touches is none.
    this.more(END);
  }

  /** Room for what is to be summed up. It is the same room each time: what was in it is gone. */
  room(size: number): Buffer {
    if (size > this.size) {
      this.size = Math.ceil(size / PAGE) * PAGE;
      this.start = this.more(this.size);
    }
    return Buffer.from(this.program.memory.buffer, this.start, size);
  }

  /** Says what the next sums are of: a stream, `stream/consumer`, or `stream-block`. */
  name(name: string): void {
    const key = createHash("sha256").update(name).digest();
    new Uint8Array(this.program.memory.buffer).set(key, KEY);
    this.program.rekey();
  }

  /** The sum of what was put into the room. */
  sum(size: number): Buffer {
    const sum = Buffer.alloc(SUM);
    sum.writeBigUInt64LE(BigInt.asUintN(64, this.program.sum(this.start, this.start + size)));
    return sum;
  }

  /**
   * The records of the block that was put into the room, piece by piece.
   *
   * @param mostSubjects - that are told apart, as known before each piece; at none there are no numbers
   */
  *records(size: number, mostSubjects: () => number): Generator<Piece> {
    const end = this.start + size;
    let how = MORE;
    for (let at = this.start; how === MORE; ) {
      if (this.program.left() < LONGEST) {
        const given = this.more(SUBJECTS);
        this.program.give(given, given + SUBJECTS);
      }
      how = this.program.walk(at, end, mostSubjects());
      const { buffer } = this.program.memory;
      const [reached = end, runs = 0, numbers = 0, tombstones = 0, subjects = 0] = new Uint32Array(
        buffer,
        COUNTS,
        5,
      );
      at = reached;
      yield {
        runs: new Float64Array(buffer, RUN_LIST, 2 * runs),
        numbers: new Uint32Array(buffer, NUMBER_LIST, numbers),
        subjects: Array.from(new Uint32Array(buffer, SUBJECT_LIST, subjects), (place) =>
          this.text(place),
        ),
        tombstones: new Float64Array(buffer, TOMBSTONE_LIST, tombstones),
        ...(how === DONE || how === MORE ? {} : { trouble: this.trouble(how, at, end) }),
      };
    }
  }

  private trouble(how: number, at: number, end: number): string {
    const place = at - this.start;
    if (how === CUT_OFF) {
      return `its last record is cut off after ${end - this.start} bytes`;
    }
    if (how === IMPOSSIBLE) {
      return `the record at byte ${place} has an impossible length`;
    }
    const [sequence] = new Float64Array(this.program.memory.buffer, SEQUENCE, 1);
    return `the checksum of the record at byte ${place} (sequence ${sequence}) does not agree with it`;
  }

  /** A subject as it is kept: its length, and its bytes. */
  private text(place: number): string {
    const memory = Buffer.from(this.program.memory.buffer);
    return memory.toString("utf8", place + 4, place + 4 + memory.readUInt32LE(place));
  }

  /** More memory, behind what there is. */
  private more(size: number): number {
    return this.program.memory.grow(Math.ceil(size / PAGE)) * PAGE;
  }
}

/** The sum of something small, under one name. */
export function sumOf(hashes: Hashes, name: string, content: Uint8Array): Buffer {
  hashes.room(content.length).set(content);
  hashes.name(name);
  return hashes.sum(content.length);
}
