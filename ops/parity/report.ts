import { markdownTable, table } from "../terminal/table";
import type { ParityDifference } from "./compare";

const rows = (differences: readonly ParityDifference[]) =>
  differences.map(({ kind, name, aspect, property, left, right }) => [
    kind,
    name,
    property === "" ? aspect : `${aspect}: ${property}`,
    left,
    right,
  ]);

/** The differences side by side, for a terminal. */
export function parityText(
  [left, right]: readonly [string, string],
  differences: readonly ParityDifference[],
): string {
  return table(["", "name", "what", left, right], rows(differences));
}

/** The same for a pull request. */
export function parityMarkdown(
  [left, right]: readonly [string, string],
  differences: readonly ParityDifference[],
  counts: string,
): string {
  const title = `### Parity of ${left} and ${right}`;
  const body =
    differences.length === 0
      ? `No difference: ${counts}.`
      : markdownTable(["", "Name", "What", left, right], rows(differences));
  return `${title}\n\n${body}`;
}
