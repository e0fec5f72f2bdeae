/** Shows progress: Pulumi prints each line with the step's resource. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
