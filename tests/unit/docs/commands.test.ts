import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { consoleBlocks, typedBlocks } from "../../support/console-blocks";

const ROOT = resolve(__dirname, "../../..");
const OPERATIONS = "tests/integration/scripts/pages.test.ts";
/** Which test types the commands of which pages. */
const TYPED: Readonly<Record<string, string>> = {
  "docs/tutorial.md": "tests/integration/scripts/tutorial.test.ts",
  "docs/kubernetes.md": "tests/kubernetes/document.test.ts",
  "docs/monitoring.md": "tests/kubernetes/document.test.ts",
  "README.md": OPERATIONS,
  "docs/operations/backup.md": OPERATIONS,
  "docs/operations/generate.md": OPERATIONS,
  "docs/operations/health.md": OPERATIONS,
  "docs/operations/parity.md": OPERATIONS,
  "docs/operations/roll.md": OPERATIONS,
  "docs/operations/troubleshooting.md": OPERATIONS,
  "docs/pull-requests.md": OPERATIONS,
};
/** What runs each of these is not a test of a page. */
const RUN_BY_ITSELF = ["npm ci", "npm run check", "npm test"];

const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
  cwd: ROOT,
  encoding: "utf8",
});
const pages = files
  .trim()
  .split("\n")
  // Of the runbooks' commands only some are typed, which the last test looks at.
  .filter((page) => existsSync(join(ROOT, page)) && dirname(page) !== "docs/runbooks")
  .map((page) => ({ page, text: readFileSync(join(ROOT, page), "utf8") }))
  .filter(({ text }) => consoleBlocks(text).length > 0);

describe("The commands of the pages", () => {
  for (const { page, text } of pages) {
    it(`are typed by a test, or the page says that they are not: ${page}`, () => {
      const commands = typedBlocks(text)
        .flatMap((block) => block.commands)
        .filter((command) => !RUN_BY_ITSELF.includes(command));
      const test = TYPED[page];
      if (test === undefined) {
        assert.deepEqual(commands, []);
        return;
      }
      assert.ok(commands.length > 0, `${page} has nothing for ${test} to type`);
      assert.ok(readFileSync(join(ROOT, test), "utf8").includes(basename(page)), test);
    });
  }

  it("of the runbooks are typed as far as they are those of tfdc-nats and nats", () => {
    assert.match(
      readFileSync(join(ROOT, "docs/runbooks/README.md"), "utf8"),
      /No test types those of `kubectl` and `curl`/,
    );
    assert.match(readFileSync(join(ROOT, OPERATIONS), "utf8"), /docs\/runbooks/);
  });
});
