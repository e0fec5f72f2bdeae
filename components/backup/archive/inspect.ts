import { BUCKET_PREFIX } from "../../jetstream/names";
import type { StreamState } from "../answers";
import { type ConsumerPosition, readPosition } from "./consumer-state";
import { type ArchiveFormat, MAGIC } from "./formats";
import { Hashes, sumOf } from "./hashes";
import { EntriesReader } from "./inspect-entries";
import { type Records, walkRecords } from "./records";
import { BrokenS2 } from "./s2-block";
import { S2Frames } from "./s2-frames";
import { Sequences } from "./sequences";
import { Subjects } from "./subjects";
import { TarFiles, type TarTarget } from "./tar-files";

/** A file of the archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly size: number;
}

/** A consumer of the archive. */
export interface ArchivedConsumer extends ConsumerPosition {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What an archive of a stream holds, and everything that is wrong with it. */
export interface Inspection {
  readonly format: ArchiveFormat;
  /** The stream, and its configuration; nothing where the format does not say it. */
  readonly stream?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly files: readonly ArchivedFile[];
  readonly records: Records;
  /** What the messages take in a store of files, and the state they are of; of an archive of messages. */
  readonly bytes?: number;
  readonly state?: StreamState;
  readonly consumers: readonly ArchivedConsumer[];
  readonly problems: readonly string[];
}

const BLOCK = /^msgs\/(\d+)\.blk$/;
/** Descriptions and positions are smaller, and are kept; message blocks are not. */
const SMALL = 1 << 20;

/** What reads an archive of one format, as it comes. */
export interface FormatReader {
  /** What is broken where its shape is. */
  readonly what: string;
  push(block: Buffer): void;
  /** Says that there are no more bytes. */
  end(): void;
  problem(text: string): void;
  result(): Inspection;
}

/**
 * Reads an archive once, from its first byte to its last: checksums of the compression, the shape
 * of what is in it, and of a tar the checksums of every record and of every description, and the
 * server's own note of what it could not save. Nothing is kept but what is counted.
 */
export async function inspectArchive(chunks: AsyncIterable<Buffer>): Promise<Inspection> {
  const frames = new S2Frames();
  let reader: FormatReader | undefined;
  let begin: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of chunks) {
      for (const block of frames.push(chunk)) {
        if (reader !== undefined) {
          reader.push(block);
          continue;
        }
        begin = Buffer.concat([begin, block]);
        if (begin.length >= MAGIC.length) {
          reader = readerOf(begin);
          reader.push(begin);
        }
      }
    }
    frames.end();
    reader ??= readerOf(begin);
    reader.end();
  } catch (error) {
    reader ??= readerOf(begin);
    reader.problem(
      error instanceof BrokenS2
        ? `the compression is broken: ${error.message}`
        : `${reader.what} is broken: ${(error as Error).message}`,
    );
  }
  return reader.result();
}

function readerOf(begin: Buffer): FormatReader {
  return begin.toString("latin1", 0, MAGIC.length) === MAGIC
    ? new EntriesReader()
    : new TarReader(new Hashes());
}

class TarReader implements FormatReader, TarTarget {
  readonly what = "the tar";
  private readonly tar = new TarFiles(this);
  private readonly files: ArchivedFile[] = [];
  private readonly consumers = new Map<string, Partial<Record<"meta" | "sum" | "state", Buffer>>>();
  private readonly records: Records = {
    live: new Sequences(),
    subjects: new Subjects(),
    tombstones: new Set(),
  };
  private readonly problems: string[] = [];
  private readonly described: ArchivedConsumer[] = [];
  private config: Readonly<Record<string, unknown>> | undefined;
  private meta: Buffer | undefined;
  private hasSum = false;

  constructor(private readonly hashes: Hashes) {}

  problem(text: string): void {
    this.problems.push(text);
  }

  push(block: Buffer): void {
    this.tar.push(block);
  }

