import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileCounts } from "../../../../scripts/testing/counts";

const ROOT = join(__dirname, "../../../..");

describe("the reporter of the tests", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-nats-reporter-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function countsOf(files: Readonly<Record<string, string>>): FileCounts {
    const paths = Object.entries(files).map(([name, text]) => {
      const path = join(folder, `${name}.cjs`);
      writeFileSync(path, text);
      return path;
    });
    const counts = join(folder, "counts");
    const reporter = join(ROOT, "scripts", "testing", "reporter.cjs");
    const mocha = join(ROOT, "node_modules", "mocha", "bin", "mocha.js");
    const words = [mocha, "--no-config", "--no-package", "--reporter", reporter, ...paths];
    spawnSync(process.execPath, words, {
      cwd: ROOT,
      env: { ...process.env, TFDC_NATS_COUNTS: counts },
    });
    const found = JSON.parse(readFileSync(counts, "utf8")) as FileCounts;
    return Object.fromEntries(
      Object.entries(found).map(([file, of]) => [file.replace(`${folder}/`, ""), of]),
    );
  }

  it("counts every file for itself, a hook that fails as a failure of its file", () => {
    const found = countsOf({
      good: 'it("passes", () => {}); it("waits");',
      bad: 'it("fails", () => { throw new Error("no"); }); it("passes", () => {});',
      early:
        'describe("a", () => { before(() => { throw new Error("no"); }); it("b", () => {}); });',
    });
    assert.deepEqual(found, {
      "good.cjs": { passes: 1, failures: 0, pending: 1 },
      "bad.cjs": { passes: 1, failures: 1, pending: 0 },
      "early.cjs": { passes: 0, failures: 1, pending: 0 },
    });
  });

  it("counts a hook around all files under no file", () => {
    const { "": outside } = countsOf({
      all: 'after(() => { throw new Error("no"); }); it("a", () => {});',
    });
    assert.deepEqual(outside, { passes: 0, failures: 1, pending: 0 });
  });
});
