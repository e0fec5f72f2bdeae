import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");
const MODULE = join(ROOT, "components/dist/start/typescript-program.js");

const INDEX = `import { tmpdir } from "node:os";
import { type Greeting, greeting } from "./greeting";

interface Unused {
  readonly text: string;
}

const made: Greeting = greeting;
module.exports = { made, name: __filename, folder: __dirname, isThere: typeof tmpdir };
`;

const GREETING = `export interface Greeting {
  readonly text: string;
}

export const greeting: Greeting = { text: "hello" };
`;

describe("a program in TypeScript that is run without Pulumi's own translation", function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "tfdc-program-")));
    mkdirSync(join(folder, "node_modules", "@pulumi", "pulumi"), { recursive: true });
    symlinkSync(join(ROOT, "node_modules/typescript"), join(folder, "node_modules/typescript"));
    write("index.ts", INDEX);
    write("greeting.ts", GREETING);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, text: string): void {
    writeFileSync(join(folder, name), text);
  }

  /** Runs it in a process of its own, which says what it exports and whether TypeScript was loaded. */
  function run(after = "") {
    const text = `
      const { typeScriptProgram } = require(${JSON.stringify(MODULE)});
      const program = typeScriptProgram(${JSON.stringify(join(folder, "index.ts"))});
      const loaded = Object.keys(require.cache).some((path) => /typescript.js$/.test(path));
      console.log(JSON.stringify({ program, loaded }));
      ${after}`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", text], {
      cwd: folder,
      encoding: "utf8",
    });
    return { stderr, said: stdout === "" ? undefined : JSON.parse(stdout) };
  }

  const expected = () => ({
    made: { text: "hello" },
    name: join(folder, "index.ts"),
    folder,
    isThere: "function",
  });

  it("exports what it would, and takes itself for the file that it is", () => {
    const { said, stderr } = run();
    assert.equal(stderr, "");
    assert.deepEqual(said, { program: expected(), loaded: true });
  });

  it("has TypeScript loaded the first time, and again where a file has changed", () => {
    run();
    assert.deepEqual(run().said, { program: expected(), loaded: false });
    write("greeting.ts", GREETING.replace("hello", "hello again"));
    const { said } = run();
    assert.deepEqual([said.program.made, said.loaded], [{ text: "hello again" }, true]);
    assert.equal(run().said.loaded, false);
    // One copy of each file, whatever it was before.
    const kept = readdirSync(join(folder, "node_modules/.cache/tfdc-nats/program"));
    assert.deepEqual(kept.map((name) => name.replace(/-.*/, "")).sort(), ["greeting", "index"]);
  });

  it("says where it is no TypeScript, and keeps nothing of it", () => {
    write("greeting.ts", "export const greeting = {;\n");
    for (const time of ["first", "second"]) {
      const { said, stderr } = run();
      assert.equal(said, undefined, time);
      assert.match(
        stderr,
        /SyntaxError: greeting\.ts\(1,26\): error TS1136: Property assignment expected\./,
      );
    }
  });

  it("names lines of the source in the stack of an error", () => {
    write("greeting.ts", `${GREETING}\nthrow new Error("not today");\n`);
    const support = join(ROOT, "node_modules/source-map-support/register");
    const text = `require(${JSON.stringify(support)});
      require(${JSON.stringify(MODULE)}).typeScriptProgram(${JSON.stringify(join(folder, "index.ts"))});`;
    for (const time of ["translated", "kept"]) {
      const { stderr } = spawnSync(process.execPath, ["-e", text], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.ok(stderr.includes(`${join(folder, "greeting.ts")}:7:7`), `${time}: ${stderr}`);
    }
  });
});
