import { strict as assert } from "node:assert";
import { LocalProgram } from "../../support/local-program";

const GIB = 1024 ** 3;

describe("the capacity of a colour", function () {
  this.timeout(120_000);
  let program: LocalProgram;

  before(async () => {
    program = await LocalProgram.create();
  });

  after(() => program.remove());

  it("is too small with the seed's disk, which a preview says before anything is made", async () => {
    await program.configure("maxFileStore", "80GB");
    const run = await program.project.run("preview");
    assert.notEqual(run.code, 0);
    const expected = [
      "error: the declaration of 'blue' has one problem:",
      `- 'maxFileStore' is "80GiB": the declared streams reserve up to 160GiB on a server, and a server reserves maxBytes in full for every replica it holds`,
      "server       reserved  max_file_store",
      "nats-blue-0  160GiB    80GiB           80GiB too much",
      "nats-blue-1  160GiB    80GiB           80GiB too much",
      "nats-blue-2  160GiB    80GiB           80GiB too much",
      "largest: events.v1 100GiB x 3, metrics.v1 50GiB x 3, alerts.v1 10GiB x 3",
      "1. lower maxBytes, so that they add up to 80GiB or less on each server",
      "2. raise maxFileStore to 160GiB or more, on a volume of 192GiB or more",
      "3. keep fewer replicas, or spread the streams over more servers",
    ];
    for (const line of expected) {
      assert.ok(run.stdout.includes(line), `${line}\n---\n${run.stdout}`);
    }
    assert.doesNotMatch(run.stdout, /\n\s+at \S+ \(/, "no stack trace");
  });

  it("is enough by default, and the servers reserve what the arithmetic says, to the byte", async () => {
    await program.configure("maxFileStore", "170GiB");
    await program.project.ok("up", "--yes", "--skip-preview");
    for (const index of [0, 1, 2]) {
      const jsz = await program.monitor<{
        reserved_storage: number;
        config: { max_storage: number };
      }>(index, "jsz?config=true");
      assert.equal(jsz.reserved_storage, 160 * GIB);
      assert.equal(jsz.config.max_storage, 170 * GIB);
    }
  });
});
