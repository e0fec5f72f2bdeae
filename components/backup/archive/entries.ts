import { MAGIC } from "./formats";

/** Subjects are shorter; the server refuses longer names. */
const LONGEST_NAME = 1 << 20;
/** No message is larger, nor what a consumer has pending. */
const LARGEST = 64 << 20;
/** Bytes of a number of seven bits each. */
const LONGEST_NUMBER = 10;
const NONE = Buffer.alloc(0);

/** Where the entries of an archive go. */
export interface EntryTarget {
  /** What is no message: the stream's state, or a consumer. */
  entry(name: string, content: Buffer): void;
  /** @param subject - bytes that are there until this returns */
  message(subject: Buffer, sequence: number, headers: number, payload: number): void;
}

/**
 * Reads the archive of nats-server 2.15 as it comes: entries, each with a name, a time, a sequence, the
 * lengths of headers and payload, and those. The last one is empty, so that one can tell its end. Payloads
 * are passed over: nothing in the format sums them up but the compression around it.
 */
export class Entries {
  /** A header that has not come whole. */
  private rest: Buffer = NONE;
  private isBegun = false;
  private isEnded = false;
  /** Bytes of a payload that are still to be passed over. */
  private passing = 0;
  private small: { readonly name: string; readonly content: Buffer } | undefined;
  private filled = 0;
  /** Where the next number begins. */
  private at = 0;

  constructor(private readonly target: EntryTarget) {}

  /** Takes the next bytes, which may be written over afterwards. */
  push(bytes: Buffer): void {
    const data = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    this.rest = NONE;
    let at = this.isBegun ? 0 : this.begin(data);
    while (at < data.length) {
      if (this.passing > 0) {
        const passed = Math.min(this.passing, data.length - at);
        this.passing -= passed;
        at += passed;
      } else if (this.small !== undefined) {
        const copied = data.copy(this.small.content, this.filled, at);
        this.filled += copied;
        at += copied;
        this.finish();
      } else {
        const next = this.header(data, at);
        if (next === undefined) {
          this.rest = Buffer.from(data.subarray(at));
          return;
        }
        at = next;
      }
    }
  }

  /** Says that there are no more bytes, and tells whether the archive was written to its end. */
  end(): boolean {
    if (this.rest.length > 0 || this.passing > 0 || this.small !== undefined) {
      throw new Error("it ends within an entry");
    }
    return this.isEnded;
  }

  private begin(data: Buffer): number {
    if (data.toString("latin1", 0, MAGIC.length) !== MAGIC) {
      throw new Error(`it does not begin with ${MAGIC}`);
    }
    this.isBegun = true;
    return MAGIC.length;
  }

  /** Reads a header and says where it ends; `undefined` where it has not come whole. */
  private header(data: Buffer, start: number): number | undefined {
    if (this.isEnded) {
      throw new Error("it goes on after its end");
    }
    this.at = start;
    const length = this.number(data);
    const time = this.number(data);
    const sequence = this.number(data);
    const headers = this.number(data);
    const payload = this.number(data);
    if (payload < 0) {
      return undefined;
    }
    if (length > LONGEST_NAME || headers + payload > LARGEST) {
      throw new Error("an entry has an impossible length");
    }
    const end = this.at + length;
    if (end > data.length) {
      return undefined;
    }
    if (sequence > 0) {
      this.passing = headers + payload;
      this.target.message(data.subarray(this.at, end), sequence, headers, payload);
    } else if (length === 0 && time === 0 && headers === 0 && payload === 0) {
      this.isEnded = true;
    } else {
      const name = data.toString("utf8", this.at, end);
      this.small = { name, content: Buffer.allocUnsafeSlow(headers + payload) };
      this.filled = 0;
      this.finish();
    }
    return end;
  }

  private finish(): void {
    if (this.small !== undefined && this.filled === this.small.content.length) {
      const { name, content } = this.small;
      this.small = undefined;
      this.target.entry(name, content);
    }
  }

  /** The next number; -1 where it has not come whole, as for every number after it. */
  private number(data: Buffer): number {
    let value = 0;
    let factor = 1;
    for (let index = this.at; index < data.length; index++) {
      const byte = data[index] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.at = index + 1;
        return value;
      }
      factor *= 128;
      if (index - this.at === LONGEST_NUMBER - 1) {
        throw new Error("an entry has an impossible number");
      }
    }
    this.at = data.length;
    return -1;
  }
}
