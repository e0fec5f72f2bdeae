import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Paints a text where a person reads it on a terminal, and leaves it alone everywhere else. */
export function paint(
  format: Format,
  text: string,
  stream: { readonly isTTY?: boolean } = process.stdout,
): string {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const isWanted = FORCE_COLOR ? FORCE_COLOR !== "0" : stream.isTTY === true && TERM !== "dumb";
  return isWanted && !NO_COLOR ? styleText(format, text, { validateStream: false }) : text;
}
