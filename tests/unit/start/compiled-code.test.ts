import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { eventually } from "../../support/eventually";

const COMPILED_CODE = resolve(__dirname, "../../../components/dist/start/compiled-code.js");

describe("what Node compiles for a provider", function () {
  this.timeout(60_000);
  let folder: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-compiled-"));
    writeFileSync(join(folder, "used.js"), "exports.used = () => 1;\n");
  });

  afterEach(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** A process that loads a module and then lives on, as a provider does. */
  function provider(): string {
    const candidates = [join(folder, "sub", "node_modules"), join(folder, "node_modules")];
    const text = `
      require(${JSON.stringify(COMPILED_CODE)}).keepCompiledCode(${JSON.stringify(candidates)}, "provider");
      require("./used.js").used();
      console.log("ready");
      setInterval(() => {}, 1000);`;
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    child = spawn(process.execPath, ["-e", text], { cwd: folder, env, stdio: "pipe" });
    return join(folder, "node_modules", ".cache", "tfdc-nats", "provider");
  }

  it("is kept beside the packages of the project, though a signal will end the provider", async () => {
    mkdirSync(join(folder, "node_modules", "@pulumi", "pulumi"), { recursive: true });
    const kept = provider();
    const files = await eventually(
      () => (existsSync(kept) ? readdirSync(kept, { recursive: true }) : []),
      // The folder of this version of Node, and what was compiled in it.
      (found) => found.length > 1,
    );
    assert.ok(files.length > 1, files.join(", "));
    assert.equal(child?.exitCode, null);
  });

  it("is not kept where no package of Pulumi is", async () => {
    mkdirSync(join(folder, "node_modules"));
    const kept = provider();
    await once(child?.stdout ?? process.stdin, "data");
    assert.ok(!existsSync(kept));
  });
});
