/** The compressed data is not what an S2 encoder writes. */
export class BrokenS2 extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "BrokenS2";
  }
}

/** Largest block of the format. */
const MAX_BLOCK = 4 << 20;
/** Below this length a loop copies faster than a call. */
const SHORT = 24;

/** Decodes one S2 block: Snappy's literals and copies, and S2's copies that repeat the last offset. */
export function decodeBlock(source: Uint8Array): Buffer {
  const { value: length, next } = readUvarint(source, 0);
  if (length > MAX_BLOCK) {
    throw new BrokenS2(`a block of ${length} bytes is larger than the format allows`);
  }
  const target = Buffer.allocUnsafe(length);
  let s = next;
  let d = 0;
  let offset = 0;
  const at = (index: number) => source[index] ?? 0;
  while (s < source.length) {
    const tag = at(s);
    let count: number;
    switch (tag & 3) {
      case 0: {
        count = tag >>> 2;
        s += 1;
        if (count >= 60) {
          const width = count - 59;
          count = 0;
          for (let index = width - 1; index >= 0; index--) {
            count = count * 256 + at(s + index);
          }
          s += width;
        }
        count += 1;
        if (s + count > source.length || d + count > length) {
          throw new BrokenS2("a literal runs over the end of its block");
        }
        target.set(source.subarray(s, s + count), d);
        s += count;
        d += count;
        continue;
      }
      case 1: {
        const near = ((tag & 0xe0) << 3) | at(s + 1);
        count = (tag >>> 2) & 7;
        s += 2;
        if (near === 0) {
          const width = count - 4;
          if (width > 0) {
            count = 0;
            for (let index = width - 1; index >= 0; index--) {
              count = count * 256 + at(s + index);
            }
            count += width === 1 ? 4 : 1 << (8 * (width - 1));
            s += width;
          }
        } else {
          offset = near;
        }
        count += 4;
        break;
      }
      case 2:
        offset = at(s + 1) | (at(s + 2) << 8);
        count = 1 + (tag >>> 2);
        s += 3;
        break;
      default:
        offset = (at(s + 1) | (at(s + 2) << 8) | (at(s + 3) << 16)) + at(s + 4) * 0x1000000;
        count = 1 + (tag >>> 2);
        s += 5;
    }
    if (offset === 0 || offset > d || d + count > length || s > source.length) {
      throw new BrokenS2("a copy leads out of its block");
    }
    copy(target, d, offset, count);
    d += count;
  }
  if (d !== length) {
    throw new BrokenS2(`a block ends after ${d} of ${length} bytes`);
  }
  return target;
}

/** Copies what was written `offset` bytes before; the copy may overlap itself, which repeats it. */
function copy(target: Buffer, d: number, offset: number, count: number): void {
  if (count > SHORT && offset >= count) {
    target.copyWithin(d, d - offset, d - offset + count);
    return;
  }
  for (let index = d; index < d + count; index++) {
    target[index] = target[index - offset] ?? 0;
  }
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
