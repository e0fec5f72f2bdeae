import { crc32c } from "@node-rs/crc32";
import { extract, pack } from "tar-stream";
import { S2Frames } from "../../components/backup/archive/s2-frames";

const BLOCK = 1 << 20;

/** A chunk of an S2 stream around a body. */
export function s2Chunk(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header[0] = type;
  header.writeUIntLE(body.length, 1, 3);
  return Buffer.concat([header, body]);
}

/** The checksum as the format masks it, before the data that it is of. */
export function s2Sum(data: Buffer): Buffer {
  const crc = crc32c(data);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return sum;
}

export const S2_BEGIN = s2Chunk(0xff, Buffer.from("S2sTwO"));

/** An S2 stream that holds data as it is, which every decoder has to read. */
export function s2Plain(data: Buffer): Buffer {
  const chunks = [S2_BEGIN];
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK);
    chunks.push(s2Chunk(0x01, Buffer.concat([s2Sum(block), block])));
  }
  return Buffer.concat(chunks);
}

/** What an S2 stream holds. */
export function s2Content(stream: Buffer): Buffer {
  const frames = new S2Frames();
  const blocks = Array.from(frames.push(stream), (block) => Buffer.from(block));
  frames.end();
  return Buffer.concat(blocks);
}

/** The files of a tar, in order. */
export async function tarFiles(tar: Buffer): Promise<[string, Buffer][]> {
  const files: [string, Buffer][] = [];
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const parts: Buffer[] = [];
    for await (const part of entry) {
      parts.push(part as Buffer);
    }
    files.push([entry.header.name, Buffer.concat(parts)]);
  }
  return files;
}

/** A tar of files. */
export async function tarOf(files: readonly (readonly [string, Buffer])[]): Promise<Buffer> {
  const writer = pack();
  for (const [name, content] of files) {
    writer.entry({ name }, content);
  }
  writer.finalize();
  const parts: Buffer[] = [];
  for await (const part of writer) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}
