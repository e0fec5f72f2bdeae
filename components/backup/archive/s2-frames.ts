import { crc32c } from "@node-rs/crc32";
import { BrokenS2, S2Blocks } from "./s2-block";

const COMPRESSED = 0x00;
const PLAIN = 0x01;
const FIRST_SKIPPABLE = 0x80;
const IDENTIFIER = 0xff;
const NAMES: ReadonlySet<string> = new Set(["S2sTwO", "sNaPpY"]);

const HEADER = 4;

/**
 * Decodes a framed S2 stream piece by piece, and holds every chunk against its checksum. Nothing of
 * a piece is kept where it is.
 */
export class S2Frames {
  private readonly header = Buffer.alloc(HEADER);
  private headed = 0;
  private body: Buffer | undefined;
  private filled = 0;
  private isIdentified = false;
  private readonly blocks = new S2Blocks();

  /**
   * Takes the next bytes of the stream, and gives the blocks that they complete, each of which is
   * there until the next one is asked for.
   */
  *push(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      if (this.body === undefined) {
        const copied = bytes.copy(this.header, this.headed, at);
        this.headed += copied;
        at += copied;
        if (this.headed < HEADER) {
          return;
        }
        this.body = this.blocks.room(this.header.readUIntLE(1, 3));
        this.filled = 0;
      }
      const copied = bytes.copy(this.body, this.filled, at);
      this.filled += copied;
      at += copied;
      if (this.filled === this.body.length) {
        const block = this.decode(this.header[0] ?? 0, this.body);
        this.headed = 0;
        this.body = undefined;
        if (block !== undefined) {
          yield block;
        }
      }
    }
  }

  /** Says that there are no more bytes. */
  end(): void {
    if (this.headed > 0) {
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
    const block = type === PLAIN ? data : this.blocks.decode(data);
    if (masked(crc32c(block)) !== body.readUInt32LE(0)) {
      throw new BrokenS2("the checksum of a chunk does not agree with its content");
    }
    return block;
  }
}

/** Checksums are masked, so that data which holds checksums is no trouble for them. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
