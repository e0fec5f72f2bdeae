/** Characters that a name may not bring: they end lines, hide text, or turn its direction round. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be removed
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** A text in one line, cut where it is longer than a reader takes in. */
export function oneLine(text: string, longest: number): string {
  const line = text.replace(UNPRINTABLE, " ").replace(/ +/g, " ").trim();
  const characters = [...line];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : line;
}

/**
 * Somebody else's text inside a line. In a code span nothing of it is Markdown: no mention, no
 * link, no image, no HTML. A bar would still end the cell of a table, and a backslash before it can
 * be undone by another one, so it is a broken bar there.
 */
export function code(text: string, { longest = 80, inTable = false } = {}): string {
  const plain = oneLine(text, longest) || " ";
  const line = inTable ? plain.replaceAll("|", "¦") : plain;
  const fence = "`".repeat(1 + longestRun(line));
  const padding = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** Somebody else's lines as a block, whose fence is longer than any run of backticks inside. */
export function fenced(lines: readonly string[], language = ""): string {
  const safe = lines.map((line) => line.replace(UNPRINTABLE, " ").trimEnd());
  const fence = "`".repeat(Math.max(3, 1 + longestRun(safe.join("\n"))));
  return `${fence}${language}\n${safe.join("\n")}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