  end(): void {
    if (!this.tar.end()) {
      this.problem("the tar has no end: files are missing");
    }
  }

  /** Blocks are read where they are summed up, and what else is large is only counted. */
  room(name: string, size: number): Buffer {
    return BLOCK.test(name) || size >= SMALL
      ? this.hashes.room(size)
      : Buffer.allocUnsafeSlow(size);
  }

  file(name: string, content: Buffer): void {
    const size = content.length;
    this.files.push({ name, size });
    const block = BLOCK.exec(name)?.[1];
    const [, consumer, part] = /^obs\/([^/]+)\/(meta\.inf|meta\.sum|o\.dat)$/.exec(name) ?? [];
    if (name === "errors.txt") {
      this.problem(`the server could not save all of it: "${content.toString("utf8").trim()}"`);
    } else if (name === "meta.inf") {
      this.meta = content;
      this.config = this.json(name, content);
    } else if (name === "meta.sum") {
      this.hasSum = true;
      this.checkSum(name, this.stream ?? "", this.meta, content);
    } else if (block !== undefined) {
      this.block(name, block, size);
    } else if (consumer !== undefined) {
      this.consumerPart(consumer, part ?? "", content);
    } else if (name !== "msgs/index.db") {
      this.problem(`it holds ${name}, which is no file of a stream`);
    }
  }

  result(): Inspection {
    if (this.meta === undefined) {
      this.problem("it does not say which stream it is: meta.inf is missing");
    } else if (!this.hasSum) {
      this.problem("meta.inf has no checksum: meta.sum is missing");
    }
    for (const [name, { meta, sum, state }] of this.consumers) {
      if (meta === undefined || sum === undefined || state === undefined) {
        this.problem(`the consumer ${name} is incomplete`);
      }
    }
    return {
      format: "tar",
      ...(this.stream === undefined ? {} : { stream: this.stream }),
      ...(this.config === undefined ? {} : { config: this.config }),
      files: this.files,
      records: this.records,
      consumers: this.described,
      problems: this.problems,
    };
  }

  private get stream(): string | undefined {
    return typeof this.config?.name === "string" ? this.config.name : undefined;
  }

  private block(name: string, index: string, size: number): void {
    this.hashes.name(`${this.stream ?? ""}-${index}`);
    const trouble = walkRecords(size, this.hashes, this.records);
    if (trouble !== undefined) {
      this.problem(`${name} is damaged: ${trouble}`);
    }
  }

  /** The three files of a consumer come one after the other. */
  private consumerPart(name: string, part: string, content: Buffer): void {
    const known = this.consumers.get(name) ?? {};
    this.consumers.set(name, known);
    if (part === "meta.inf") {
      known.meta = content;
    } else if (part === "meta.sum") {
      known.sum = content;
      this.checkSum(`obs/${name}/meta.sum`, `${this.stream}/${name}`, known.meta, content);
    } else {
      known.state = content;
      const position = readPosition(content);
      if (position === undefined) {
        this.problem(`the position of the consumer ${name} cannot be read`);
      } else {
        const config = this.json(`obs/${name}/meta.inf`, known.meta ?? Buffer.from("{}")) ?? {};
        this.described.push({ name, config, ...position });
      }
    }
  }

  private checkSum(name: string, key: string, content: Buffer | undefined, sum: Buffer): void {
    const found = sumOf(this.hashes, key, content ?? Buffer.alloc(0)).toString("hex");
    if (content === undefined || found !== sum.toString("utf8").trim()) {
      this.problem(`${name} does not agree with what it sums up`);
    }
  }

  private json(name: string, content: Buffer): Readonly<Record<string, unknown>> | undefined {
    try {
      return JSON.parse(content.toString("utf8")) as Readonly<Record<string, unknown>>;
    } catch {
      this.problem(`${name} is no JSON`);
      return undefined;
    }
  }
}

/** Whether a stream is that of a bucket. */
export function isBucket(stream: string): boolean {
  return stream.startsWith(BUCKET_PREFIX);
}
