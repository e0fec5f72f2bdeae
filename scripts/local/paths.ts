import { join } from "node:path";

/** The checkout. */
export const ROOT = join(__dirname, "..", "..");

/** Everything of the local stacks, none of it in git. */
export const LOCAL = join(ROOT, ".local");

/** The stacks whose servers are processes of this machine. */
export const LOCAL_STACKS = ["local-blue", "local-green"] as const;

export type LocalStack = (typeof LOCAL_STACKS)[number];

/** The colour of a local stack. */
export function colourOf(stack: LocalStack): string {
  return stack.replace(/^local-/, "");
}
