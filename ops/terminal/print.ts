/** Prints a result for a script to read. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Prints a line of a result. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Says what is going on, beside the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
