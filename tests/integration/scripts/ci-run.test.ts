import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const RUN = resolve(__dirname, "../../../.ci/run");

describe(".ci/run", () => {
  let checkout: string;

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), "tfdc-nats-ci-"));
    mkdirSync(join(checkout, "bin"));
    cpSync(RUN, join(checkout, ".ci", "run"));
  });

  afterEach(() => rmSync(checkout, { recursive: true }));

  /** Runs it with tests and checks that end as told. */
  function ci(tests: string, checks: string) {
    for (const [name, text] of Object.entries({ node: tests, npm: checks })) {
      writeFileSync(join(checkout, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const env = { PATH: `${join(checkout, "bin")}:${process.env.PATH}` };
    const { status, stdout } = spawnSync(join(checkout, ".ci", "run"), { env, encoding: "utf8" });
    return { status, closing: stdout.trimEnd().split("\n").at(-1) };
  }

  it("ends with the sums of the tests where all is well", () => {
    assert.deepEqual(ci("echo 12 passed, 0 failed, 0 skipped", "true"), {
      status: 0,
      closing: "12 passed, 0 failed, 0 skipped",
    });
  });

  it("fails where a test fails", () => {
    assert.deepEqual(ci("echo 11 passed, 1 failed, 0 skipped; exit 1", "true"), {
      status: 1,
      closing: "11 passed, 1 failed, 0 skipped",
    });
  });

  it("counts checks that fail as one failure", () => {
    assert.deepEqual(ci("echo 12 passed, 0 failed, 0 skipped", "echo format >&2; false"), {
      status: 1,
      closing: "12 passed, 1 failed, 0 skipped",
    });
  });

  it("fails where the tests end without a closing line of their own", () => {
    assert.deepEqual(ci("echo npm ci failed; exit 1", "true"), {
      status: 1,
      closing: "0 passed, 1 failed, 0 skipped",
    });
  });

  it("fails where nothing ran", () => {
    assert.deepEqual(ci("echo 0 passed, 0 failed, 0 skipped; exit 1", "true"), {
      status: 1,
      closing: "0 passed, 1 failed, 0 skipped",
    });
  });
});
