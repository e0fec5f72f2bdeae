/** What a page shows of a terminal. */
export interface ConsoleBlock {
  /** What follows `$ `, with the lines that go on after `> `, as a shell takes it. */
  readonly commands: readonly string[];
  /** The lines that the page shows of what they print. */
  readonly printed: readonly string[];
}

/** The ```console blocks of a page. */
export function consoleBlocks(page: string): ConsoleBlock[] {
  return [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => {
    const commands: string[] = [];
    const printed: string[] = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("$ ")) {
        commands.push(line.slice(2));
      } else if (line.startsWith("> ")) {
        commands.push(`${commands.pop() ?? ""}\n${line.slice(2)}`);
      } else if (line !== "" && line !== "...") {
        printed.push(line.trim());
      }
    }
    return { commands, printed };
  });
}
