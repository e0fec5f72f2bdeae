import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clearHalfWritten } from "../../../scripts/local/half-written";
import { askJetStream } from "../../support/jetstream-request";
import { LocalProgram } from "../../support/local-program";

/**
 * Points of an `up` at which it is killed: from the first server to the last stream, or as many at
 * random as the environment variable TFDC_NATS_KILLED_UPS says.
 */
const COUNT = Number(process.env.TFDC_NATS_KILLED_UPS || 0);
const MOMENTS =
  COUNT > 0
    ? Array.from({ length: COUNT }, () => 300 + Math.floor(Math.random() * 4200))
    : [600, 1200, 1800, 2400, 3000, 3600];

/** What Pulumi's file backend keeps of the program's stack. */
const STATE = "state/.pulumi/stacks/tfdc-nats/local-blue.json";

describe("an up that is interrupted", function () {
  this.timeout(300_000 + 60_000 * COUNT);
  const programs: LocalProgram[] = [];

  after(() => {
    for (const program of programs) {
      program.remove();
    }
  });

  async function fresh(): Promise<LocalProgram> {
    const program = await LocalProgram.create();
    programs.push(program);
    return program;
  }

  /** Runs `up` again until it is through, and holds the result against the declaration. */
  async function assertRecovers(program: LocalProgram): Promise<void> {
    // As `npm start` does, and docs/operations/troubleshooting.md has it for other backends of files.
    const state = join(program.project.directory, STATE);
    clearHalfWritten(state, program.project.stack, () => undefined);
    await program.project.run("cancel", "--yes");
    await program.project.ok("up", "--yes", "--skip-preview");
    const preview = await program.project.run("preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    const { streams } = await program.monitor<{ streams: number }>(0, "jsz");
    assert.equal(streams, 6, "no stream is missing, and none is there twice");
    assert.equal(serversOf(program), 3, "no server is missing, and none is left over");
  }

  it("by a kill while the state is written goes on from the state before", async () => {
    const program = await fresh();
    await program.project.ok("up", "--yes", "--skip-preview");
    const state = join(program.project.directory, STATE);
    // What the backend writes first, in place: empty for a moment, and then half of it.
    for (const begun of ["", '{"user.cache']) {
      writeFileSync(`${state}.attrs`, begun);
      const refused = await program.project.run("preview");
      assert.notEqual(refused.code, 0);
      assert.match(refused.stdout + refused.stderr, /error: failed to load checkpoint: .*EOF/);
      await assertRecovers(program);
    }
    program.remove();
  });

  it("by a kill of pulumi itself goes on where it was, at every moment", async () => {
    for (const moment of MOMENTS) {
      const program = await fresh();
      const pulumi = program.project.start("up", "--yes", "--skip-preview");
      const ended = new Promise((resolve) => pulumi.once("exit", resolve));
      await new Promise((resolve) => setTimeout(resolve, moment));
      if (pulumi.pid !== undefined && pulumi.exitCode === null) {
        killGroup(pulumi.pid);
      }
      await ended;
      await assertRecovers(program);
      program.remove();
    }
  });

  it("by a kill of any server reaches a clean preview in the next run", async () => {
    for (const index of [0, 1, 2]) {
      const program = await fresh();
      const up = program.project.run("up", "--yes", "--skip-preview");
      await whenRunning(program, index);
      program.kill(index);
      await up;
      await assertRecovers(program);
      program.remove();
    }
  });

  it("by a kill of the meta leader while streams are updated loses nothing", async () => {
    const program = await fresh();
    await program.project.ok("up", "--yes", "--skip-preview");
    const client = await program.client();
    for (const stream of ["metrics_v1", "alerts_v1", "events_v1"]) {
      type Info = { config: Record<string, unknown> };
      const { config } = await askJetStream<Info>(client, `STREAM.INFO.${stream}`);
      const edited = { ...config, description: "edited" };
      await askJetStream(client, `STREAM.UPDATE.${stream}`, edited);
    }
    await client.close();
    const up = program.project.run("up", "--yes", "--skip-preview");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    program.kill(await program.metaLeader());
    await up;
    await assertRecovers(program);
  });
});

/** The provider's process is in a group of its own, which dies with the engine's pipes. */
function killGroup(pid: number): void {
  process.kill(-pid, "SIGKILL");
}

function serversOf(program: LocalProgram): number {
  const list = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" });
  return list
    .split("\n")
    .filter((line) => line.includes("nats-server -c") && line.includes(program.project.directory))
    .length;
}

async function whenRunning(program: LocalProgram, index: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      process.kill(program.pid(index), 0);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
