import { counted } from "../health/finding";
import { UsageError } from "../usage-error";
import { diffLines } from "./diff-lines";
import { code, fenced } from "./markdown";
import type { StackChanges } from "./stack-changes";
import { type Shortness, summary } from "./summary";

/** The longest body of a comment or an issue that GitHub takes, in characters. */
export const LONGEST_COMMENT = 65_536;
/** The part of it that the summary may fill before it says less of each thing. */
const LONGEST_SUMMARY = 40_000;

const SHORTNESSES: readonly Shortness[] = [
  { names: 10, remarks: 20, characters: 4_000 },
  { names: 6, remarks: 8, characters: 1_500 },
  { names: 4, remarks: 4, characters: 500 },
  { names: 2, remarks: 2, characters: 160 },
  { names: 1, remarks: 1, characters: 60 },
];

/** What a comment is called and found again by. */
export interface CommentOptions {
  /** Tells this comment from others of the same command, such as `drift`. */
  readonly marker: string;
  readonly title: string;
}

/** The first line of a comment, invisible, by which the next run finds the one to update. */
export function markerLine(marker: string): string {
  return `<!-- tfdc-nats preview-comment: ${marker} -->`;
}

/**
 * The whole comment: the summary, and under it the differences of each stack, folded. The summary
 * is always whole; of the differences as much is there as GitHub takes.
 */
export function previewComment(
  stacks: readonly StackChanges[],
  { marker, title }: CommentOptions,
): string {
  const head = [markerLine(marker), `### ${title}`, ""].join("\n");
  const top = `${head}\n${fittingSummary(stacks)}\n`;
  const sections: string[] = [];
  let left = LONGEST_COMMENT - top.length;
  for (const [index, one] of stacks.entries()) {
    const lines = diffLines(one);
    if (lines.length > 0) {
      const section = fittingSection(one, lines, Math.floor(left / (stacks.length - index)));
      sections.push(section);
      left -= section.length;
    }
  }
  return `${top}${sections.join("")}`;
}

function fittingSummary(stacks: readonly StackChanges[]): string {
  for (const short of SHORTNESSES) {
    const text = summary(stacks, short);
    if (text.length <= LONGEST_SUMMARY) {
      return text;
    }
  }
  throw new UsageError(
    `the summary of ${counted(stacks.length, "stack")} is longer than a comment may be; render them in several comments, each with a --marker of its own.`,
  );
}

/** A stack's differences, folded, with as many lines as there is room for. */
function fittingSection(one: StackChanges, lines: readonly string[], room: number): string {
  const whole = section(one, lines, 0);
  if (whole.length <= room) {
    return whole;
  }
  let [fits, tooMany] = [0, lines.length];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    const tried = section(one, lines.slice(0, middle), lines.length - middle);
    [fits, tooMany] = tried.length <= room ? [middle, tooMany] : [fits, middle];
  }
  return section(one, lines.slice(0, fits), lines.length - fits);
}

function section(one: StackChanges, lines: readonly string[], cut: number): string {
  const sentence = `The differences of ${code(one.stack)} are cut here: ${counted(cut, "line")} left out, because a comment holds ${LONGEST_COMMENT} characters. All of it is what \`pulumi preview --diff\` of the stack prints.`;
  return [
    "",
    `<details><summary>${escapeHtml(one.stack)}: every property of ${counted(one.changes.length, "change")}</summary>`,
    "",
    fenced(lines, "diff"),
    ...(cut > 0 ? ["", sentence] : []),
    "",
    "</details>",
    "",
  ].join("\n");
}

/** A name of a stack in the one place that takes no code span. Stacks have letters, digits, `-_.`. */
function escapeHtml(stack: string): string {
  return stack.replace(/[^\w.\-/]/g, "");
}
