import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { LocalProgram } from "../../support/local-program";

/** Passwords that a careless configuration would break on. */
const AWKWARD: Readonly<Record<string, string>> = {
  client: `'single' "double" \\back #hash $HOME {brace} %20`,
  provisioner: "0123456789",
  system: "$2 dollars, and a long tail: ".padEnd(200, "x"),
  cluster: "nats://user:p@ss/word?x=1#y",
};

describe("the passwords of a colour", function () {
  this.timeout(120_000);
  let program: LocalProgram;
  let output: string;

  before(async () => {
    program = await LocalProgram.create();
    for (const [name, password] of Object.entries(AWKWARD)) {
      program.password(name, password);
    }
    const up = await program.project.ok("up", "--yes", "--skip-preview", "--logtostderr", "-v=9");
    output = up.stdout + up.stderr;
  });

  after(() => program.remove());

  it("work, whatever is in them", async () => {
    const client = await program.client(AWKWARD.client);
    assert.match(client.getServer(), /127\.0\.0\.1/);
    await client.close();
    await assert.rejects(program.client("another"), /Authorization Violation/);
    const clean = await program.project.run("preview", "--expect-no-changes");
    assert.equal(clean.code, 0, clean.stdout);
    const { meta_cluster: meta } = await program.monitor<{
      meta_cluster: { cluster_size: number };
    }>(0, "jsz");
    assert.equal(meta.cluster_size, 3, "the routes know their password");
  });

  it("stand in no state, no output, no log and no process", async () => {
    const state = await program.project.state();
    const outputs = (await program.project.ok("stack", "output", "--json")).stdout;
    const processes = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" });
    const environments = [0, 1, 2].map((index) =>
      readFileSync(`/proc/${program.pid(index)}/environ`, "utf8"),
    );
    const logs = [0, 1, 2].map((index) =>
      readFileSync(program.serverFile(index, "nats.log"), "utf8"),
    );
    const places = { state, outputs, output, processes, environments, logs };
    for (const [name, password] of Object.entries(AWKWARD)) {
      for (const [place, text] of Object.entries(places)) {
        const found = [text].flat().some((part) => holds(part, password));
        assert.equal(found, false, `the password '${name}' stands in the ${place}`);
      }
    }
    assert.match(state, /exports\.handler = \(\) => require\(\\"@tfdc\/pulumi-nats\/provider\\"\)/);
  });

  it("are written for this user alone", () => {
    for (const name of ["credentials.conf", "nats.conf"]) {
      const mode = execFileSync("stat", ["-c", "%a", program.serverFile(0, name)], {
        encoding: "utf8",
      });
      assert.equal(mode.trim(), "600");
    }
  });
});

/** Whether a text holds a password as it is, or as JSON or a URL would write it. */
function holds(text: string, password: string): boolean {
  const json = JSON.stringify(password).slice(1, -1);
  return [password, json, encodeURIComponent(password)].some((form) => text.includes(form));
}
