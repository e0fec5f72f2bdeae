/** Nanoseconds in each unit that a person writes, largest first. */
const DURATION_UNITS: readonly (readonly [string, bigint])[] = [
  ["d", 86_400_000_000_000n],
  ["h", 3_600_000_000_000n],
  ["m", 60_000_000_000n],
  ["s", 1_000_000_000n],
  ["ms", 1_000_000n],
  ["us", 1_000n],
  ["ns", 1n],
];

/** Bytes in each unit that a person writes, largest first. NATS counts `GB` as 1024³ as well. */
const SIZE_UNITS: readonly (readonly [string, bigint])[] = [
  ["TiB", 1n << 40n],
  ["GiB", 1n << 30n],
  ["MiB", 1n << 20n],
  ["KiB", 1n << 10n],
];

const SIZE_FACTORS: Readonly<Record<string, bigint>> = {
  "": 1n,
  b: 1n,
  k: 1n << 10n,
  kb: 1n << 10n,
  kib: 1n << 10n,
  m: 1n << 20n,
  mb: 1n << 20n,
  mib: 1n << 20n,
  g: 1n << 30n,
  gb: 1n << 30n,
  gib: 1n << 30n,
  t: 1n << 40n,
  tb: 1n << 40n,
  tib: 1n << 40n,
};

const MAX_INT64 = (1n << 63n) - 1n;

/** The word that stands for "no limit" in every size, count and duration. */
export const UNLIMITED = "unlimited";

/** A duration such as `"7d"`, `"2m"`, `"1h30m"` or `"100ms"`; `"unlimited"` where that has a meaning. */
export type Duration = string;

/** A size such as `"50GiB"`, `"50GB"` (the same, as in NATS), or a number of bytes; or `"unlimited"`. */
export type Size = string | number;

/** A number of things, or `"unlimited"`. */
export type Count = number | typeof UNLIMITED;

/**
 * Reads a duration.
 *
 * @returns nanoseconds, or `undefined` where the text is no duration
 */
export function parseDuration(text: string): bigint | undefined {
  const parts = [...text.matchAll(/(\d+)(?:\.(\d+))?(d|h|ms|m|us|µs|ns|s)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) {
    return undefined;
  }
  let total = 0n;
  for (const [, whole = "0", fraction = "", unit = "ns"] of parts) {
    const factor = DURATION_UNITS.find(([name]) => name === unit.replace("µ", "u"))?.[1] ?? 1n;
    const scale = 10n ** BigInt(fraction.length);
    const scaled = BigInt(whole + fraction) * factor;
    if (scaled % scale !== 0n) {
      return undefined;
    }
    total += scaled / scale;
  }
  return total > MAX_INT64 ? undefined : total;
}

/** Writes a duration in its one canonical form: `604800000000000` → `"7d"`, `90 s` → `"1m30s"`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) {
    return "0s";
  }
  let rest = nanos;
  let text = "";
  for (const [unit, factor] of DURATION_UNITS) {
    const count = rest / factor;
    if (count > 0n) {
      text += `${count}${unit}`;
      rest -= count * factor;
    }
  }
  return text;
}

/**
 * Reads a size.
 *
 * @returns bytes, or `undefined` where the value is no size
 */
export function parseSize(value: string | number): bigint | undefined {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  }
  const match = /^(\d+)(?:\.(\d+))?\s*([a-z]*)$/i.exec(value.trim());
  if (match === null) {
    return undefined;
  }
  const [, whole = "0", fraction = "", unit = ""] = match;
  const factor = SIZE_FACTORS[unit.toLowerCase()];
  if (factor === undefined) {
    return undefined;
  }
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * factor;
  if (scaled % scale !== 0n) {
    return undefined;
  }
  const bytes = scaled / scale;
  return bytes > MAX_INT64 ? undefined : bytes;
}

/** Writes a size in its one canonical form: the largest unit that leaves no fraction. */
export function formatSize(bytes: bigint): string {
  const unit = SIZE_UNITS.find(([, factor]) => bytes >= factor && bytes % factor === 0n);
  return unit === undefined ? `${bytes}B` : `${bytes / unit[1]}${unit[0]}`;
}
