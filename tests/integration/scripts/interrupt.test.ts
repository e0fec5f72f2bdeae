import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";

const ROOT = resolve(__dirname, "../../..");

describe("a command that is interrupted", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-nats-interrupt-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  /** A command around a program that ends half a second after a signal, as pulumi does. */
  async function command() {
    const program = `trap 'sleep 0.5; touch ${folder}/saved; exit 8' INT TERM; touch ${folder}/begun; while :; do sleep 0.1; done`;
    const code = `require("./scripts/terminal/run-main").runMain(async () => {
      const { run } = require("./scripts/toolchain/processes");
      const { firstThatWorks } = require("./scripts/toolchain/ways");
      const work = () => run("sh", ["-c", ${JSON.stringify(program)}]);
      const other = async () => console.log("something else is tried");
      await firstThatWorks("it", [{ title: "a", attempt: work }, { title: "b", attempt: other }], "");
      return 0; });`;
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "-e", code], {
      cwd: ROOT,
      detached: true,
    });
    let printed = "";
    child.stdout.on("data", (data) => {
      printed += data;
    });
    child.stderr.on("data", (data) => {
      printed += data;
    });
    const ended = once(child, "close").then(([status]) => ({ status, printed }));
    while (!existsSync(join(folder, "begun"))) {
      await setTimeout(20);
    }
    return { pid: child.pid ?? 0, ended };
  }

  it("by the terminal waits for the program, tries nothing else, and says how to go on", async () => {
    const { pid, ended } = await command();
    process.kill(-pid, "SIGINT");
    const { status, printed } = await ended;
    assert.equal(status, 130);
    assert.ok(existsSync(join(folder, "saved")), "the program could save what it had done");
    assert.equal(printed.trim(), "Interrupted. Run it again to go on from here.");
  });

  it("by a supervisor passes the signal on", async () => {
    const { pid, ended } = await command();
    process.kill(pid, "SIGTERM");
    const { status } = await ended;
    assert.equal(status, 143);
    assert.ok(existsSync(join(folder, "saved")), "the program could save what it had done");
  });
});
