import type { Canonical } from "./kinds";
import { parseDuration, parseSize, UNLIMITED } from "./units";
import { isOlder } from "./versions";

/**
 * What an update of a field means to a running stream.
 * - `free`: taken at once, nothing is lost
 * - `lossy`: taken at once, and the server deletes what no longer fits
 * - `refused`: the server says no; only another stream could have it
 * - `one-way`: taken, and can never be taken back
 */
export type UpdateMeaning = "free" | "lossy" | "refused" | "one-way";

/** Decides the meaning of one change, on a server of the given version. */
export type UpdateRule = (
  from: Canonical | undefined,
  to: Canonical | undefined,
  serverVersion: string,
) => UpdateMeaning;

/** Taken at once, nothing lost. */
export const free: UpdateRule = () => "free";

/** Refused, whatever the change. */
export const refused: UpdateRule = () => "refused";

/** Refused by servers older than `version`, free from there on. */
export function refusedBefore(version: string): UpdateRule {
  return (_from, _to, serverVersion) => (isOlder(serverVersion, version) ? "refused" : "free");
}

/** Can be set and never unset: true → false is refused. */
export const oneWay: UpdateRule = (from) => (from === true ? "refused" : "one-way");

/** Can be set freely and never unset. */
export const neverUnset: UpdateRule = (from) => (from === true ? "refused" : "free");

/** A lower limit deletes what is over it. */
export const lossyWhenLower: UpdateRule = (from, to) =>
  magnitude(to) < magnitude(from) ? "lossy" : "free";

/** To or from workqueue is refused; limits → interest drops what no consumer wants. */
export const retentionRule: UpdateRule = (from, to) => {
  if (from === "workqueue" || to === "workqueue") {
    return "refused";
  }
  return to === "interest" ? "lossy" : "free";
};

/** A mirror can be removed (which promotes it) since 2.12; every other change is refused. */
export const mirrorRule: UpdateRule = (from, to, serverVersion) =>
  from !== undefined && to === undefined && !isOlder(serverVersion, "2.12.0") ? "free" : "refused";

function magnitude(value: Canonical | undefined): bigint | number {
  if (value === undefined || value === UNLIMITED) {
    return Number.POSITIVE_INFINITY;
  }
  if (typeof value === "number") {
    return value;
  }
  return parseDuration(String(value)) ?? parseSize(String(value)) ?? Number.POSITIVE_INFINITY;
}
