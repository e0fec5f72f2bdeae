import { readUvarint } from "./s2-block";

/** Where a consumer stands. */
export interface ConsumerPosition {
  readonly ackFloor: { readonly consumer: number; readonly stream: number };
  readonly delivered: { readonly consumer: number; readonly stream: number };
  /** Messages that were delivered and not acknowledged. */
  readonly pending: number;
}

const MAGIC = 22;
const VERSIONS = [1, 2];

/** Reads a consumer's `o.dat`; `undefined` where it is none. */
export function readPosition(data: Buffer): ConsumerPosition | undefined {
  if (data.length === 0) {
    // A consumer that never delivered anything has no state yet.
    const start = { consumer: 0, stream: 0 };
    return { ackFloor: start, delivered: start, pending: 0 };
  }
  if (data[0] !== MAGIC || !VERSIONS.includes(data[1] ?? 0)) {
    return undefined;
  }
  try {
    const values: number[] = [];
    for (let at = 2; values.length < 5; ) {
      const { value, next } = readUvarint(data, at);
      values.push(value);
      at = next;
    }
    const [ackConsumer = 0, ackStream = 0, consumer = 0, stream = 0, pending = 0] = values;
    return {
      ackFloor: { consumer: ackConsumer, stream: ackStream },
      delivered: { consumer, stream },
      pending,
    };
  } catch {
    return undefined;
  }
}
