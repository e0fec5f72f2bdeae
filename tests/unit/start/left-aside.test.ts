import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const LEFT_ASIDE = resolve(__dirname, "../../../components/dist/start/left-aside.js");

/** Packages that say when they are loaded, and a Pulumi that asks for them as the real one does. */
const FILES = {
  "@pulumi/pulumi/index.js": `
    const { codePathsOf } = require("./copies");
    exports.codePathsOf = codePathsOf;
    const semver = require("semver");
    exports.versionOf = (text) => semver.parse(text);
    exports.plain = require("plain");
  `,
  "@pulumi/pulumi/copies.js": `
    var codePaths_1 = require("./closure/codePaths");
    exports.codePathsOf = codePaths_1.codePathsOf;
  `,
  "@pulumi/pulumi/closure/codePaths.js":
    'console.log("closures"); exports.codePathsOf = (...words) => words.join("+");',
  "semver/index.js": 'console.log("semver"); exports.parse = (text) => text.split(".");',
  "plain/index.js": 'console.log("plain");',
  "other/index.js": 'console.log(require("semver").parse("9.8").length, "in another package");',
};

describe("what is left aside while Pulumi is loaded", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-left-aside-"));
    for (const [name, text] of Object.entries(FILES)) {
      const path = join(folder, "node_modules", name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(text: string, call = 'leaveAside(["semver"]);'): string[] {
    const start = `const { leaveAside } = require(${JSON.stringify(LEFT_ASIDE)});${call}`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", `${start}${text}`], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    return stdout.trim().split("\n");
  }

  it("is not loaded until it is used, and everything else is", () => {
    assert.deepEqual(run('require("@pulumi/pulumi"); console.log("loaded");'), ["plain", "loaded"]);
  });

  it("is loaded once, by the first use of it", () => {
    const text = `
      const pulumi = require("@pulumi/pulumi");
      console.log(pulumi.codePathsOf(1, 2), pulumi.codePathsOf(3), pulumi.versionOf("1.2").length);`;
    assert.deepEqual(run(text), ["plain", "closures", "semver", "1+2 3 2"]);
  });

  it("is loaded at once for any package but Pulumi", () => {
    assert.deepEqual(run('require("other");'), ["semver", "2 in another package"]);
  });

  it("is all loaded at once where Node has no loader of that name", () => {
    const text = `
      const Module = require("node:module");
      const { _load: load } = Module;
      delete Module._load;
      leaveAside(["plain"]);
      Module._load = load;
      require("@pulumi/pulumi");`;
    assert.deepEqual(run(text, ""), ["closures", "semver", "plain"]);
  });
});
