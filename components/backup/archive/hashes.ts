import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** The compiled hash. What it reads and writes are places in its memory. */
interface Program {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  new_hasher(key: number, keyLength: number, slot: number): number;
  append(data: number, length: number, slot: number): void;
  finalize64(result: number, slot: number): void;
}

// The types of Node leave it out.
declare const WebAssembly: {
  compile(code: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: unknown }>;
};

const PAGE = 1 << 16;
const KEY = 32;
const SUM = 8;
const SLOT = 0;

let compiled: Promise<object> | undefined;

/**
 * HighwayHash as nats-server sums up what it stores, keyed by the name of what is stored. An archive
 * has a record for every message, and the package's own functions copy each part of it and make four
 * objects of it; here a whole block of messages is put where the hash reads it.
 */
export class Hashes {
  private readonly key: number;
  private readonly sum: number;
  private readonly start: number;
  private end: number;
  private view: DataView<ArrayBuffer>;

  private constructor(private readonly program: Program) {
    this.key = program.memory.grow(1) * PAGE;
    this.sum = this.key + KEY;
    this.start = this.key + PAGE;
    this.end = this.start;
    this.view = new DataView(program.memory.buffer);
  }

  /** A memory of one's own: who reads two archives at a time needs two. */
  static async load(): Promise<Hashes> {
    compiled ??= readFile(require.resolve("highwayhasher/simd.wasm")).then(WebAssembly.compile);
    const { exports } = await WebAssembly.instantiate(await compiled, { wbg: {} });
    return new Hashes(exports as Program);
  }

  /** Room for what is to be summed up. It is the same room each time: what was in it is gone. */
  room(size: number): Buffer {
    const missing = this.start + size - this.end;
    if (missing > 0) {
      const pages = Math.ceil(missing / PAGE);
      if (this.program.memory.grow(pages) * PAGE !== this.end) {
        throw new Error("the hash took memory for itself");
      }
      this.end += pages * PAGE;
    }
    return Buffer.from(this.program.memory.buffer, this.start, size);
  }

  /** Says what the next sums are of: a stream, `stream/consumer`, or `stream-block`. */
  name(name: string): void {
    const key = createHash("sha256").update(name).digest();
    new Uint8Array(this.program.memory.buffer).set(key, this.key);
  }

  /** Begins a sum. */
  begin(): void {
    this.program.new_hasher(this.key, KEY, SLOT);
  }

  /** Adds a part of the room to the sum. */
  add(start: number, end: number): void {
    this.program.append(this.start + start, end - start, SLOT);
  }

  /** Ends the sum. */
  finish(): Buffer {
    this.program.finalize64(this.sum, SLOT);
    return Buffer.from(new Uint8Array(this.program.memory.buffer, this.sum, SUM));
  }

  /** Ends the sum, and tells whether it is the one that was noted, given in halves. */
  isSum(low: number, high: number): boolean {
    this.program.finalize64(this.sum, SLOT);
    const memory = this.memory();
    return (
      memory.getUint32(this.sum, true) === low && memory.getUint32(this.sum + 4, true) === high
    );
  }

  /** The memory as it is now: one that has grown is another buffer. */
  private memory(): DataView {
    if (this.view.buffer !== this.program.memory.buffer) {
      this.view = new DataView(this.program.memory.buffer);
    }
    return this.view;
  }
}

/** The sum of something small, under one name. */
export function sumOf(hashes: Hashes, name: string, content: Uint8Array): Buffer {
  hashes.room(content.length).set(content);
  hashes.name(name);
  hashes.begin();
  hashes.add(0, content.length);
  return hashes.finish();
}
