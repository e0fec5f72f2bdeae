import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** The corrections of the reference document. */
export const DOCUMENT = readFileSync(join(ROOT, "docs/seed-corrections.md"), "utf8");

/** A piece of the reference document, as it stands there. */
export function seedFile(name: string): string {
  return readFileSync(join(ROOT, "tests/fixtures/seed", name), "utf8");
}

/** One entry of the corrections. */
export interface Entry {
  readonly number: number;
  readonly title: string;
  /** Its text, on one line. */
  readonly text: string;
}

/** The entries, in their order. */
export function entries(): Entry[] {
  return DOCUMENT.split(/^## (?=\d+\. )/m)
    .slice(1)
    .map((part) => {
      const [heading = "", ...lines] = part.split("\n");
      const [, number = "", title = ""] = /^(\d+)\. (.*)$/.exec(heading) ?? [];
      return { number: Number(number), title, text: lines.join(" ").replace(/\s+/g, " ") };
    });
}

/**
 * The words of a program, which the entry of that number must quote. What a test then hears from
 * the program is compared with them, so that the document cannot say anything else.
 */
export function quoted(number: number, words: string): string {
  const entry = entries().find((one) => one.number === number);
  assert.ok(entry?.text.includes(words), `entry ${number} does not quote: ${words}`);
  return words;
}
