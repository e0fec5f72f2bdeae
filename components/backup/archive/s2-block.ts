/** The compressed data is not what an S2 encoder writes. */
export class BrokenS2 extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "BrokenS2";
  }
}

/** Largest block of the format. */
const MAX_BLOCK = 4 << 20;
/** Beyond this length a call copies faster than a loop. */
const LONG = 128;
/** Bytes that are copied at a time; up to three too many, which the next part writes over. */
const WORD = 4;

/** Room for the largest block that came so far: blocks are read one after the other. */
export class BlockRoom {
  private bytes = Buffer.alloc(0);

  of(size: number): Buffer {
    if (this.bytes.length < size + WORD) {
      this.bytes = Buffer.allocUnsafeSlow(size + WORD);
    }
    return this.bytes.subarray(0, size);
  }
}

/**
 * Decodes one S2 block: Snappy's literals and copies, and S2's copies that repeat the last offset.
 *
 * @param room - that the block is put in
 */
export function decodeBlock(source: Uint8Array, room = new BlockRoom()): Buffer {
  const { value: length, next } = readUvarint(source, 0);
  if (length > MAX_BLOCK) {
    throw new BrokenS2(`a block of ${length} bytes is larger than the format allows`);
  }
  const target = room.of(length);
  const size = source.length;
  const from = new DataView(source.buffer, source.byteOffset, size);
  const to = new DataView(target.buffer, target.byteOffset, length + WORD);
  let s = next;
  let d = 0;
  let offset = 0;
  // A byte after the last one reads as 0; that a part led there is found before it is used.
  const at = (index: number) => source[index] ?? 0;
  while (s < size) {
    const tag = at(s);
    let count = tag >>> 2;
    switch (tag & 3) {
      case 0: {
        s += 1;
        if (count >= 60) {
          const width = count - 59;
          count = littleEndian(source, s, width);
          s += width;
        }
        count += 1;
        if (s + count > size || d + count > length) {
          throw new BrokenS2("a literal runs over the end of its block");
        }
        if (count > LONG || s + count + WORD > size) {
          target.set(source.subarray(s, s + count), d);
        } else {
          for (let index = 0; index < count; index += WORD) {
            to.setUint32(d + index, from.getUint32(s + index, true), true);
          }
        }
        s += count;
        d += count;
        continue;
      }
      case 1: {
        const near = ((tag & 0xe0) << 3) | at(s + 1);
        count &= 7;
        s += 2;
        if (near !== 0) {
          offset = near;
        } else if (count > 4) {
          const width = count - 4;
          count = littleEndian(source, s, width) + (width === 1 ? 4 : 1 << (8 * (width - 1)));
          s += width;
        }
        count += 4;
        break;
      }
      case 2:
        offset = at(s + 1) | (at(s + 2) << 8);
        count += 1;
        s += 3;
        break;
      default:
        offset = littleEndian(source, s + 1, 4);
        count += 1;
        s += 5;
    }
    if (offset === 0 || offset > d || d + count > length || s > size) {
      throw new BrokenS2("a copy leads out of its block");
    }
    // What was written `offset` bytes before; it may reach into what it writes, which repeats it.
    if (offset < WORD) {
      for (let index = d; index < d + count; index++) {
        target[index] = target[index - offset] ?? 0;
      }
    } else if (count > LONG && offset >= count) {
      target.copyWithin(d, d - offset, d - offset + count);
    } else {
      for (let index = d; index < d + count; index += WORD) {
        to.setUint32(index, to.getUint32(index - offset, true), true);
      }
    }
    d += count;
  }
  if (d !== length) {
    throw new BrokenS2(`a block ends after ${d} of ${length} bytes`);
  }
  return target;
}

function littleEndian(source: Uint8Array, start: number, width: number): number {
  let value = 0;
  for (let index = start + width - 1; index >= start; index--) {
    value = value * 256 + (source[index] ?? 0);
  }
  return value;
}

/** Reads a length of seven bits a byte. */
export function readUvarint(
  source: Uint8Array,
  start: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  let factor = 1;
  for (let index = start; index < start + 10; index++) {
    const byte = source[index];
    if (byte === undefined) {
      break;
    }
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      return { value, next: index + 1 };
    }
    factor *= 128;
  }
  throw new BrokenS2("a length is cut off");
}
