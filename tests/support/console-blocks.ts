/**
 * The commands of a page's ```console blocks, block by block: what follows `$ `, with the lines that
 * go on after `> `, as a shell takes them. What the commands print is left out.
 */
export function consoleBlocks(page: string): string[][] {
  return [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => {
    const commands: string[] = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("$ ")) {
        commands.push(line.slice(2));
      } else if (line.startsWith("> ")) {
        commands.push(`${commands.pop() ?? ""}\n${line.slice(2)}`);
      }
    }
    return commands;
  });
}
