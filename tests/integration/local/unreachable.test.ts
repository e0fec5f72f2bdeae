import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { eventually } from "../../support/eventually";
import { LocalProgram } from "../../support/local-program";

const ASSETS = 6;

describe("a colour whose servers are away", function () {
  this.timeout(180_000);
  let program: LocalProgram;

  before(async () => {
    program = await LocalProgram.create();
    await program.project.ok("up", "--yes", "--skip-preview");
    await publish(50);
  });

  after(() => program.remove());

  async function publish(count: number): Promise<void> {
    const client = await program.client();
    const js = jetstream(client);
    for (let index = 0; index < count; index++) {
      await js.publish(`metrics.host.${index}`, "x");
    }
    await client.close();
  }

  async function messages(): Promise<number> {
    const client = await program.client();
    const { state } = await (await jetstreamManager(client)).streams.info("metrics_v1");
    await client.close();
    return state.messages;
  }

  async function assertClean(): Promise<void> {
    const run = await program.project.run("preview", "--expect-no-changes");
    assert.equal(run.code, 0, run.stdout);
    assert.match(run.stdout, /13 unchanged/);
  }

  it("previews within ten seconds that everything is unreachable, and nothing as deleted", async () => {
    program.kill(0, 1, 2);
    const run = await program.project.run("preview", "--diff");
    assert.equal(run.code, 0, run.stderr);
    assert.ok(run.seconds < 10, `it took ${run.seconds} s`);
    const lines = run.stdout.match(
      /~ liveState: "unreachable: connect ECONNREFUSED 127\.0\.0\.1:\d+" => "read"/g,
    );
    assert.equal(lines?.length, ASSETS, run.stdout);
    assert.equal(run.stdout.match(/~ process: "stopped" => "running"/g)?.length, 3);
    assert.doesNotMatch(run.stdout, /to (create|delete|replace)/);
    const strict = await program.project.run("preview", "--expect-no-changes");
    assert.equal(strict.code, 7);
  });

  it("comes back with one up, every message still there", async () => {
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertClean();
    assert.equal(await messages(), 50);
  });

  it("comes back after a reboot, when the pid files name other processes", async () => {
    program.kill(0, 1, 2);
    const { writeFileSync } = await import("node:fs");
    for (const index of [0, 1, 2]) {
      writeFileSync(program.serverFile(index, "nats.pid"), `${process.pid}\n`);
    }
    await program.project.ok("up", "--yes", "--skip-preview");
    assert.notEqual(program.pid(0), process.pid);
    await assertClean();
    assert.equal(await messages(), 50);
  });

  it("says that JetStream has no meta leader where most servers are dead, and mends that", async () => {
    program.kill(0, 1);
    // A meta leader leads on for some seconds after it has lost the others, and answers rightly.
    const { meta_cluster: meta } = await eventually(
      () => program.monitor<{ meta_cluster: { leader?: string } }>(2, "jsz"),
      ({ meta_cluster: { leader } }) => leader === undefined,
      30_000,
    );
    assert.equal(meta.leader, undefined);
    const preview = await program.project.ok("preview", "--diff");
    const lines = preview.stdout.match(
      /~ liveState: "unreachable: JetStream has no meta leader \(.+\)" => "read"/g,
    );
    assert.equal(lines?.length, ASSETS, preview.stdout);
    assert.doesNotMatch(preview.stdout, /to (create|delete|replace)/);
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertClean();
    assert.equal(await messages(), 50);
  });

  it("takes a rotated password over with one up", async () => {
    const before = program.pid(0);
    program.password("provisioner", 'rotated "now" # $HOME');
    const preview = await program.project.ok("preview", "--diff");
    assert.equal(
      preview.stdout.match(/~ liveState: "unreachable: Authorization Violation" => "read"/g)
        ?.length,
      ASSETS,
    );
    assert.equal(preview.stdout.match(/~ credentialsFingerprint: "\w+" => "\w+"/g)?.length, 3);
    assert.doesNotMatch(preview.stdout, /rotated/);
    const up = await program.project.ok("up", "--yes", "--skip-preview");
    assert.doesNotMatch(up.stdout + up.stderr, /rotated/);
    assert.equal(program.pid(0), before, "a rotation reloads and does not restart");
    await assertClean();
  });

  it("takes a rotated cluster password over, and stays a cluster", async () => {
    program.password("cluster", "another route password");
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertClean();
    await publish(10);
    assert.equal(await messages(), 60);
  });

  it("fills a server again whose data folder is gone", async () => {
    program.kill(1);
    rmSync(program.serverFile(1), { recursive: true });
    const preview = await program.project.ok("preview", "--diff");
    assert.match(
      preview.stdout,
      /~ configuration\s*: "missing: there is no nats\.conf" => "loaded"/,
    );
    assert.doesNotMatch(preview.stdout, /to (create|delete|replace)/);
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertClean();
    assert.equal(await messages(), 60);
  });

  it("fails within a minute, telling it once, where the cluster does not answer", async () => {
    const pids = [0, 1, 2].map((index) => program.pid(index));
    for (const pid of pids) {
      process.kill(pid, "SIGSTOP");
    }
    const run = await program.project.run("up", "--yes", "--skip-preview");
    for (const pid of pids) {
      process.kill(pid, "SIGCONT");
    }
    assert.notEqual(run.code, 0);
    assert.ok(run.seconds < 60, `it took ${run.seconds} s`);
    const diagnostics = run.stdout.slice(run.stdout.indexOf("Diagnostics:"));
    const story =
      /error: cannot reach cluster 'blue' at [\d.:, ]+: no answer in time; tried for \d+ s; bring the servers up and run the command again: nothing was lost, and nothing is written twice/g;
    assert.equal(diagnostics.match(story)?.length, 1, diagnostics);
    assert.doesNotMatch(run.stdout + run.stderr, /\n\s+at /, "no stack trace");
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertClean();
    assert.equal(await messages(), 60);
  });

  it("says in one paragraph why a server cannot start, and goes on when the cause is gone", async () => {
    program.kill(0, 1, 2);
    program.password("system", "");
    const run = await program.project.run("up", "--yes", "--skip-preview");
    assert.notEqual(run.code, 0);
    assert.ok(run.seconds < 60, `it took ${run.seconds} s`);
    assert.match(
      run.stdout,
      /error: the passwords of nats-blue-0 cannot be used: 'passwords\.system': a password cannot be empty; set one\./,
    );
    assert.doesNotMatch(run.stdout + run.stderr, /\n\s+at /, "no stack trace");
    program.password("system", "system-password-of-a-test");
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertClean();
    assert.equal(await messages(), 60);
  });
});
