import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { NatsConnection } from "nats";
import { ARCHIVES } from "../../backup/archive/formats";
import { find } from "../../backup/find";
import { FILES, type StreamDescription } from "../../backup/layout";
import { type Contents, type FileSum, type Manifest, summed } from "../../backup/manifest";
import { UserError } from "../../user-error";
import { beginSnapshot, GivenUp } from "./snapshot";

/** Snapshots that are begun of a stream before a machine is too slow to be sent one. */
const ATTEMPTS = 4;
/** Bytes after which the disk is told to begin with them, so that it has little left at the end. */
const FLUSH = 32 << 20;

/** What is written, summed up and handed to be checked at a time. */
const PIECE = 1 << 20;

/** What the manifest of each stream of a backup says alike. */
export type Origin = Pick<Manifest, "tool" | "cluster" | "domain" | "serverVersion">;

/** How a backup is made. */
export interface BackupOptions {
  readonly withConsumers: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
  /** The server gave up what it had sent so far, and it is asked for all of it anew. */
  readonly onAnew?: (reason: GivenUp) => void;
}

/**
 * Backs one stream up into a folder, and checks what comes while it is written: an archive that is
 * not whole is an error, and not a file.
 */
export async function backupStream(
  connection: NatsConnection,
  stream: string,
  folder: string,
  origin: Origin,
  options: BackupOptions,
): Promise<Manifest> {
  const start = new Date().toISOString();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, ARCHIVES.tar);
  const { config, state, findings, sum } = await received(connection, stream, path, options);
  const problems = [...findings.problems, ...findings.disagreements];
  if (problems.length > 0) {
    throw new UserError(
      `the backup of ${stream} is not whole: ${problems.join("; ")}. Nothing of it is kept; run it again.`,
    );
  }
  // Which it is, is known by what came: the server that was asked need not be the one that sent it.
  const archive = ARCHIVES[findings.format];
  renameSync(path, join(folder, archive));
  const description: StreamDescription = { config, state };
  const manifest = summed({
    format: 1,
    ...origin,
    stream,
    start,
    end: new Date().toISOString(),
    files: {
      [archive]: sum,
      [FILES.description]: writeJson(join(folder, FILES.description), description),
    },
    archive: findings.files,
    state,
    // The state is known, and with it what the archive holds.
    ...(findings.contents as Contents),
  });
  writeJson(join(folder, FILES.manifest), manifest);
  return manifest;
}

/** Receives a snapshot whole, also where the server gives one up and has to be asked again. */
async function received(
  connection: NatsConnection,
  stream: string,
  path: string,
  options: BackupOptions,
) {
  for (let attempt = 1; ; attempt++) {
    const { config, state, chunks } = await beginSnapshot(connection, stream, options);
    try {
      return { config, state, ...(await write(path, chunks, { config, state }, options)) };
    } catch (error) {
      if (!(error instanceof GivenUp) || attempt === ATTEMPTS || options.signal.aborted) {
        throw error;
      }
      rmSync(path, { force: true });
      options.onAnew?.(error);
    }
  }
}

async function write(
  path: string,
  chunks: AsyncIterable<Buffer>,
  { config, state }: StreamDescription,
  options: BackupOptions,
) {
  const hash = createHash("sha256");
  const file = await open(path, "wx", 0o600);
  let size = 0;
  let flushed = 0;
  let flushing: Promise<void> | undefined;
  let unflushed: { readonly error: unknown } | undefined;
  /** One flush at a time, beside what comes. A disk tells of what it lost only once. */
  const flush = () => {
    flushed = size;
    flushing = file
      .datasync()
      .catch((error: unknown) => {
        unflushed = { error };
      })
      .finally(() => {
        flushing = undefined;
      });
  };
  async function* written() {
    for await (const chunk of gathered(chunks, PIECE, options.signal)) {
      hash.update(chunk);
      const writing = file.write(chunk);
      // The chunk is checked while the disk is busy.
      yield chunk;
      const { bytesWritten } = await writing;
      if (bytesWritten !== chunk.length) {
        throw diskFull(path);
      }
      size += chunk.length;
      if (size - flushed >= FLUSH && flushing === undefined) {
        flush();
      }
      options.onBytes(chunk.length);
    }
  }
  try {
    const findings = await find(written(), state, config);
    await flushing;
    if (unflushed !== undefined) {
      throw (unflushed as { readonly error: unknown }).error;
    }
    await file.sync();
    return { findings, sum: { size, sha256: hash.digest("hex") } };
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOSPC" ? diskFull(path) : error;
  } finally {
    await flushing;
    await file.close();
  }
}

/**
 * Chunks put together: a call costs as much for a small piece as for a large one. A piece is there until
 * the next one is asked for.
 */
async function* gathered(
  chunks: AsyncIterable<Buffer>,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const piece = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (filled === 0 && chunk.length === size) {
      yield chunk;
      continue;
    }
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(piece, filled, at);
      at += copied;
      filled += copied;
      if (filled === size) {
        yield piece;
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield piece.subarray(0, filled);
  }
}

/** What the disk says, or shows by taking a part of what it is given. */
function diskFull(path: string): UserError {
  return new UserError(
    `${path} cannot be written: the disk is full; make room, or use another one.`,
  );
}

function writeJson(path: string, value: unknown): FileSum {
  const content = Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
  writeFileSync(path, content, { mode: 0o600, flag: "wx" });
  return { size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}
