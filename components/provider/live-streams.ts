import type { StreamInfo } from "@nats-io/jetstream";
import type { ClusterLink } from "./cluster-link";
import { API_ERRORS, isApiError, isTransient, untilDone } from "./faults";

/** Creates wait for an election, and a busy meta leader has been seen to answer after eight seconds. */
const WRITE_TIMEOUT = 15_000;
const READ_TIMEOUT = 5_000;
const READ_PATIENCE = 8_000;
const LOST_TIMEOUT = 1_000;
const WRITE_PATIENCE = 40_000;
/** The server's own page of STREAM.LIST. */
const PAGE = 256;

/** Streams by name. */
export type Streams = ReadonlyMap<string, StreamInfo>;

/** Connections over which a stream that the sweep missed was asked for, and nobody answered. */
const lost = new WeakSet<ClusterLink>();
/** Connections over which something was written. */
const written = new WeakSet<ClusterLink>();
const sweeps = new WeakMap<ClusterLink, Promise<Streams>>();

/**
 * What the server says of a stream, from one sweep over all of them that every read of a refresh
 * shares. A stream that the sweep missed is asked for by name: absence from a list proves nothing.
 */
export async function readStream(link: ClusterLink, name: string): Promise<StreamInfo | undefined> {
  return (await sweptStreams(link)).get(name) ?? missedStream(link, name);
}

/**
 * A stream for the checks of a declaration, from the sweep as well. Checks of an update come between
 * its writes: a sweep while streams are being made waits four seconds for those that have no leader
 * yet, so there the one stream is asked for.
 */
export async function judgedStream(
  link: ClusterLink,
  name: string,
): Promise<StreamInfo | undefined> {
  return written.has(link) && !sweeps.has(link)
    ? streamInfo(link, name)
    : (await sweptStreams(link)).get(name);
}

/** Without a quorum a sweep misses most streams: only the first of them is waited for patiently. */
async function missedStream(link: ClusterLink, name: string): Promise<StreamInfo | undefined> {
  try {
    return lost.has(link)
      ? await streamInfo(link, name, 0, LOST_TIMEOUT)
      : await streamInfo(link, name);
  } catch (error) {
    if (isTransient(error)) {
      lost.add(link);
    }
    throw error;
  }
}

/** Every stream that the sweep found, by name. One that is missing may be there all the same. */
export function sweptStreams(link: ClusterLink): Promise<Streams> {
  let sweep = sweeps.get(link);
  if (sweep === undefined) {
    sweep = listStreams(link);
    sweeps.set(link, sweep);
  }
  return sweep;
}

/** The same before or after a write, which waits longer for a cluster that is busy or elects. */
export function writtenStream(link: ClusterLink, name: string): Promise<StreamInfo | undefined> {
  return streamInfo(link, name, WRITE_PATIENCE);
}

/** Asks for one stream; `undefined` where the server says that there is none. */
export async function streamInfo(
  link: ClusterLink,
  name: string,
  patience = READ_PATIENCE,
  timeout = READ_TIMEOUT,
): Promise<StreamInfo | undefined> {
  try {
    return await untilDone(Date.now() + patience, () =>
      link.ask<StreamInfo>(`$JS.API.STREAM.INFO.${name}`, undefined, timeout),
    );
  } catch (error) {
    if (isApiError(error, API_ERRORS.streamNotFound)) {
      return undefined;
    }
    throw error;
  }
}

/** Creates a stream. An equal one that exists is taken for it, so a lost answer does no harm. */
export async function createStream(link: ClusterLink, config: Wire): Promise<void> {
  await write(link, `$JS.API.STREAM.CREATE.${config.name}`, config);
}

/** Replaces the whole configuration of a stream. */
export async function updateStream(link: ClusterLink, config: Wire): Promise<void> {
  await write(link, `$JS.API.STREAM.UPDATE.${config.name}`, config);
}

/** Deletes a stream; one that is gone already is what was wanted. */
export async function deleteStream(link: ClusterLink, name: string): Promise<void> {
  try {
    await write(link, `$JS.API.STREAM.DELETE.${name}`, undefined);
  } catch (error) {
    if (!isApiError(error, API_ERRORS.streamNotFound)) {
      throw error;
    }
  }
}

type Wire = Readonly<Record<string, unknown>>;

async function write(link: ClusterLink, subject: string, question: unknown): Promise<void> {
  sweeps.delete(link);
  written.add(link);
  await untilDone(Date.now() + WRITE_PATIENCE, () => link.ask(subject, question, WRITE_TIMEOUT));
}

/** Has the next read sweep again, after something else than a write has moved streams. */
export function forgetSweep(link: ClusterLink): void {
  sweeps.delete(link);
}

/** Every stream that is listed now, by name. */
export async function listStreams(link: ClusterLink): Promise<Streams> {
  const found = new Map<string, StreamInfo>();
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    const page = await untilDone(Date.now() + READ_PATIENCE, () =>
      link.ask<{ total: number; streams?: StreamInfo[] }>(
        "$JS.API.STREAM.LIST",
        { offset },
        READ_TIMEOUT,
      ),
    );
    total = page.total;
    for (const info of page.streams ?? []) {
      found.set(info.config.name, info);
    }
  }
  return found;
}
