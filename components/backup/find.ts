import { Worker } from "node:worker_threads";
import type { StreamState } from "./answers";
import { type Findings, findingsOf } from "./findings";
import type { Piece, Told } from "./findings-thread";

/** Most archives are smaller, and are read in less time than a thread takes to start. */
const SMALL = 2 << 20;
/** Bytes that are on their way to the thread, or are read there. */
const AHEAD = 4 << 20;

/**
 * Reads an archive as it comes, and says what it comes to. A large one is read by a thread of its
 * own: to receive, to write down and to sum up on one processor, and to decompress and check every
 * record on another. Where the archive stops coming, the error is that of who sends it. A chunk is
 * not needed any more when the next one is asked for.
 */
export async function find(
  chunks: AsyncIterable<Buffer>,
  state: StreamState | undefined,
  config?: Readonly<Record<string, unknown>>,
): Promise<Findings> {
  const source = chunks[Symbol.asyncIterator]();
  try {
    const first: Buffer[] = [];
    for (let size = 0; size < SMALL; ) {
      const next = await source.next();
      if (next.done === true) {
        return await findingsOf(each(first), state, config);
      }
      // Whoever reads it may write over it.
      first.push(Buffer.from(next.value));
      size += next.value.length;
    }
    return await findInThread(each(first, source), { state, config });
  } finally {
    await source.return?.();
  }
}

async function* each(first: readonly Buffer[], source?: AsyncIterator<Buffer>) {
  yield* first;
  for (let next = await source?.next(); next?.done === false; next = await source?.next()) {
    yield next.value;
  }
}

async function findInThread(chunks: AsyncIterable<Buffer>, told: Told): Promise<Findings> {
  const thread = new Thread(told);
  try {
    for await (const chunk of chunks) {
      if (!(await thread.take(chunk))) {
        break;
      }
    }
    return await thread.end();
  } finally {
    await thread.stop();
  }
}

class Thread {
  private readonly worker: Worker;
  private readonly findings: Promise<Findings>;
  private readonly free: ArrayBuffer[] = [];
  private underway = 0;
  private isOver = false;
  private wake: () => void = () => undefined;

  constructor(told: Told) {
    this.worker = new Worker(require.resolve("@tfdc/pulumi-nats/internal/backup/findings-thread"), {
      workerData: told,
    });
    this.findings = new Promise<Findings>((resolve, reject) => {
      this.worker.on("message", (said: Piece | { findings: Findings }) => {
        if ("findings" in said) {
          this.over();
          resolve(said.findings);
        } else {
          this.free.push(said.memory);
          this.underway -= said.length;
          this.wake();
        }
      });
      this.worker.once("error", (error) => {
        this.over();
        reject(error);
      });
    });
    // It is awaited at the end; what fails meanwhile must not end the process.
    this.findings.catch(() => undefined);
  }

  /** Hands a chunk over, waiting while enough are underway; says whether more is wanted. */
  async take(chunk: Buffer): Promise<boolean> {
    while (this.underway >= AHEAD && !this.isOver) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.isOver) {
      return false;
    }
    const free = this.free.pop();
    const isEnough = free !== undefined && free.byteLength >= chunk.length;
    const memory = isEnough ? free : new ArrayBuffer(chunk.length);
    const piece: Piece = { memory, length: chunk.length };
    // What the sender keeps of a chunk is its own: a copy is what can be given away.
    chunk.copy(Buffer.from(piece.memory));
    this.underway += piece.length;
    this.worker.postMessage(piece, [piece.memory]);
    return true;
  }

  end(): Promise<Findings> {
    this.worker.postMessage(null);
    return this.findings;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private over(): void {
    this.isOver = true;
    this.wake();
  }
}
