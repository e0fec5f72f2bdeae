import { type Problem, problem } from "./problems";
import { formatDuration, formatSize, parseDuration, parseSize, UNLIMITED } from "./units";

/** A value in the one form in which it is compared, stored and shown. */
export type Canonical =
  | string
  | number
  | boolean
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

/** What reading a user's value gave: its canonical form, or what is wrong with it. */
export interface Parsed {
  readonly value?: Canonical;
  readonly problems: readonly Problem[];
}

/** How one sort of value is written by a person, kept in the state, and spoken on the wire. */
export interface Kind {
  /** Name of the sort, as documentation shows it. */
  readonly title: string;
  /** Reads what a user wrote. */
  parse(path: string, value: unknown): Parsed;
  /** The value on the wire; `undefined` leaves the field out. */
  toWire(value: Canonical): unknown;
  /** The canonical form of a wire value; `undefined` where the field says nothing. */
  fromWire(wire: unknown): Canonical | undefined;
  /** What an object consists of, or each object of a list; absent of all other kinds. */
  readonly parts?: readonly Part[];
}

/** One property of an object. */
export interface Part {
  /** Name here, in camel case. */
  readonly name: string;
  /** Name on the wire. */
  readonly wire: string;
  readonly kind: Kind;
  readonly required?: boolean;
  /** What the server fills in. A part that equals it is shown only where it is not the default. */
  readonly fallback?: Canonical;
  /** The first server that knows the part, where that is not the first that knows the object. */
  readonly since?: string;
}

/**
 * What Pulumi passes in preview for a value that is not known yet. It stands for any kind of
 * value, so it goes through unread.
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value, or anything in it, is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value !== null && typeof value === "object") {
    return Object.values(value).some(hasUnknown);
  }
  return value === UNKNOWN;
}

/** Whether a number goes over the wire as it is: JSON's numbers have 53 bits. */
function isExact(value: bigint): boolean {
  return BigInt(Number(value)) === value;
}

/** A kind of which every value is one word or number: read by `read`, refused with `expects`. */
function scalar(spec: {
  title: string;
  expects: string;
  /** What to use instead of a value that is refused. */
  example: string | ((refused: unknown) => string);
  read: (value: unknown) => Canonical | undefined;
  toWire: (value: Canonical) => unknown;
  fromWire: (wire: unknown) => Canonical | undefined;
}): Kind {
  return {
    title: spec.title,
    toWire: spec.toWire,
    fromWire: spec.fromWire,
    parse: (path, value) => {
      const canonical = value === UNKNOWN ? UNKNOWN : spec.read(value);
      if (canonical !== undefined) {
        return { value: canonical, problems: [] };
      }
      const { example, expects } = spec;
      const instead = typeof example === "string" ? example : example(value);
      return { problems: [problem(path, value, `it must be ${expects}`, `use ${instead}`)] };
    },
  };
}

/** A duration: `"7d"` here, nanoseconds on the wire. `zero` is the word for 0 on the wire. */
export function duration(zero: string, example: string): Kind {
  return scalar({
    title: "duration",
    expects: `a duration of whole nanoseconds, or "${zero}"`,
    example: `"${example}" or "${zero}"`,
    read: (value) => {
      const nanos =
        value === zero ? 0n : typeof value === "string" ? parseDuration(value) : undefined;
      if (nanos === undefined || !isExact(nanos)) {
        return undefined;
      }
      return nanos === 0n ? zero : formatDuration(nanos);
    },
    toWire: (value) => (value === zero ? 0 : Number(parseDuration(String(value)))),
    fromWire: (wire) => {
      const nanos = BigInt(Number(wire ?? 0));
      return nanos === 0n ? zero : formatDuration(nanos);
    },
  });
}

/** A size: `"50GiB"` here, bytes on the wire, where -1 stands for no limit. */
export function size(example: string): Kind {
  return scalar({
    title: "size",
    expects: `a size of at least one byte, or "${UNLIMITED}"`,
    example: `"${example}" or "${UNLIMITED}"`,
    read: (value) => {
      if (value === UNLIMITED || value === -1) {
        return UNLIMITED;
      }
      const bytes =
        typeof value === "string" || typeof value === "number" ? parseSize(value) : undefined;
      return bytes === undefined || bytes === 0n || !isExact(bytes) ? undefined : formatSize(bytes);
    },
    toWire: (value) => (value === UNLIMITED ? -1 : Number(parseSize(String(value)))),
    fromWire: (wire) => {
      const bytes = Number(wire ?? -1);
      return bytes <= 0 ? UNLIMITED : formatSize(BigInt(bytes));
    },
  });
}

/** A number of things that may be unlimited: -1 on the wire. */
export function count(example: number): Kind {
  return scalar({
    title: "count",
    expects: `a whole number from 1, or "${UNLIMITED}"`,
    example: `${example} or "${UNLIMITED}"`,
    read: (value) => {
      if (value === UNLIMITED || value === -1) {
        return UNLIMITED;
      }
      return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
    },
    toWire: (value) => (value === UNLIMITED ? -1 : value),
    fromWire: (wire) => {
      const number = Number(wire ?? -1);
      return number <= 0 ? UNLIMITED : number;
    },
  });
}

