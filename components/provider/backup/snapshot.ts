import { createInbox, type Msg, type NatsConnection } from "nats";
import type { StreamDescription } from "../../backup/layout";
import { UserError } from "../../user-error";
import { ApiError, untilDone } from "../faults";
import { plainWayOf } from "../plain-way";
import { askApi } from "./ask-api";
import { Bell } from "./bell";
import { type End, PlainReceiver } from "./plain-receiver";

/** What the servers send where nothing else is asked for. */
const CHUNK = 128 << 10;
/**
 * The same through the client. Smaller than what a socket gives at a time: the client copies a message that
 * comes in two pieces three times. Chunks of 128 KiB take no less time, and 40 MiB more memory.
 */
const CLIENT_CHUNK = 32 << 10;
/** A stream has one snapshot at a time: another backup of it is waited for. */
const PATIENCE = 60_000;
const ASK_TIMEOUT = 10_000;
/** The server sends without a pause; silence means that it, or the way to it, is gone. */
const SILENCE = 10_000;
/** The server's status for a receiver that acknowledged nothing for two seconds. */
const GIVEN_UP = 408;

/** A snapshot that has begun: what the stream is, and its archive as it comes. */
export interface Snapshot extends StreamDescription {
  readonly chunks: AsyncIterable<Buffer>;
}

/**
 * The server gave a snapshot up because nothing was acknowledged in time: this machine, its disk or
 * the network stood still for a moment. The stream is well, and another snapshot of it may begin.
 */
export class GivenUp extends UserError {
  constructor(stream: string, words: string) {
    super(
      `the backup of ${stream} broke off: the server says "${words}", because this machine or the network took nothing for two seconds; run it again when less goes on here.`,
    );
    this.name = "GivenUp";
  }
}

/** What receives the chunks, before they are asked for. */
interface Receiver {
  readonly chunk: number;
  /** The chunks, until one of them says how it ended; ends without a word where nothing comes any more. */
  chunks(): AsyncGenerator<Buffer | End>;
  close(): void;
}

/** Asks the leader of a stream for a snapshot. The caller has to read the chunks to their end. */
export async function beginSnapshot(
  connection: NatsConnection,
  stream: string,
  { withConsumers, signal }: { readonly withConsumers: boolean; readonly signal: AbortSignal },
): Promise<Snapshot> {
  const inbox = createInbox();
  // The server looks for interest before it answers.
  const receiver = (await plainly(connection, inbox)) ?? (await byClient(connection, inbox));
  const largest = connection.info?.max_payload ?? receiver.chunk * 2;
  const question = {
    deliver_subject: inbox,
    no_consumers: !withConsumers,
    chunk_size: Math.min(receiver.chunk, Math.floor(largest / 2)),
    // A check of all blocks that fails leaves the stream unable to be backed up until a restart.
    jsck: false,
  };
  try {
    const asking = untilDone(Date.now() + PATIENCE, async () => {
      signal.throwIfAborted();
      const subject = `$JS.API.STREAM.SNAPSHOT.${stream}`;
      return askApi<StreamDescription>(connection, subject, question, ASK_TIMEOUT);
    });
    const { config, state } = await unlessAborted(signal, asking);
    return { config, state, chunks: chunksOf(stream, receiver) };
  } catch (error) {
    receiver.close();
    throw error instanceof ApiError
      ? new UserError(`${stream} cannot be backed up: the server says "${error.description}".`)
      : error;
  }
}

/** The same, and an end of the wait for it as soon as nobody wants it any more. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // What it comes to after that is nobody's business.
    work.catch(() => undefined);
  }
}

async function* chunksOf(stream: string, receiver: Receiver): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of receiver.chunks()) {
      if (Buffer.isBuffer(chunk)) {
        yield chunk;
        continue;
      }
      const { code, description } = chunk;
      if (code === GIVEN_UP) {
        throw new GivenUp(stream, `${code} ${description}`);
      }
      if (code !== 0 && code !== 204) {
        throw new UserError(
          `the backup of ${stream} broke off: the server says "${code} ${description}"; run it again.`,
        );
      }
      return;
    }
    throw new UserError(
      `the backup of ${stream} broke off: nothing came for ${SILENCE / 1000} s; the leader of the stream is gone, or the way to it. Run it again.`,
    );
  } finally {
    receiver.close();
  }
}

/** Receives on a connection of its own, where one like the client's can be made. */
async function plainly(connection: NatsConnection, inbox: string): Promise<Receiver | undefined> {
  const way = plainWayOf(connection);
  const receiver = way === undefined ? undefined : await PlainReceiver.open(way, inbox);
  return receiver === undefined
    ? undefined
    : { chunk: CHUNK, chunks: () => receiver.chunks(SILENCE), close: () => receiver.close() };
}

async function byClient(connection: NatsConnection, inbox: string): Promise<Receiver> {
  const queue = new ChunkQueue();
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => (error === null ? queue.put(message) : queue.fail(error)),
  });
  await connection.flush();
  return {
    chunk: CLIENT_CHUNK,
    async *chunks() {
      for (let message = await queue.take(); message !== undefined; message = await queue.take()) {
        if (message.data.length === 0) {
          const { code = 0, description = "" } = message.headers ?? {};
          yield { code, description };
          return;
        }
        // Acknowledged when it is taken, so that no more than the server's window of 8 MiB waits here.
        message.respond();
        yield Buffer.from(message.data.buffer, message.data.byteOffset, message.data.byteLength);
      }
    },
    close: () => subscription.unsubscribe(),
  };
}

/** Messages that came and were not taken yet. */
class ChunkQueue {
  private readonly waiting: Msg[] = [];
  private error: Error | undefined;
  private readonly bell = new Bell();

  put(message: Msg): void {
    this.waiting.push(message);
    this.bell.ring();
  }

  fail(error: Error): void {
    this.error = error;
    this.bell.ring();
  }

  /** The next message; nothing where none comes in time. */
  async take(): Promise<Msg | undefined> {
    // Two looks: after this process itself stood still its clock is read before its network is.
    for (let look = 0; look < 2 && this.waiting.length === 0 && this.error === undefined; look++) {
      await this.bell.heard(SILENCE / 2);
    }
    if (this.error !== undefined) {
      throw this.error;
    }
    return this.waiting.shift();
  }
}
