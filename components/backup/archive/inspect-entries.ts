import type { StreamState } from "../answers";
import type { ConsumerPosition } from "./consumer-state";
import { Entries, type EntryTarget } from "./entries";
import type { ArchivedConsumer, ArchivedFile, FormatReader, Inspection } from "./inspect";
import { Sequences } from "./sequences";
import { Subjects } from "./subjects";

const STATE = "state.json";
const CONSUMER = /^consumers\/(.+)$/;
/** Bytes that a message takes in a file beside its subject, headers and payload; those with headers. */
const RECORD = 30;
const HEADERS = 4;
/** Messages whose subjects are handed on at a time. */
const PIECE = 8192;

interface Pair {
  readonly consumer_seq: number;
  readonly stream_seq: number;
}

interface SavedConsumer {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly state?: {
    readonly delivered: Pair;
    readonly ack_floor: Pair;
    readonly pending?: Readonly<Record<string, unknown>>;
  };
}

/** Reads the archive of nats-server 2.15: the stream's state, its consumers, and its messages in order. */
export class EntriesReader implements FormatReader, EntryTarget {
  readonly what = "the archive";
  private readonly entries = new Entries(this);
  private readonly files: ArchivedFile[] = [];
  private readonly consumers: ArchivedConsumer[] = [];
  private readonly problems: string[] = [];
  private readonly live = new Sequences();
  private readonly subjects = new Subjects();
  private readonly numbers = new Map<string, number>();
  private readonly numbered = new Uint32Array(PIECE);
  private fresh: string[] = [];
  private waiting = 0;
  private last = 0;
  private bytes = 0;
  private state: StreamState | undefined;

  problem(text: string): void {
    this.problems.push(text);
  }

  push(block: Buffer): void {
    this.entries.push(block);
  }

  end(): void {
    if (!this.entries.end()) {
      this.problem("the archive has no end: messages are missing");
    }
  }

  entry(name: string, content: Buffer): void {
    this.files.push({ name, size: content.length });
    const consumer = CONSUMER.exec(name)?.[1];
    if ((name === STATE) !== (this.state === undefined)) {
      throw new Error(`it begins with ${name}, and not with one ${STATE}`);
    }
    if (this.last > 0 || (name !== STATE && consumer === undefined)) {
      throw new Error(`it holds ${name} where a message has to be`);
    }
    if (consumer === undefined) {
      this.state = json<StreamState>(name, content);
      this.stateProblems(this.state);
    } else {
      this.consumer(consumer, json<SavedConsumer>(name, content));
    }
  }

  message(subject: Buffer, sequence: number, headers: number, payload: number): void {
    const { state, last } = this;
    if (state === undefined) {
      throw new Error(`it begins with a message, and not with one ${STATE}`);
    }
    if (subject.length === 0) {
      throw new Error(`the message ${sequence} has no subject`);
    }
    if (sequence <= last) {
      throw new Error(`the message ${sequence} comes after ${last}`);
    }
    if (sequence < state.first_seq || sequence > state.last_seq) {
      throw new Error(
        `the message ${sequence} is none of the stream's, which had ${state.first_seq} to ${state.last_seq}`,
      );
    }
    this.last = sequence;
    this.live.add(sequence);
    this.bytes += RECORD + subject.length + headers + payload + (headers > 0 ? HEADERS : 0);
    if (this.subjects.most > 0) {
      this.numbered[this.waiting] = this.numberOf(subject.toString("utf8"));
      this.waiting += 1;
      if (this.waiting === PIECE) {
        this.handOn();
      }
    }
  }

  result(): Inspection {
    this.handOn();
    const { state } = this;
    if (state === undefined) {
      this.problem(`it does not say what the stream held: ${STATE} is missing`);
    } else if (this.consumers.length !== state.consumer_count && this.problems.length === 0) {
      this.problem(
        `it holds ${this.consumers.length} consumers, and says that there are ${state.consumer_count}`,
      );
    }
    return {
      format: "arc",
      files: this.files,
      records: { live: this.live, subjects: this.subjects, tombstones: new Set() },
      bytes: this.bytes,
      ...(state === undefined ? {} : { state }),
      consumers: this.consumers,
      problems: this.problems,
    };
  }

  private handOn(): void {
    this.subjects.add(this.fresh, this.numbered.subarray(0, this.waiting));
    this.fresh = [];
    this.waiting = 0;
    if (this.subjects.most === 0) {
      this.numbers.clear();
    }
  }

  private numberOf(subject: string): number {
    const known = this.numbers.get(subject);
    if (known !== undefined) {
      return known;
    }
    this.fresh.push(subject);
    this.numbers.set(subject, this.numbers.size);
    return this.numbers.size - 1;
  }

  /** What a server would not restore. */
  private stateProblems({ messages, first_seq: first, last_seq: last }: StreamState): void {
    const numbers = [messages, first, last];
    if (!numbers.every((one) => Number.isInteger(one) && one >= 0) || messages > last - first + 1) {
      throw new Error(`${STATE} has ${messages} messages from sequence ${first} to ${last}`);
    }
  }

  private consumer(name: string, { config, state }: SavedConsumer): void {
    const ackFloor = positionOf(state?.ack_floor);
    const delivered = positionOf(state?.delivered);
    if (config === undefined || ackFloor === undefined || delivered === undefined) {
      this.problem(`the consumer ${name} is incomplete`);
      return;
    }
    const pending = Object.keys(state?.pending ?? {}).length;
    this.consumers.push({ name, config, ackFloor, delivered, pending });
  }
}

function positionOf(pair: Pair | undefined): ConsumerPosition["delivered"] | undefined {
  const { consumer_seq: consumer, stream_seq: stream } = pair ?? {};
  return Number.isInteger(consumer) && Number.isInteger(stream)
    ? { consumer: Number(consumer), stream: Number(stream) }
    : undefined;
}

function json<T extends object>(name: string, content: Buffer): T {
  try {
    const value: unknown = JSON.parse(content.toString("utf8"));
    if (typeof value === "object" && value !== null) {
      return value as T;
    }
  } catch {
    // Said below, as of what is no object.
  }
  throw new Error(`${name} is no JSON`);
}
