/** What a page shows of a terminal. */
export interface ConsoleBlock {
  /** What follows `$ `, with the lines that go on after `> `, as a shell takes it. */
  readonly commands: readonly string[];
  /** The lines that the page shows of what they print. */
  readonly printed: readonly string[];
  /** Why no test types it, in the words that the page has under it. */
  readonly untyped?: string;
}

/** What a page says under commands that no test types. */
const MARK = "No test types this";

/** The ```console blocks of a page. */
export function consoleBlocks(page: string): ConsoleBlock[] {
  const blocks = page.matchAll(/^```console\n([\s\S]*?)^```$(?:\s*^([^\n]+(?:\n[^\n]+)*))?/gm);
  return [...blocks].map(([, block = "", after = ""]) => {
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
    return { commands, printed, ...(after.startsWith(MARK) ? { untyped: after } : {}) };
  });
}

/** The ```console blocks of a page that a test types. */
export function typedBlocks(page: string): ConsoleBlock[] {
  return consoleBlocks(page).filter(({ untyped }) => untyped === undefined);
}
