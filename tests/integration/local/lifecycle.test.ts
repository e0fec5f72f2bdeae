import { strict as assert } from "node:assert";
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { isAlive, LocalProgram } from "../../support/local-program";

describe("a colour on this machine", function () {
  this.timeout(180_000);
  let program: LocalProgram;

  before(async () => {
    program = await LocalProgram.create();
  });

  after(() => program.remove());

  const up = () => program.project.ok("up", "--yes", "--skip-preview");
  const pids = () => [0, 1, 2].map((index) => program.pid(index));

  async function assertClean(): Promise<void> {
    const run = await program.project.run("preview", "--expect-no-changes");
    assert.equal(run.code, 0, run.stdout);
  }

  it("comes up in one up, with every stream and bucket of the seed, and stays as it is", async () => {
    await up();
    await assertClean();
    const client = await program.client();
    const names: string[] = [];
    for await (const { config } of (await jetstreamManager(client)).streams.list()) {
      names.push(config.name);
    }
    await client.close();
    assert.deepEqual(names.sort(), [
      "KV_assignments_v1",
      "KV_heartbeats",
      "KV_workers_v1",
      "alerts_v1",
      "events_v1",
      "metrics_v1",
    ]);
  });

  it("outlives the command, each server in a session of its own", () => {
    for (const pid of pids()) {
      assert.ok(isAlive(pid));
    }
  });

  it("shows a changed write deadline as reloadable, and reloads without a restart", async () => {
    const before = pids();
    await program.configure("writeDeadline", "15s");
    const preview = await program.project.ok("preview", "--diff");
    assert.match(
      preview.stdout,
      /~ reloadable: \{\n\s+~ writeDeadline : "10s" => "15s"\n\s+\}|~ reloadable: \{\s+~ writeDeadline\s*: "10s" => "15s"/,
    );
    assert.doesNotMatch(preview.stdout, /restartOnly/);
    await up();
    assert.deepEqual(pids(), before);
    const { write_deadline: nanos } = await program.monitor<{ write_deadline: number }>(0, "varz");
    assert.equal(nanos, 15_000_000_000);
    await assertClean();
  });

  it("shows a changed file store as restart only, and restarts one by one, keeping every message", async () => {
    const client = await program.client();
    const js = jetstream(client);
    for (let index = 0; index < 100; index++) {
      await js.publish("events.a", `${index}`);
    }
    const before = pids();
    await program.configure("maxFileStore", "180GiB");
    const preview = await program.project.ok("preview", "--diff");
    assert.match(preview.stdout, /~ restartOnly: \{\s+~ maxFileStore\s*: "170GiB" => "180GiB"/);
    assert.doesNotMatch(preview.stdout, /reloadable/);
    await up();
    for (const [index, pid] of pids().entries()) {
      assert.notEqual(pid, before[index]);
    }
    const { state } = await (await jetstreamManager(client)).streams.info("events_v1");
    assert.equal(state.messages, 100);
    await client.close();
    await assertClean();
  });

  it("shows a dead server, and starts it again", async () => {
    program.kill(1);
    const preview = await program.project.ok("preview", "--diff");
    assert.match(
      preview.stdout,
      /\[id=nats-blue-1\][^[]*\[urn=[^\]]*\]\n\s+~ process: "stopped" => "running"/,
    );
    await up();
    await assertClean();
  });

  it("names who holds the port of a dead server, and what to do", async () => {
    program.kill(2);
    const port = program.ports.client + 2;
    const squatter = await listen(port);
    try {
      const preview = await program.project.ok("preview", "--diff");
      const holder = `port ${port} is held by pid ${process.pid} \\(\\S+\\)`;
      assert.match(preview.stdout, new RegExp(`~ process: "foreign: ${holder}" => "running"`));
      const run = await program.project.run("up", "--yes", "--skip-preview");
      assert.notEqual(run.code, 0);
      assert.match(
        run.stdout,
        new RegExp(
          `nats-blue-2 cannot start: its clientPort ${port} on 127\\.0\\.0\\.1 is held by pid ${process.pid} \\(\\S+\\); stop that process, or give the colour other ports: pulumi config set tfdc-nats:clientPort <first free port>\\.`,
        ),
      );
    } finally {
      squatter.close();
    }
    await up();
    await assertClean();
  });

  it("shows an edited nats.conf, and puts it right with a reload", async () => {
    appendFileSync(program.serverFile(0, "nats.conf"), "debug: true\n");
    const before = program.pid(0);
    const preview = await program.project.ok("preview", "--diff");
    assert.match(
      preview.stdout,
      /~ configuration: "edited: nats\.conf on disk differs" => "loaded"/,
    );
    await up();
    assert.equal(program.pid(0), before);
    await assertClean();
  });

  it("shows an edit that only a restart loads, and restarts that server alone", async () => {
    const before = pids();
    const conf = program.serverFile(1, "nats.conf");
    appendFileSync(conf, "max_pending: 1MB\n");
    await stopGently(program, 1);
    await up();
    await assertClean();
    const after = pids();
    assert.deepEqual([after[0], after[2]], [before[0], before[2]]);
  });

  it("refuses to be destroyed while a stream holds messages, and says how", async () => {
    const run = await program.project.run("destroy", "--yes", "--skip-preview");
    assert.notEqual(run.code, 0);
    assert.match(
      run.stdout + run.stderr,
      /the stream 'events_v1' of cluster 'blue' at [\d.:, ]+ is not deleted: it holds 100 messages \(\d+ bytes\)\. Set deletionPolicy: "delete"/,
    );
    await up();
    await assertClean();
  });

  it("is destroyed where that is allowed, and leaves no process and no file", async () => {
    const before = pids();
    program.project.env.TFDC_NATS_DELETION_POLICY = "delete";
    await program.project.ok("destroy", "--yes", "--skip-preview");
    for (const pid of before) {
      assert.ok(!isAlive(pid));
    }
    const folder = program.serverFile(0, "../");
    assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
  });
});

/** Takes a port as soon as the server that was killed has let go of it. */
async function listen(port: number): Promise<Server> {
  for (let tries = 0; ; tries++) {
    const server = createServer();
    try {
      await once(server.listen(port, "127.0.0.1"), "listening");
      return server;
    } catch (error) {
      if (tries === 50) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function stopGently(program: LocalProgram, index: number): Promise<void> {
  const pid = program.pid(index);
  process.kill(pid, "SIGTERM");
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
