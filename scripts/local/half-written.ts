import { existsSync, readFileSync, rmSync } from "node:fs";

/**
 * Removes what a killed pulumi has half written beside the state of a stack: its content type, for
 * which the file backend refuses the whole state ("failed to load checkpoint: EOF"), and without
 * which it takes it. The state itself is replaced in one step, and never half written.
 *
 * @param state - the file of the state; no pulumi may be writing it
 * @param say - told what was removed
 */
export function clearHalfWritten(state: string, stack: string, say: (line: string) => void): void {
  const path = `${state}.attrs`;
  if (existsSync(path) && !isWhole(readFileSync(path, "utf8"))) {
    rmSync(path);
    say(
      `${stack}: the last pulumi was ended while it wrote the state, which is whole; what it had begun beside it is removed`,
    );
  }
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
