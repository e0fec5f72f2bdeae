import { createReadStream } from "node:fs";
import { errors, type Msg, type NatsConnection } from "nats";
import type { StreamDescription } from "../../backup/layout";
import { UserError } from "../../user-error";
import { ApiError, isApiError, isNoResponders, untilDone } from "../faults";
import { askApi } from "./ask-api";
import { deleteLive, findLive } from "./live";

/** Every chunk is a request. Two MiB on their way is what a slow network carries within the time limit. */
const CHUNK = 512 << 10;
/** Chunks on their way at a time. The server takes them in order; it only has to have the next one. */
const WINDOW = 4;
const CHUNK_TIMEOUT = 10_000;
/** The server unpacks everything before it answers the last one. */
const END_TIMEOUT = 600_000;
/** How often an archive is sent whose receiver stops listening. */
const ATTEMPTS = 3;
const BEGIN_PATIENCE = 30_000;
const BEGIN_TIMEOUT = 10_000;
const ROOM_PATIENCE = 6_000;
const ROOM_PAUSE = 500;
/** Name in use, cannot restore: a restore of it is under way, or was left half done. */
export const NAME_IN_USE = 10_130;
/**
 * A server gives a restore up five seconds after the last chunk, and a busy one some seconds later.
 * Its report of that ends whatever has the name then and is younger than five seconds.
 */
const STALLED = 10_000;
/** Seen once of 2.10.29 on a very busy machine; what it made is removed like anything half restored. */
const MADE_INSTEAD =
  "the server answered as if it had made the stream, instead of receiving what was saved";

/** What a restore is told, and tells. */
export interface RestoreOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
}

/**
 * Sends an archive to a cluster that has no stream of that name. Whatever ends it early, the half
 * restored stream is deleted again: nobody else can have made it meanwhile, since its name was ours.
 * Where the server that was to receive it has stopped listening, or never began to, another one may,
 * and one that still had a deleted stream of that name has it no longer: it is sent anew.
 */
export async function sendArchive(
  connection: NatsConnection,
  archive: string,
  { config, state }: StreamDescription,
  options: RestoreOptions,
): Promise<void> {
  const stream = String(config.name);
  for (let attempt = 1; ; attempt++) {
    let sent = 0;
    const onBytes = (count: number) => {
      sent += count;
      options.onBytes(count);
    };
    const subject = await begin(connection, stream, { config, state });
    try {
      if (subject === undefined) {
        throw new Error(MADE_INSTEAD);
      }
      await send(connection, subject, archive, { ...options, onBytes });
      await end(connection, subject, stream);
      return;
    } catch (error) {
      await removeHalf(connection, stream);
      const isDeaf = subject === undefined || isNoResponders(error);
      // It was free when the restore began: this server had not yet let go of one that was deleted.
      const isLate = isApiError(error, NAME_IN_USE);
      if (!(isDeaf || isLate) || attempt === ATTEMPTS || options.signal.aborted) {
        throw failure(stream, error, options.signal);
      }
      options.onBytes(-sent);
    }
  }
}

