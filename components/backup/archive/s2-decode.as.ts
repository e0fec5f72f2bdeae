// S2's block decoder in AssemblyScript; s2-program.ts holds it compiled: npm run compile:wasm

/** A literal runs over the end of its block. */
const LITERAL: i32 = -1;
/** A copy leads out of its block. */
const COPY: i32 = -2;
/** Bytes that are copied at a time; what is too much is written over by the next part. */
const WORD: usize = 16;

/**
 * Decodes what lies from `s` to `size` to what lies from `start` to `end`. Behind both there has to be
 * a word of memory, which may be read and written over.
 *
 * @returns how many bytes were written, or what is wrong
 */
export function decode(s: usize, size: usize, start: usize, end: usize): i32 {
  let d = start;
  let offset: usize = 0;
  while (s < size) {
    const tag = <usize>load<u8>(s);
    let count = tag >>> 2;
    switch (<u32>tag & 3) {
      case 0: {
        s += 1;
        if (count >= 60) {
          const width = count - 59;
          count = littleEndian(s, width);
          s += width;
        }
        // The length is one more, which may be more than fits.
        if (s > size || count >= size - s || count >= end - d) {
          return LITERAL;
        }
        count += 1;
        copy(d, s, count);
        s += count;
        d += count;
        continue;
      }
      case 1: {
        const near = ((tag & 0xe0) << 3) | <usize>load<u8>(s + 1);
        count &= 7;
        s += 2;
        if (near !== 0) {
          offset = near;
        } else if (count > 4) {
          const width = count - 4;
          count = littleEndian(s, width) + (width === 1 ? 4 : 1 << (8 * (width - 1)));
          s += width;
        }
        count += 4;
        break;
      }
      case 2: {
        offset = <usize>load<u16>(s + 1);
        count += 1;
        s += 3;
        break;
      }
      default: {
        offset = <usize>load<u32>(s + 1);
        count += 1;
        s += 5;
      }
    }
    if (offset === 0 || offset > d - start || count > end - d || s > size) {
      return COPY;
    }
    // What was written `offset` bytes before; it may reach into what it writes, which repeats it.
    if (offset >= WORD) {
      copy(d, d - offset, count);
    } else {
      repeat(d, offset, count);
    }
    d += count;
  }
  return <i32>(d - start);
}

/** Copies forward, up to a word too much. */
function copy(to: usize, from: usize, count: usize): void {
  v128.store(to, v128.load(from));
  for (let at = WORD; at < count; at += WORD) {
    v128.store(to + at, v128.load(from + at));
  }
}

/** Repeats the few bytes before a place. */
function repeat(to: usize, offset: usize, count: usize): void {
  const end = to + count;
  if (offset >= 8) {
    for (; to < end; to += 8) {
      store<u64>(to, load<u64>(to - offset));
    }
    return;
  }
  for (; to < end; to++) {
    store<u8>(to, load<u8>(to - offset));
  }
}

function littleEndian(at: usize, width: usize): usize {
  let value: usize = 0;
  for (let index = width; index > 0; index--) {
    value = (value << 8) | <usize>load<u8>(at + index - 1);
  }
  return value;
}
