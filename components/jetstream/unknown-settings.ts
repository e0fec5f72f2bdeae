import type { Kind, Part } from "./kinds";
import { STREAM_FIELDS } from "./stream-fields";
import { canonicalText } from "./stream-settings";

type Wire = Readonly<Record<string, unknown>>;

/** A setting of a live stream that the field table does not know: a newer server has it. */
export interface UnknownSetting {
  /** Its place on the wire: `allow_more`, `sources["orders"].more`. */
  readonly path: string;
  readonly value: unknown;
}

/** What a live stream says beyond the field table. What a server says of every stream is nothing. */
export function unknownSettings(config: Wire): UnknownSetting[] {
  return unknownIn("", STREAM_FIELDS, config);
}

/** The same as a message says it: `allow_more is true`. */
export function showUnknown({ path, value }: UnknownSetting): string {
  return `${path} is ${JSON.stringify(value)}`;
}

/**
 * A configuration to send, with what the live stream says beyond the field table: it is nobody's to
 * reset who does not know it. In an object it goes with the rest of the object, while that stays.
 */
export function withUnknown(sent: Wire, live: Wire): Record<string, unknown> {
  const own = unknownKeys(STREAM_FIELDS, live).map((key) => [key, live[key]] as const);
  const fields = STREAM_FIELDS.flatMap(({ wire, kind }) =>
    kind.parts === undefined || sent[wire] === undefined
      ? []
      : [[wire, carriedOver(kind, sent[wire], live[wire])] as const],
  );
  return { ...sent, ...Object.fromEntries([...own, ...fields]) };
}

function carriedOver(kind: Kind, sent: unknown, live: unknown): unknown {
  if (Array.isArray(sent)) {
    const items = Array.isArray(live) ? live : [];
    return sent.map((item) => items.find((one) => isRicher(kind, [one], [item])) ?? item);
  }
  return isRicher(kind, live, sent) ? live : sent;
}

/** Whether one value says what another says, and something unknown besides. */
function isRicher(kind: Kind, one: unknown, other: unknown): boolean {
  return (
    unknownIn("", kind.parts ?? [], one).length > 0 &&
    canonicalText(kind.fromWire(one)) === canonicalText(kind.fromWire(other))
  );
}

type Known = Pick<Part, "wire" | "kind">;

function unknownIn(path: string, known: readonly Known[], value: unknown): UnknownSetting[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => {
      const { name = index } = (item ?? {}) as Wire;
      return unknownIn(`${path}[${JSON.stringify(name)}]`, known, item);
    });
  }
  if (value === null || typeof value !== "object") {
    return [];
  }
  const said = value as Wire;
  const within = (key: string) => (path === "" ? key : `${path}.${key}`);
  return [
    ...unknownKeys(known, said).map((key) => ({ path: within(key), value: said[key] })),
    ...known.flatMap(({ wire, kind }) =>
      kind.parts === undefined ? [] : unknownIn(within(wire), kind.parts, said[wire]),
    ),
  ];
}

function unknownKeys(known: readonly Known[], value: Wire): string[] {
  return Object.keys(value)
    .filter((key) => !known.some(({ wire }) => wire === key) && saysSomething(value[key]))
    .sort();
}

/** A server spells out what is not set: false, 0, "", none. */
function saysSomething(value: unknown): boolean {
  if (value !== null && typeof value === "object") {
    return Object.values(value).some(saysSomething);
  }
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}
