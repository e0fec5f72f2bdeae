import { createHash } from "node:crypto";
import { WasmHighwayHash } from "highwayhasher";
import { s2Plain, tarOf } from "./s2-writer";

/** The sum that nats-server keeps of what has a name. */
async function hashFor(name: string) {
  const key = createHash("sha256").update(name).digest();
  const { hash64 } = await WasmHighwayHash.loadModule();
  return (...parts: Buffer[]) => Buffer.from(hash64(key, Buffer.concat(parts)));
}

/** A record of a message block as nats-server writes it. */
export async function record(
  block: string,
  sequence: bigint,
  subject: string,
  payload: string,
  headers?: string,
): Promise<Buffer> {
  const hash = await hashFor(block);
  const name = Buffer.from(subject);
  const head = headers === undefined ? Buffer.alloc(0) : Buffer.from(headers);
  const size = Buffer.alloc(headers === undefined ? 0 : 4);
  if (headers !== undefined) {
    size.writeUInt32LE(head.length);
  }
  const body = Buffer.concat([head, Buffer.from(payload)]);
  const fixed = Buffer.alloc(22);
  const length = 22 + name.length + size.length + body.length + 8;
  fixed.writeUInt32LE((headers === undefined ? length : (length | 0x8000_0000) >>> 0) >>> 0, 0);
  fixed.writeBigUInt64LE(sequence, 4);
  fixed.writeBigUInt64LE(1n, 12);
  fixed.writeUInt16LE(name.length, 20);
  const sum = hash(fixed.subarray(4, 20), Buffer.concat([name, body]));
  return Buffer.concat([fixed, name, size, body, sum]);
}

/** The files of a snapshot of the stream `metrics` with three messages and one consumer. */
export async function snapshotFiles(): Promise<[string, Buffer][]> {
  const meta = Buffer.from(JSON.stringify({ name: "metrics", subjects: ["metrics.>"] }));
  const consumer = Buffer.from(JSON.stringify({ durable_name: "worker" }));
  const records = [1n, 2n, 3n].map((sequence) =>
    record("metrics-1", sequence, "metrics.a", `message ${sequence}`),
  );
  return [
    ["meta.inf", meta],
    ["meta.sum", Buffer.from((await hashFor("metrics"))(meta).toString("hex"))],
    ["msgs/1.blk", Buffer.concat(await Promise.all(records))],
    ["msgs/index.db", Buffer.alloc(64)],
    ["obs/worker/meta.inf", consumer],
    [
      "obs/worker/meta.sum",
      Buffer.from((await hashFor("metrics/worker"))(consumer).toString("hex")),
    ],
    ["obs/worker/o.dat", Buffer.from([22, 2, 2, 2, 3, 3, 1, 0])],
  ];
}

/** An archive of files, as a server would send it. */
export async function archiveOf(files: readonly (readonly [string, Buffer])[]): Promise<Buffer> {
  return s2Plain(await tarOf(files));
}

/** An entry of the archive of nats-server 2.15. */
export interface Entry {
  readonly name: string;
  readonly sequence?: number;
  readonly headers?: string;
  readonly payload?: string;
  readonly time?: bigint;
}

/** The entries of a snapshot of nats-server 2.15: three messages and one consumer. */
export function snapshotEntries(): Entry[] {
  const messages = [1, 2, 3].map((sequence) => ({
    ...{ name: "metrics.a", sequence, time: 1_767_225_600_000_000_000n },
    ...(sequence === 2 ? { headers: "NATS/1.0\r\nA: b\r\n\r\n" } : {}),
    payload: `message ${sequence}`,
  }));
  const position = (sequence: number) => ({ consumer_seq: sequence, stream_seq: sequence });
  const consumer = {
    config: { durable_name: "worker" },
    state: {
      delivered: position(3),
      ack_floor: position(2),
      pending: { 3: { Sequence: 3, Timestamp: 1 } },
    },
  };
  return [
    { name: "state.json", time: 1n, payload: JSON.stringify(ENTRY_STATE) },
    { name: "consumers/worker", time: 1n, payload: JSON.stringify(consumer) },
    ...messages,
    { name: "" },
  ];
}

/** The state of the stream that those entries are of. */
export const ENTRY_STATE = {
  messages: 3,
  bytes: 3 * (30 + 9 + 9) + 4 + 18,
  first_seq: 1,
  last_seq: 3,
  consumer_count: 1,
};

/** Entries as nats-server 2.15 sends them, before they are compressed. */
export function entriesOf(entries: readonly Entry[], magic = "NATSARC1"): Buffer {
  const parts = entries.flatMap(({ name, time = 0n, sequence = 0, headers = "", payload = "" }) => [
    varint(BigInt(Buffer.byteLength(name))),
    varint(time << 1n),
    ...[sequence, Buffer.byteLength(headers), Buffer.byteLength(payload)].map((one) =>
      varint(BigInt(one)),
    ),
    Buffer.from(name + headers + payload),
  ]);
  return Buffer.concat([Buffer.from(magic), ...parts]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
  return Buffer.from([...bytes, Number(rest)]);
}
