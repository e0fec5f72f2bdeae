// The records of message blocks in AssemblyScript; records-program.ts holds it compiled:
// npm run compile:wasm. The memory is laid out here, and record-blocks.ts says the same.

/** How a walk ended: at the end, or with more to come, or with what is wrong. */
const DONE: i32 = 0;
const MORE: i32 = 1;
const CUT_OFF: i32 = 2;
const IMPOSSIBLE: i32 = 3;
const OTHER_SUM: i32 = 4;

const HEADER: usize = 22;
const CHECKSUM: usize = 8;
const LARGEST: usize = 32 << 20;
const HAS_HEADERS: u32 = 0x8000_0000;
/** Marks in a sequence: erased in place, and a tombstone for another record. */
const ERASED: u64 = (<u64>1) << 63;
const TOMBSTONE: u64 = (<u64>1) << 62;

/** The key of the sums, and what every sum under it begins with. */
const KEY: usize = 0;
const START: usize = 32;
/** The last bytes that are summed up, as the hash lays them out. */
const PACKET: usize = 96;
/** How far a walk is, and how many it has put into each list. */
const AT: usize = 128;
const RUNS: usize = 132;
const NUMBERS: usize = 136;
const TOMBSTONES: usize = 140;
const SUBJECTS: usize = 144;
/** The sequence of the record that a walk stopped at. */
const SEQUENCE: usize = 152;
/** Records that a walk takes at most, and the lists that it fills. */
const PIECE: usize = 8192;
const RUN_LIST: usize = 1024;
const NUMBER_LIST: usize = RUN_LIST + PIECE * 16;
const TOMBSTONE_LIST: usize = NUMBER_LIST + PIECE * 4;
const SUBJECT_LIST: usize = TOMBSTONE_LIST + PIECE * 8;
/** Places of subjects: where it is kept, and its number. More of them than subjects that are told apart. */
const TABLE: usize = SUBJECT_LIST + PIECE * 4;
const PLACES: usize = 1 << 18;
const PLACE: usize = 8;
/** A subject's length has two bytes. */
const LONGEST: usize = (1 << 16) + 8;

const INIT_0 = i32x4(0xfe4cce2f, 0xdbe6d5d5, 0x299f31d0, 0xa4093822);
const INIT_1 = i32x4(0x03707344, 0x13198a2e, 0x85a308d3, 0x243f6a88);
const INIT_2 = i32x4(0xcb0ef593, 0x3bd39e10, 0xb5f18a8c, 0xc0acf169);
const INIT_3 = i32x4(0x34e90c6c, 0xbe5466cf, 0x38d01377, 0x452821e6);

let subjects: u32 = 0;
/** Memory in which subjects are kept. */
let free: usize = 0;
let freeEnd: usize = 0;

/** Takes the key that lies at `KEY` for the next sums. */
export function rekey(): void {
  const low = v128.load(KEY);
  const high = v128.load(KEY + 16);
  v128.store(START, v128.xor(INIT_0, low));
  v128.store(START + 16, v128.xor(INIT_1, high));
  v128.store(START + 32, v128.xor(INIT_2, turned(low)));
  v128.store(START + 48, v128.xor(INIT_3, turned(high)));
}

