import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { ensureActionlint } from "../../../scripts/toolchain/actionlint";
import { PULUMI_VERSION } from "../../../scripts/toolchain/versions";

const GITHUB = resolve(__dirname, "../../../.github");
const FOLDER = join(GITHUB, "workflows");
const NAMES = readdirSync(FOLDER);

describe("the workflows", function () {
  this.timeout(300_000);
  let actionlint: string;

  before(async () => {
    actionlint = await ensureActionlint();
  });

  const lint = (...files: string[]) =>
    // Neither checker of scripts is part of the project: with one, an answer would depend on it.
    spawnSync(actionlint, ["-shellcheck=", "-pyflakes=", ...files], { encoding: "utf8" });

  it("pass actionlint", () => {
    assert.deepEqual(NAMES.sort(), ["apply.yml", "drift.yml", "preview.yml"]);
    const { status, stdout, stderr } = lint(...NAMES.map((name) => join(FOLDER, name)));
    assert.equal(status, 0, `${stdout}${stderr}`);
  });

  it("would not pass it with a mistake", () => {
    const folder = mkdtempSync(join(tmpdir(), "tfdc-workflow-"));
    try {
      const broken = join(folder, "broken.yml");
      const text = readFileSync(join(FOLDER, "apply.yml"), "utf8");
      writeFileSync(broken, text.replace("needs: green", "needs: gren"));
      const { status, stdout } = lint(broken);
      assert.equal(status, 1);
      assert.match(stdout, /job "blue" needs job "gren" which does not exist/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("run scripts that a shell can read, and take no text of a pull request into them", () => {
    for (const name of NAMES) {
      const { jobs } = parse(readFileSync(join(FOLDER, name), "utf8")) as {
        jobs: Record<string, { steps: { run?: string }[] }>;
      };
      for (const { run } of Object.values(jobs).flatMap(({ steps }) => steps)) {
        if (run !== undefined) {
          execFileSync("bash", ["-n"], { input: run });
          assert.ok(!run.includes("${{"), `${name}: ${run}`);
        }
      }
    }
  });

  it("take the Pulumi that everything else is tested with", () => {
    const text = readFileSync(join(GITHUB, "actions", "prepare", "action.yml"), "utf8");
    assert.ok(text.includes(`pulumi-version: ${PULUMI_VERSION}\n`));
  });

  it("apply green first, and blue only after it", () => {
    const { jobs } = parse(readFileSync(join(FOLDER, "apply.yml"), "utf8"));
    assert.equal(jobs.blue.needs, "green");
    const words = (job: string) =>
      jobs[job].steps.flatMap(({ run }: { run?: string }) => (run === undefined ? [] : [run]));
    assert.match(words("green").join("\n"), /init -s green\npulumi preview -s green .*--expect-no/);
    assert.match(words("blue").join("\n"), /health -s green\n.* init -s blue\n.* parity -s blue/);
  });
});
