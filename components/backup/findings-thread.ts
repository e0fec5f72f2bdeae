import { on } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { StreamState } from "./answers";
import { findingsOf } from "./findings";

/** The thread in which a large archive is read while more of it comes: see find.ts. */

/** A piece of the archive in memory that goes back once it was read. */
export interface Piece {
  readonly memory: ArrayBuffer;
  readonly length: number;
}

/** What the server told of the stream when the archive began. */
export interface Told {
  readonly state: StreamState | undefined;
  readonly config: Readonly<Record<string, unknown>> | undefined;
}

const port = parentPort;

async function* pieces(): AsyncGenerator<Buffer> {
  if (port === null) {
    return;
  }
  for await (const [piece] of on(port, "message") as AsyncIterable<[Piece | null]>) {
    if (piece === null) {
      return;
    }
    yield Buffer.from(piece.memory, 0, piece.length);
    port.postMessage(piece, [piece.memory]);
  }
}

const { state, config } = workerData as Told;
void findingsOf(pieces(), state, config).then((findings) => port?.postMessage({ findings }));