/** HighwayHash of 64 bits of what lies from `at` to `end`. */
export function sum(at: usize, end: usize): u64 {
  let v0l = v128.load(START);
  let v0h = v128.load(START + 16);
  let v1l = v128.load(START + 32);
  let v1h = v128.load(START + 48);
  let mul0l = INIT_0;
  let mul0h = INIT_1;
  let mul1l = INIT_2;
  let mul1h = INIT_3;
  let rest = <i32>((end - at) & 31);
  let rounds = 4;
  for (;;) {
    let low = i64x2.splat(0);
    let high = low;
    if (end - at >= 32) {
      low = v128.load(at);
      high = v128.load(at + 16);
      at += 32;
    } else if (rest !== 0) {
      const both = i32x4.splat(rest);
      v0l = i64x2.add(v0l, both);
      v0h = i64x2.add(v0h, both);
      v1l = v128.or(i32x4.shl(v1l, rest), i32x4.shr_u(v1l, 32 - rest));
      v1h = v128.or(i32x4.shl(v1h, rest), i32x4.shr_u(v1h, 32 - rest));
      pack(at, <usize>rest);
      low = v128.load(PACKET);
      high = v128.load(PACKET + 16);
      at = end;
      rest = 0;
    } else if (rounds !== 0) {
      low = turned(v0h);
      high = turned(v0l);
      rounds -= 1;
    } else {
      break;
    }
    v1l = i64x2.add(v1l, i64x2.add(mul0l, low));
    v1h = i64x2.add(v1h, i64x2.add(mul0h, high));
    mul0l = v128.xor(mul0l, product(v1l, v0l));
    mul0h = v128.xor(mul0h, product(v1h, v0h));
    v0l = i64x2.add(v0l, mul1l);
    v0h = i64x2.add(v0h, mul1h);
    mul1l = v128.xor(mul1l, product(v0l, v1l));
    mul1h = v128.xor(mul1h, product(v0h, v1h));
    v0l = i64x2.add(v0l, zipped(v1l));
    v0h = i64x2.add(v0h, zipped(v1h));
    v1l = i64x2.add(v1l, zipped(v0l));
    v1h = i64x2.add(v1h, zipped(v0h));
  }
  return i64x2.extract_lane(i64x2.add(i64x2.add(v0l, v1l), i64x2.add(mul0l, mul1l)), 0);
}

/** The lower halves of one, times the upper halves of the other. */
function product(lower: v128, upper: v128): v128 {
  return i64x2.extmul_low_i32x4_u(
    i32x4.shuffle(lower, lower, 0, 2, 0, 2),
    i32x4.shuffle(upper, upper, 1, 3, 1, 3),
  );
}

function zipped(v: v128): v128 {
  return i8x16.shuffle(v, v, 3, 12, 2, 5, 14, 1, 15, 0, 11, 4, 10, 13, 9, 6, 8, 7);
}

/** The halves of each lane changed over. */
function turned(v: v128): v128 {
  return i32x4.shuffle(v, v, 1, 0, 3, 2);
}

/** Lays out less than 32 bytes. */
function pack(at: usize, size: usize): void {
  v128.store(PACKET, i64x2.splat(0));
  v128.store(PACKET + 16, i64x2.splat(0));
  const whole = size & ~3;
  const odd = size & 3;
  for (let index: usize = 0; index < whole; index += 4) {
    store<u32>(PACKET + index, load<u32>(at + index));
  }
  const rest = at + whole;
  if ((size & 16) !== 0) {
    store<u32>(PACKET + 28, load<u32>(rest + odd - 4));
  } else if (odd !== 0) {
    store<u8>(PACKET + 16, load<u8>(rest));
    store<u8>(PACKET + 17, load<u8>(rest + (odd >>> 1)));
    store<u8>(PACKET + 18, load<u8>(rest + odd - 1));
  }
}

/** Gives memory for subjects. */
export function give(start: usize, end: usize): void {
  free = start;
  freeEnd = end;
}

/** How much of that memory is left; a walk ends where the longest subject would not fit into it. */
export function left(): usize {
  return freeEnd - free;
}

/**
 * Walks the records from `at` to `end` as nats-server does when it restores them. What was walked over is
 * not what it was: it is moved together to be summed up at once.
 *
 * @param most - subjects that are told apart; at none, they are not looked at
 */