/** A whole number within bounds; `absent` is what a missing field means on the wire. */
export function integer(bounds: { min: number; max: number; absent: number }): Kind {
  const { min, max, absent } = bounds;
  return scalar({
    title: "number",
    expects:
      max === Number.MAX_SAFE_INTEGER
        ? `a whole number from ${min}`
        : `a whole number from ${min} to ${max}`,
    example: (refused) => `${Number(refused) > max ? max : Math.max(min, absent)}`,
    read: (value) =>
      Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
        ? Number(value)
        : undefined,
    toWire: (value) => (value === absent ? undefined : value),
    fromWire: (wire) => Number(wire ?? 0) || absent,
  });
}

/** A switch. */
export const flag: Kind = scalar({
  title: "flag",
  expects: "true or false",
  example: "true or false",
  read: (value) => (typeof value === "boolean" ? value : undefined),
  toWire: (value) => value,
  fromWire: (wire) => wire === true,
});

/** One of a closed set of words; the first is what a missing field means on the wire. */
export function choice(...words: readonly [string, ...string[]]): Kind {
  const list = words.map((word) => `"${word}"`).join(" or ");
  return scalar({
    title: words.map((word) => `"${word}"`).join(" \\| "),
    expects: `one of ${list}`,
    example: list,
    read: (value) => (typeof value === "string" && words.includes(value) ? value : undefined),
    toWire: (value) => value,
    fromWire: (wire) => (typeof wire === "string" && wire !== "" ? wire : words[0]),
  });
}

/** A text; `""` is the same as none. */
export const text: Kind = scalar({
  title: "text",
  expects: "a text",
  example: "a text in quotes",
  read: (value) => (typeof value === "string" ? value : undefined),
  toWire: (value) => (value === "" ? undefined : value),
  fromWire: (wire) => (typeof wire === "string" ? wire : ""),
});

/** A moment in time, as RFC 3339 writes it. */
export const time: Kind = scalar({
  title: "time",
  expects: "a time as RFC 3339 writes it",
  example: '"2026-01-31T12:00:00Z"',
  read: canonicalTime,
  toWire: (value) => value,
  fromWire: (wire) => (wire === undefined || wire === null ? undefined : canonicalTime(wire)),
});

/** One text for one moment: in UTC, with no more decimals than it needs, as Go writes it. */
function canonicalTime(value: unknown): string | undefined {
  const match =
    typeof value === "string"
      ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.exec(value)
      : null;
  if (match === null) {
    return undefined;
  }
  const [, seconds, fraction = "", zone] = match;
  const date = new Date(`${seconds}${zone}`);
  return Number.isNaN(date.valueOf())
    ? undefined
    : `${date.toISOString().slice(0, 19)}${fraction.replace(/\.?0+$/, "")}Z`;
}

/** A set of texts: order and repetition mean nothing, so both are settled here. */
export const texts: Kind = {
  title: "list of text",
  parse: (path, value) => {
    if (value === UNKNOWN) {
      return { value, problems: [] };
    }
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string" || item === "")) {
      return {
        problems: [
          problem(path, value, "it must be a list of texts, none empty", 'use ["first", "second"]'),
        ],
      };
    }
    return { value: [...new Set(value as string[])].sort(), problems: [] };
  },
  toWire: (value) => (Array.isArray(value) && value.length > 0 ? value : undefined),
  fromWire: (wire) => (Array.isArray(wire) ? [...new Set(wire.map(String))].sort() : []),
};

/** Labels: text by text. Keys that the server itself makes (`_nats.*`) are neither kept nor sent. */
export const labels: Kind = {
  title: "map of text",
  parse: (path, value) => {
    if (value === UNKNOWN) {
      return { value, problems: [] };
    }
    const isMap = value !== null && typeof value === "object" && !Array.isArray(value);
    if (!isMap || Object.values(value).some((item) => typeof item !== "string")) {
      return {
        problems: [problem(path, value, "it must be a map of texts", 'use { team: "tfdc" }')],
      };
    }
    const made = Object.keys(value).filter((key) => key.startsWith(SERVER_METADATA));
    return made.length > 0
      ? {
          problems: made.map((key) =>
            problem(
              `${path}["${key}"]`,
              (value as Record<string, unknown>)[key],
              `the prefix '${SERVER_METADATA}' is the server's own`,
              "choose another key",
            ),
          ),
        }
      : { value: sortKeys(value as Record<string, string>), problems: [] };
  },
  toWire: (value) => (Object.keys(value as object).length > 0 ? value : undefined),
  fromWire: (wire) =>
    sortKeys(
      Object.fromEntries(
        Object.entries((wire ?? {}) as Record<string, string>).filter(
          ([key]) => !key.startsWith(SERVER_METADATA),
        ),
      ),
    ),
};

const SERVER_METADATA = "_nats.";

/** The same object with its keys in order, so that equal objects are equal texts. */
export function sortKeys<T>(value: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(value).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
  );
}
