const RECORD = 512;
const NAME = 100;
const SIZE = { at: 124, length: 12 };
const SUM = { at: 148, length: 8 };
const TYPE = 156;
const PREFIX = { at: 345, length: 155 };
/** The kinds of entries: files, and what the PAX format says of the next one or of all. */
const FILE = ["0", "\0"];
const ABOUT_NEXT = "x";
const ABOUT_ALL = "g";
/** What is said about a file is a few lines. */
const MOST_ABOUT = 1 << 20;

/** Where the files of a tar go. */
export interface TarTarget {
  /** Room for a file, which is filled before the next one is asked for. */
  room(name: string, size: number): Buffer;
  file(name: string, content: Buffer): void;
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

/**
 * Reads a tar as it comes, and puts each file where it is wanted: no other copy is made of it, and
 * nothing is awaited, so that the bytes it is given may be written over afterwards. It refuses what
 * nats-server does not write: a reader that passes over what it does not know, as those on npm do,
 * would call a damaged backup whole, and those keep the bytes they are given.
 */
export class TarFiles {
  private readonly header = Buffer.alloc(RECORD);
  private headed = 0;
  private entry: Entry | undefined;
  private filled = 0;
  private padding = 0;
  private about: ReadonlyMap<string, string> = new Map();
  private zeros = 0;

  constructor(private readonly target: TarTarget) {}

  /** Takes the next bytes. */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.padding > 0) {
        const skipped = Math.min(this.padding, bytes.length - at);
        this.padding -= skipped;
        at += skipped;
      } else if (this.entry === undefined) {
        const copied = bytes.copy(this.header, this.headed, at);
        this.headed += copied;
        at += copied;
        if (this.headed === RECORD) {
          this.headed = 0;
          this.begin();
        }
      } else {
        const copied = bytes.copy(this.entry.content, this.filled, at);
        this.filled += copied;
        at += copied;
        this.finish(this.entry);
      }
    }
  }

  /** Says that there are no more bytes, and tells whether the tar was written to its end. */
  end(): boolean {
    if (this.entry !== undefined || this.padding > 0 || this.headed > 0) {
      throw new Error("it ends within a file");
    }
    return this.zeros >= 2;
  }

  private begin(): void {
    if (this.header.every((byte) => byte === 0)) {
      this.zeros += 1;
      return;
    }
    if (this.zeros > 0) {
      throw new Error("it goes on after its end");
    }
    const type = String.fromCharCode(this.header[TYPE] ?? 0);
    const isAbout = type === ABOUT_NEXT || type === ABOUT_ALL;
    if (!isAbout && !FILE.includes(type)) {
      throw new Error(`it holds an entry of type "${type}", which is no file`);
    }
    if (octal(this.header, SUM) !== sumOf(this.header)) {
      throw new Error("the checksum of an entry does not agree with it");
    }
    const size = isAbout ? octal(this.header, SIZE) : this.said("size", octal(this.header, SIZE));
    const name = this.about.get("path") ?? headerName(this.header);
    if (isAbout && size > MOST_ABOUT) {
      throw new Error(`it says ${size} bytes about one file`);
    }
    const content = isAbout ? Buffer.alloc(size) : this.target.room(name, size);
    this.entry = { name, type, content };
    this.filled = 0;
    this.finish(this.entry);
  }

  private finish({ name, type, content }: Entry): void {
    if (this.filled < content.length) {
      return;
    }
    this.entry = undefined;
    this.padding = (RECORD - (content.length % RECORD)) % RECORD;
    if (type === ABOUT_NEXT) {
      this.about = linesOf(content);
    } else if (type !== ABOUT_ALL) {
      this.about = new Map();
      this.target.file(name, content);
    }
  }

  private said(what: string, otherwise: number): number {
    const value = this.about.get(what);
    return value === undefined ? otherwise : Number(value);
  }
}

function text(header: Buffer, at: number, length: number): string {
  return header.toString("utf8", at, at + length).replace(/\0.*$/s, "");
}

function headerName(header: Buffer): string {
  const prefix = text(header, PREFIX.at, PREFIX.length);
  const name = text(header, 0, NAME);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function octal(header: Buffer, { at, length }: { readonly at: number; readonly length: number }) {
  const digits = text(header, at, length).trim();
  if (!/^[0-7]+$/.test(digits)) {
    throw new Error(`an entry has the size or checksum "${digits}"`);
  }
  return Number.parseInt(digits, 8);
}

/** The sum of a header's bytes, its own place counted as spaces. */
function sumOf(header: Buffer): number {
  return header.reduce((sum, byte, index) => sum + (isOfSum(index) ? 0x20 : byte), 0);
}

function isOfSum(index: number): boolean {
  return index >= SUM.at && index < SUM.at + SUM.length;
}

/** The lines of a PAX entry: `<length of the line> <key>=<value>`. */
function linesOf(content: Buffer): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.toString("latin1", at, at + 8), 10);
    const line = content.toString("utf8", at, at + length);
    const [, key, value] = /^\d+ ([^=]+)=(.*)\n$/s.exec(line) ?? [];
    if (key === undefined || value === undefined) {
      throw new Error("what it says about a file cannot be read");
    }
    lines.set(key, value);
    at += length;
  }
  return lines;
}
