import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalProgram } from "../../support/local-program";

describe("the program", function () {
  this.timeout(120_000);
  let program: LocalProgram;

  before(async () => {
    program = await LocalProgram.create();
  });

  after(() => program.remove());

  async function refusal(): Promise<string> {
    const run = await program.project.run("preview");
    assert.notEqual(run.code, 0);
    assert.doesNotMatch(run.stdout, /\n\s+at \S+/, "no stack trace");
    return /error: ([^\n]*)/.exec(run.stdout.slice(run.stdout.indexOf("Diagnostics:")))?.[1] ?? "";
  }

  it("asks for all passwords of a colour on Kubernetes at once", async () => {
    await program.configure("target", "kubernetes");
    const run = await program.project.run("preview");
    assert.notEqual(run.code, 0);
    const asked = [...run.stdout.matchAll(/- ('passwords\.[^\n]*)/g)].map(([, line]) => line);
    assert.deepEqual(
      asked,
      ["client", "provisioner", "system", "cluster"].map(
        (name) =>
          `'passwords.${name}' is not set: it is to come from the stack configuration tfdc-nats:${name}Password, which is not set; set it with: pulumi config set --secret tfdc-nats:${name}Password.`,
      ),
    );
  });

  it("says where a colour can live", async () => {
    await program.configure("target", "moon");
    assert.equal(
      await refusal(),
      `'tfdc-nats:target' is "moon": a colour lives on "local" or "kubernetes"; set it with: pulumi config set tfdc-nats:target local`,
    );
    await program.configure("target", "local");
  });

  it("says what a colour's name is", async () => {
    await program.configure("colour", "Blue!");
    assert.equal(
      await refusal(),
      `'tfdc-nats:colour' is "Blue!": a colour is lower-case letters, digits and '-'; set it with: pulumi config set tfdc-nats:colour blue`,
    );
    await program.configure("colour", "blue");
  });

  it("tells all that is wrong with a cluster at once", async () => {
    await program.configure("writeDeadline", "soon");
    await program.configure("serverVersion", "2.9.0");
    const run = await program.project.run("preview");
    assert.match(run.stdout, /error: the cluster 'nats-blue' has 2 problems:/);
    assert.match(
      run.stdout,
      /- 'serverVersion' is "2\.9\.0": it must be nats-server 2\.10\.0 or newer/,
    );
    assert.match(run.stdout, /- 'writeDeadline' is "soon": it must be a duration/);
    await program.configure("writeDeadline", "10s");
  });

  it("warns of a version that can lose streams", async () => {
    await program.configure("serverVersion", "2.10.22");
    const run = await program.project.ok("preview");
    assert.match(
      run.stdout,
      /warning: nats-server 2\.10\.22 can lose a whole stream when servers are killed \(nats-server#6888, fixed in 2\.10\.23\); use 2\.10\.29\./,
    );
  });

  it("names a nats-server that is not on this machine, and how it is had", async () => {
    await program.configure("serverVersion", "2.10.3");
    const run = await program.project.run("up", "--yes", "--skip-preview");
    assert.match(
      run.stdout,
      /error: nats-server 2\.10\.3 is not on this machine: it was looked for at \S+ and on the PATH; 'npm start' fetches it, or put nats-server 2\.10\.3 on the PATH\./,
    );
  });

  it("says where a mistake of syntax is, and translates again what was changed", async () => {
    const file = join(program.project.directory, "topology.ts");
    const right = readFileSync(file, "utf8");
    program.project.write("topology.ts", `${right}const broken = ;\n`);
    const { code, stdout } = await program.project.run("preview");
    assert.notEqual(code, 0);
    const line = right.split("\n").length;
    assert.match(
      stdout,
      new RegExp(`ParseError: Unexpected token\\s+\\S+/topology\\.ts:${line}:15`),
    );
    program.project.write("topology.ts", right);
    await program.configure("serverVersion", "2.10.29");
    await program.project.ok("preview");
  });

  it("says which line of it fails", async () => {
    const file = join(program.project.directory, "topology.ts");
    const right = readFileSync(file, "utf8");
    program.project.write("topology.ts", `${right}throw new TypeError("of a test");\n`);
    const { code, stdout } = await program.project.run("preview");
    assert.notEqual(code, 0);
    const line = right.split("\n").length;
    assert.match(stdout, new RegExp(`TypeError: of a test[^]*topology\\.ts:${line}:`));
    program.project.write("topology.ts", right);
  });
});
