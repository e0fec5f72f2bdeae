import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { updateAsSomebody } from "../../support/capture-previews";
import { LocalProgram } from "../../support/local-program";
import { tfdcNats } from "../../support/ops-command";

const SCRIPT = resolve(__dirname, "../../../.github/preview.sh");

describe("the comment on a real preview of a local colour", function () {
  this.timeout(180_000);
  let program: LocalProgram;

  before(async () => {
    program = await LocalProgram.create();
    await program.project.ok("up", "--yes", "--skip-preview");
  });

  after(() => program?.remove());

  /** What the workflows do. */
  async function preview(...stacks: string[]): Promise<{ code: number; comment: string }> {
    const { directory, env } = program.project;
    const child = spawn(SCRIPT, ["comment.md", "pull-request", "Preview", ...stacks], {
      cwd: directory,
      env,
      stdio: "ignore",
    });
    const [code] = await once(child, "close");
    return { code, comment: readFileSync(join(directory, "comment.md"), "utf8") };
  }

  it("says that nothing changes", async () => {
    const { code, comment } = await preview("local-blue");
    assert.equal(code, 0, comment);
    assert.match(comment, /^✅ `local-blue`: no changes {2}$/m);
    assert.match(comment, /^\| Changes \| none<br>13 unchanged \|$/m);
  });

  it("tells drift and an edit apart, and an unknown stack, which is refused, from both", async () => {
    await updateAsSomebody(program, "metrics_v1", { max_age: 3 * 86_400e9 });
    const topology = readFileSync(join(program.project.directory, "topology.ts"), "utf8");
    program.project.write("topology.ts", topology.replace('maxAge: "30d"', 'maxAge: "31d"'));
    const { code, comment } = await preview("local-blue", "local-nobody");
    assert.equal(code, 1, comment);
    assert.match(comment, /^✏️ `local-blue`: changes, drift among them {2}$/m);
    assert.match(comment, /^⛔ `local-nobody`: \*\*no preview\*\*/m);
    assert.match(comment, /no stack named 'local-nobody' found/);
    assert.match(comment, /^\| Drift found \| changed: `blue-metrics\.v1` \| unknown \|$/m);
    assert.match(comment, /^! {3}maxAge: "3d" => "7d" {3}# drift: put back$/m);
    assert.match(comment, /^! {3}maxAge: "30d" => "31d"$/m);
    assert.ok(!comment.includes("-password-of-a-test"));
  });

  it("ends with 3 where something differs and nothing is refused", async () => {
    const { code, comment } = await preview("local-blue");
    assert.equal(code, 3, comment);
  });
});

describe("tfdc-nats preview-comment", () => {
  it("ends with 2 for a command line that makes no sense", async () => {
    for (const [words, reason] of [
      [["blue.json"], /'blue\.json' names no stack and file: write it as blue=blue\.json\./],
      [["a=b", "a=c"], /'a' is named twice; name each stack once\./],
      [["a=nowhere.json"], /nowhere\.json cannot be read: ENOENT/],
      [["a=b", "--state", "c=d"], /no preview is named for 'c': add c=<file>\./],
      [["a=b", "--marker", "a b"], /'a b' is no marker: use letters, digits, - and _ only\./],
    ] as const) {
      const { code, stderr } = await tfdcNats(["preview-comment", ...words]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, reason);
    }
  });
});
