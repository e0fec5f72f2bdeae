import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSideBySide } from "../../../../scripts/testing/side-by-side";

describe("test files side by side", function () {
  this.timeout(60_000);
  let folder: string;
  let printed: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-nats-side-by-side-"));
    printed = [];
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs files of these texts, two at a time, and returns the counts of each by its name. */
  async function run(texts: Readonly<Record<string, string>>) {
    const files = Object.entries(texts).map(([name, text]) => {
      const path = join(folder, `${name}.cjs`);
      writeFileSync(path, text);
      return path;
    });
    const print = (text: string) => printed.push(text);
    const limitOf = (file: string) => (file.endsWith("hangs.cjs") ? 8_000 : 50_000);
    const counts = await runSideBySide(files, { env: process.env, jobs: 2, limitOf, print });
    return Object.fromEntries(
      Object.entries(counts).map(([file, { passes, failures }]) => [
        file.replace(`${folder}/`, "").replace(".cjs", ""),
        [passes, failures],
      ]),
    );
  }

  it("are counted each for itself, and print why they failed once they have ended", async () => {
    const found = await run({
      good: 'it("passes", () => {});',
      bad: 'it("passes", () => {}); it("fails", () => { throw new Error("this is why"); });',
      last: 'it("passes too", () => {});',
    });
    assert.deepEqual(found, { good: [1, 0], bad: [1, 1], last: [1, 0] });
    assert.equal(printed.length, 3);
    const bad = printed.find((text) => text.includes("bad.cjs, "));
    assert.match(
      bad ?? "",
      /bad\.cjs, \d+ s\n[\s\S]*1 passing[\s\S]*1 failing[\s\S]*Error: this is why/,
    );
  });

  it("have a lane each, whose number they know", async () => {
    const file = join(folder, "lanes");
    const text = `it("a", () => require("node:fs").appendFileSync("${file}", process.env.MOCHA_WORKER_ID));`;
    const wait = 'it("waits", (done) => setTimeout(done, 1500));';
    assert.deepEqual(await run({ a: `${text} ${wait}`, b: `${text} ${wait}` }), {
      a: [2, 0],
      b: [2, 0],
    });
    assert.deepEqual([...readFileSync(file, "utf8")].sort(), ["0", "1"]);
  });

  it("are ended where one waits without end, which names what it waited for", async () => {
    const hangs =
      'it("hangs", () => { require("node:child_process").spawnSync("sleep", ["62"]); });';
    assert.deepEqual(await run({ hangs, good: 'it("passes", () => {});' }), {
      hangs: [0, 1],
      good: [1, 0],
    });
    assert.match(
      printed.find((text) => text.includes("hangs.cjs, ")) ?? "",
      /Ended after 8 s\. What ran by then, and for how long:\n {2}\d+ \(00:\d\d\): .*mocha.*hangs\.cjs\n {2}\d+ \(00:\d\d\): sleep 62\n$/,
    );
  });

  it("fail where a process dies before its tests are over, and only there", async () => {
    const found = await run({
      dies: 'it("dies", () => process.exit(3));',
      good: 'it("a", () => {});',
    });
    assert.deepEqual(found, { dies: [0, 1], good: [1, 0] });
  });
});
