import { crc32c } from "@node-rs/crc32";
import { BlockRoom, BrokenS2, decodeBlock } from "./s2-block";

const COMPRESSED = 0x00;
const PLAIN = 0x01;
const FIRST_SKIPPABLE = 0x80;
const IDENTIFIER = 0xff;
const NAMES: ReadonlySet<string> = new Set(["S2sTwO", "sNaPpY"]);

/** Decodes a framed S2 stream chunk by chunk, and holds every chunk against its checksum. */
export class S2Frames {
  private rest: Buffer[] = [];
  private held = 0;
  private isIdentified = false;
  private readonly frames = new BlockRoom();
  private readonly blocks = new BlockRoom();

  /**
   * Takes the next bytes of the stream, and gives the blocks that they complete, each of which is
   * there until the next one is asked for.
   */
  *push(bytes: Buffer): Generator<Buffer> {
    this.rest.push(bytes);
    this.held += bytes.length;
    for (;;) {
      const header = this.peek(4);
      if (header === undefined) {
        return;
      }
      const size = header.readUIntLE(1, 3);
      if (this.held < 4 + size) {
        return;
      }
      const frame = this.take(4 + size);
      const block = this.decode(frame[0] ?? 0, frame.subarray(4));
      if (block !== undefined) {
        yield block;
      }
    }
  }

  /** Says that there are no more bytes. */
  end(): void {
    if (this.held > 0) {
      throw new BrokenS2("the last chunk is cut off");
    }
    if (!this.isIdentified) {
      throw new BrokenS2("there is nothing in it");
    }
  }

  private decode(type: number, body: Buffer): Buffer | undefined {
    if (type === IDENTIFIER) {
      if (!NAMES.has(body.toString("latin1"))) {
        throw new BrokenS2("it does not begin as an S2 stream does");
      }
      this.isIdentified = true;
      return undefined;
    }
    if (!this.isIdentified) {
      throw new BrokenS2("it does not begin as an S2 stream does");
    }
    if (type !== COMPRESSED && type !== PLAIN) {
      if (type < FIRST_SKIPPABLE) {
        throw new BrokenS2(`it holds a chunk of unknown type ${type}`);
      }
      return undefined;
    }
    if (body.length < 4) {
      throw new BrokenS2("a chunk is too short for its checksum");
    }
    const data = body.subarray(4);
    const block = type === PLAIN ? data : decodeBlock(data, this.blocks);
    if (masked(crc32c(block)) !== body.readUInt32LE(0)) {
      throw new BrokenS2("the checksum of a chunk does not agree with its content");
    }
    return block;
  }

  /** The next bytes, without taking them; `undefined` where there are not enough. */
  private peek(count: number): Buffer | undefined {
    if (this.held < count) {
      return undefined;
    }
    const [first] = this.rest;
    return first !== undefined && first.length >= count ? first : this.copied(count);
  }

  private take(count: number): Buffer {
    const [first] = this.rest;
    const isWhole = first !== undefined && first.length >= count;
    const taken = isWhole ? first.subarray(0, count) : this.copied(count);
    let left = count;
    while (left > 0) {
      const next = this.rest[0] ?? Buffer.alloc(0);
      if (next.length > left) {
        this.rest[0] = next.subarray(left);
        break;
      }
      left -= next.length;
      this.rest.shift();
    }
    this.held -= count;
    return taken;
  }

  private copied(count: number): Buffer {
    const copy = this.frames.of(count);
    let at = 0;
    for (const part of this.rest) {
      at += part.copy(copy, at);
      if (at === count) {
        break;
      }
    }
    return copy;
  }
}

/** Checksums are masked, so that data which holds checksums is no trouble for them. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