export function walk(at: usize, end: usize, most: u32): i32 {
  let runs: usize = 0;
  let numbers: usize = 0;
  let tombstones: usize = 0;
  let fresh: usize = 0;
  let last: u64 = 0;
  let how = DONE;
  for (let count: usize = 0; at < end; count++) {
    if (count === PIECE || left() < LONGEST) {
      how = MORE;
      break;
    }
    if (end - at < HEADER) {
      how = CUT_OFF;
      break;
    }
    const raw = load<u32>(at);
    const length = <usize>(raw & ~HAS_HEADERS);
    const subject = <usize>load<u16>(at + 20);
    if (
      length < HEADER + CHECKSUM ||
      subject > length - HEADER - CHECKSUM ||
      length > LARGEST ||
      length > end - at
    ) {
      how = IMPOSSIBLE;
      break;
    }
    const marked = load<u64>(at + 4);
    const sumAt = at + length - CHECKSUM;
    // The lengths of subject and headers are the only parts of a record that are not summed up: what is
    // before them moves over them.
    let from = at + 6;
    const before = v128.load(at + 4);
    if ((raw & HAS_HEADERS) !== 0) {
      if (sumAt - (at + HEADER) < subject + 4) {
        how = IMPOSSIBLE;
        break;
      }
      memory.copy(at + HEADER + 4, at + HEADER, subject);
      from += 4;
    }
    v128.store(from, before);
    const sequence = marked & (TOMBSTONE - 1);
    if (sum(from, sumAt) !== load<u64>(sumAt)) {
      store<f64>(SEQUENCE, <f64>sequence);
      how = OTHER_SUM;
      break;
    }
    if ((marked & TOMBSTONE) !== 0) {
      store<f64>(TOMBSTONE_LIST + tombstones * 8, <f64>sequence);
      tombstones += 1;
    } else if ((marked & ERASED) === 0 && sequence !== 0) {
      if (runs > 0 && sequence === last + 1) {
        store<f64>(RUN_LIST + runs * 16 - 8, <f64>sequence);
      } else {
        store<f64>(RUN_LIST + runs * 16, <f64>sequence);
        store<f64>(RUN_LIST + runs * 16 + 8, <f64>sequence);
        runs += 1;
      }
      last = sequence;
      if (most > 0) {
        const known = subjects;
        store<u32>(NUMBER_LIST + numbers * 4, numberOf(from + 16, subject));
        numbers += 1;
        if (subjects !== known) {
          store<u32>(SUBJECT_LIST + fresh * 4, <u32>(free - subject - 4));
          fresh += 1;
          if (subjects > most) {
            most = 0;
          }
        }
      }
    }
    at += length;
  }
  store<u32>(AT, <u32>at);
  store<u32>(RUNS, <u32>runs);
  store<u32>(NUMBERS, <u32>numbers);
  store<u32>(TOMBSTONES, <u32>tombstones);
  store<u32>(SUBJECTS, <u32>fresh);
  return how;
}

/** The number of a subject, which is kept where it is new. */
function numberOf(at: usize, size: usize): u32 {
  let place = scattered(at, size);
  let where = TABLE + place * PLACE;
  for (let kept = <usize>load<u32>(where); kept !== 0; kept = <usize>load<u32>(where)) {
    if (<usize>load<u32>(kept) === size && isSame(kept + 4, at, size)) {
      return load<u32>(where + 4);
    }
    place = (place + 1) & (PLACES - 1);
    where = TABLE + place * PLACE;
  }
  store<u32>(where, <u32>free);
  store<u32>(where + 4, subjects);
  store<u32>(free, <u32>size);
  memory.copy(free + 4, at, size);
  free += size + 4;
  subjects += 1;
  return subjects - 1;
}

function isSame(one: usize, other: usize, size: usize): bool {
  let index: usize = 0;
  for (; index + 8 <= size; index += 8) {
    if (load<u64>(one + index) !== load<u64>(other + index)) {
      return false;
    }
  }
  for (; index < size; index++) {
    if (load<u8>(one + index) !== load<u8>(other + index)) {
      return false;
    }
  }
  return true;
}

/** The first place to look for a subject. */
function scattered(at: usize, size: usize): usize {
  let mixed: u64 = size;
  let index: usize = 0;
  for (; index + 8 <= size; index += 8) {
    mixed = mix(mixed ^ load<u64>(at + index));
  }
  for (; index < size; index++) {
    mixed = (mixed ^ load<u8>(at + index)) * 0x01000193;
  }
  return <usize>mix(mixed) & (PLACES - 1);
}

function mix(value: u64): u64 {
  value = (value ^ (value >>> 32)) * 0x9e3779b1;
  value = (value ^ (value >>> 29)) * 0x85ebca77;
  return value ^ (value >>> 31);
}
