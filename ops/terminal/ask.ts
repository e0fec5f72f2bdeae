import { createInterface } from "node:readline/promises";
import { UsageError } from "../usage-error";

/**
 * Asks whether to go on, having said what will happen. Where nobody can answer, only `--yes` does.
 *
 * @returns whether the answer was yes
 */
export async function agreed(what: string, isAgreed: boolean | undefined): Promise<boolean> {
  if (isAgreed === true) {
    return true;
  }
  if (!process.stdin.isTTY) {
    throw new UsageError(`${what} Nothing was done; say so with --yes.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${what} Go on? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