/** Where to send it; nowhere if a server answers as if it had been asked to make the stream. */
async function begin(
  connection: NatsConnection,
  stream: string,
  question: StreamDescription,
): Promise<string | undefined> {
  const once = () =>
    askApi<{ deliver_subject?: string }>(
      connection,
      `$JS.API.STREAM.RESTORE.${stream}`,
      question,
      BEGIN_TIMEOUT,
    );
  const ask = () => withRoom(() => untilDone(Date.now() + BEGIN_PATIENCE, once));
  try {
    return (await ask().catch((error: unknown) => anew(connection, stream, error, ask)))
      .deliver_subject;
  } catch (error) {
    if (error instanceof errors.TimeoutError) {
      await forget(connection, stream);
      throw new UserError(
        `${stream} cannot be restored: no server said within ${BEGIN_PATIENCE / 1000} s that it would receive it; nothing of it was written. Find out what keeps the servers from answering with: tfdc-nats health, and tfdc-nats split-brain for the routes between them; where they find nothing, restart the servers one at a time with tfdc-nats roll; then run it again.`,
        { cause: error },
      );
    }
    if (error instanceof ApiError) {
      const remedy = isApiError(error, NAME_IN_USE)
        ? " A server has not carried out what the others agreed on: find it, and how to restart it, with tfdc-nats health, and run this again."
        : "";
      throw new UserError(
        `${stream} cannot be restored: the server says "${error.description}"; nothing of it was written.${remedy}`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** What a killed restore left behind has a name and is no stream: only deleting it frees that. */
async function anew<T>(
  connection: NatsConnection,
  stream: string,
  error: unknown,
  ask: () => Promise<T>,
): Promise<T> {
  if (!isApiError(error, NAME_IN_USE) || (await findLive(connection, stream)) !== undefined) {
    throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, STALLED));
  await deleteLive(connection, stream);
  return ask();
}

/** Frees a name that was taken although nobody heard of it; a stream of that name stays. */
async function forget(connection: NatsConnection, stream: string): Promise<void> {
  try {
    if ((await findLive(connection, stream)) === undefined) {
      await deleteLive(connection, stream);
    }
  } catch {
    // A cluster that does not answer is what is reported.
  }
}

/** Room that a deleted stream had reserved is known to all servers only after a moment. */
async function withRoom<T>(ask: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + ROOM_PATIENCE; ; ) {
    try {
      return await ask();
    } catch (error) {
      const isFull = error instanceof ApiError && /insufficient storage/.test(error.description);
      if (!isFull || Date.now() > deadline) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, ROOM_PAUSE));
    }
  }
}

async function send(
  connection: NatsConnection,
  subject: string,
  archive: string,
  { signal, onBytes }: RestoreOptions,
): Promise<void> {
  const largest = connection.info?.max_payload ?? CHUNK;
  const file = createReadStream(archive, { highWaterMark: Math.min(CHUNK, largest) });
  const flying: Promise<number>[] = [];
  for await (const chunk of file as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    const sending = connection
      .request(subject, chunk, { timeout: CHUNK_TIMEOUT })
      .then((reply) => accepted(reply, chunk.length));
    // It is awaited in its turn; what fails before must not end the process.
    sending.catch(() => undefined);
    flying.push(sending);
    if (flying.length >= WINDOW) {
      onBytes((await flying.shift()) ?? 0);
    }
  }
  for (const sending of flying) {
    onBytes(await sending);
  }
}

function accepted(reply: Msg, length: number): number {
  const words = reply.string();
  if (words !== "") {
    const { error } = (words.startsWith("{") ? JSON.parse(words) : {}) as {
      error?: { description?: string };
    };
    throw new UserError(`the server says "${error?.description ?? words}"`);
  }
  return length;
}

async function end(connection: NatsConnection, subject: string, stream: string): Promise<void> {
  const reply = await connection.request(subject, "", { timeout: END_TIMEOUT });
  const words = reply.string();
  const answer = (
    words.startsWith("{") ? JSON.parse(words) : { error: { description: words } }
  ) as {
    error?: { err_code?: number; description?: string };
  };
  if (answer.error !== undefined) {
    const { err_code: code = 0, description = "no reason given" } = answer.error;
    throw new ApiError(code, description, stream);
  }
}

/** Deletes what a broken restore has made so far, whichever server holds it now. */
export async function removeHalf(connection: NatsConnection, stream: string): Promise<void> {
  const deadline = Date.now() + BEGIN_PATIENCE;
  for (;;) {
    try {
      await deleteLive(connection, stream);
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new UserError(
          `${stream} is half restored and could not be removed (${(error as Error).message}); once the cluster answers again, a restore with --replace clears it.`,
          { cause: error },
        );
      }
    }
  }
}

function failure(stream: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) {
    return signal.reason;
  }
  const words = error instanceof ApiError ? error.description : (error as Error).message;
  return new UserError(
    `${stream} was not restored: ${words}; what had arrived was removed again. Run it again.`,
    { cause: error },
  );
}
