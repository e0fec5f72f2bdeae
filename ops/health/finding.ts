/** How bad it is: data or service is at risk now, or will be if nobody looks. */
export type Severity = "critical" | "warning";

/** One thing that is wrong with a cluster, and what to do about it. */
export interface Finding {
  /** What was checked, in one word that a script can rely on. */
  readonly check: string;
  readonly severity: Severity;
  /** What is wrong, where, in figures. */
  readonly what: string;
  /** What to do, naming the next command where there is one. */
  readonly remedy: string;
}

const SHOWN = 5;

/** Names as a message lists them: a thousand streams are told in one line. */
export function listed(names: Iterable<string>): string {
  const all = [...new Set(names)].sort();
  const more = all.length - SHOWN;
  return more > 1 ? `${all.slice(0, SHOWN).join(", ")} and ${more} more` : all.join(", ");
}

/** The right form of a verb. */
export function verb(names: Iterable<string>, one: string, many: string): string {
  return new Set(names).size === 1 ? one : many;
}

/** `3 streams`, `1 stream`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Bytes for a person: one unit, one decimal. */
export function readable(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) {
    value /= 1024;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
