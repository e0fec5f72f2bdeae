import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const MODULE = resolve(__dirname, "../../../components/dist/start/promise-traces.js");

/** As Pulumi notes a promise, and the same function of somebody else's. */
const NOTED = "exports.noted = function debuggablePromise() { return new Error().stack; };";

describe("the call stacks of a program", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-traces-"));
    for (const name of ["@pulumi/pulumi", "other"]) {
      mkdirSync(join(folder, "node_modules", name), { recursive: true });
      writeFileSync(join(folder, "node_modules", name, "index.js"), NOTED);
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /**
   * How many lines each stack has, its message included.
   *
   * @param afterwards - what the program does then with how stacks are written
   */
  function lines(env: NodeJS.ProcessEnv = {}, afterwards = ""): Record<string, number> {
    const text = `
      const pulumi = require("@pulumi/pulumi"), other = require("other");
      require(${JSON.stringify(MODULE)}).leaveOutTracesOfPromises();
      ${afterwards}
      const count = (text) => text.split("\\n").length;
      console.log(JSON.stringify({
        pulumi: count(pulumi.noted()), other: count(other.noted()), own: count(new Error("mine").stack),
      }));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", text], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PULUMI_DEBUG_PROMISE_LEAKS: "", ...env },
    });
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  }

  it("are left out where Pulumi notes them for a promise, and nowhere else", () => {
    const { pulumi, other = 0, own = 0 } = lines();
    assert.equal(pulumi, 1);
    assert.ok(other > 2 && own > 2, `${other}, ${own}`);
  });

  it("are left out, too, where something else writes stacks from then on", () => {
    const all = lines({}, 'Error.prepareStackTrace = (error, sites) => "one\\ntwo";');
    assert.deepEqual(all, { pulumi: 1, other: 2, own: 2 });
  });

  it("are written as before where something else did for a while", () => {
    const {
      pulumi,
      other = 0,
      own = 0,
    } = lines(
      {},
      `const before = Error.prepareStackTrace;
      Error.prepareStackTrace = (error, sites) => before(error, sites.slice(0, 1));
      if (new Error("mine").stack.split("\\n").length !== 2) throw "not one line";
      Error.prepareStackTrace = before;`,
    );
    assert.equal(pulumi, 1);
    assert.ok(other > 2 && own > 2, `${other}, ${own}`);
  });

  it("are there where Pulumi is told to print those of promises", () => {
    assert.ok((lines({ PULUMI_DEBUG_PROMISE_LEAKS: "true" }).pulumi ?? 0) > 2);
  });
});
