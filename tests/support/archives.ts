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
