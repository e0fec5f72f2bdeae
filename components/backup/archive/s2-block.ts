import { S2_PROGRAM } from "./s2-program";

/** The compressed data is not what an S2 encoder writes. */
export class BrokenS2 extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "BrokenS2";
  }
}

/** Largest block of the format. */
const MAX_BLOCK = 4 << 20;
/** Bytes that are copied at a time: behind what is read and written there is room for that many. */
const WORD = 16;
const PAGE = 1 << 16;
/** The compressed block lies behind the largest one that may come of it. */
const SOURCE = MAX_BLOCK + PAGE;
/** What the program answers instead of a length. */
const WRONG: Readonly<Record<number, string>> = {
  [-1]: "a literal runs over the end of its block",
  [-2]: "a copy leads out of its block",
};

/** The compiled decoder. What it reads and writes are places in its memory. */
interface Program {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  decode(start: number, end: number, target: number, targetEnd: number): number;
}

// The types of Node leave it out.
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

let compiled: object | undefined;

/**
 * Decodes S2 blocks, one after the other: Snappy's literals and copies, and S2's copies that repeat the
 * last offset. It is compiled, because most of the time that a check takes is spent here.
 */
export class S2Blocks {
  private readonly program: Program;
  private end = SOURCE;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(S2_PROGRAM, "base64"));
    this.program = new WebAssembly.Instance(compiled).exports as Program;
    // Memory that nobody touches is none.
    this.program.memory.grow(SOURCE / PAGE);
  }

  /** Room for what is decoded next. It is the same room each time: what was in it is gone. */
  room(size: number): Buffer {
    const missing = SOURCE + size + WORD - this.end;
    if (missing > 0) {
      const pages = Math.ceil(missing / PAGE);
      this.program.memory.grow(pages);
      this.end += pages * PAGE;
    }
    return Buffer.from(this.program.memory.buffer, SOURCE, size);
  }

  /** Decodes a block that is a part of the room. It is there until the next one is decoded. */
  decode(block: Buffer): Buffer {
    const { value: length, next } = readUvarint(block, 0);
    if (length > MAX_BLOCK) {
      throw new BrokenS2(`a block of ${length} bytes is larger than the format allows`);
    }
    const start = block.byteOffset;
    const written = this.program.decode(start + next, start + block.length, 0, length);
    if (written !== length) {
      throw new BrokenS2(WRONG[written] ?? `a block ends after ${written} of ${length} bytes`);
    }
    return Buffer.from(this.program.memory.buffer, 0, length);
  }
}

/** Reads a length of seven bits a byte. */
export function readUvarint(
  source: Uint8Array,
  start: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  let factor = 1;
  for (let index = start; index < start + 10; index++) {
    const byte = source[index];
    if (byte === undefined) {
      break;
    }
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      return { value, next: index + 1 };
    }
    factor *= 128;
  }
  throw new BrokenS2("a length is cut off");
}
