import { strict as assert } from "node:assert";
import type { ChildProcess } from "node:child_process";
import { FaultBench } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";
import { askJetStream } from "../../support/jetstream-request";
import { providersIn } from "../../support/provider-processes";

const STREAMS = 30;

for (const version of faultVersions()) {
  describe(`a pulumi with servers ${version} whose processes are ended`, function () {
    this.timeout(240_000);
    let bench: FaultBench;

    beforeEach(async () => {
      bench = await FaultBench.make(STREAMS, { version });
    });

    afterEach(() => bench.remove());

    /** Starts an up, and waits until the servers have the first of its streams. */
    async function halfway(): Promise<{ pulumi: ChildProcess; ended: Promise<number | null> }> {
      const pulumi = bench.project.start("up", "--yes", "--skip-preview");
      pulumi.stdout?.resume();
      pulumi.stderr?.resume();
      const ended = new Promise<number | null>((resolve) => pulumi.once("exit", resolve));
      const client = await bench.client();
      for (let total = 0; total === 0; ) {
        assert.equal(pulumi.exitCode, null, "pulumi ended before its first stream");
        ({ total } = await askJetStream<{ total: number }>(client, "STREAM.NAMES"));
      }
      await client.close();
      return { pulumi, ended };
    }

    // F14
    it("of which only the provider is killed fails, and goes on in the next run", async () => {
      const { ended } = await halfway();
      const provider = providersIn(bench.project.directory);
      assert.equal(provider.length, 1);
      process.kill(provider[0] ?? 0, "SIGKILL");
      assert.notEqual(await ended, 0);
      await bench.assertRecovers();
    });

    // F15
    it("which is interrupted once finishes what it has begun", async () => {
      const { pulumi, ended } = await halfway();
      pulumi.kill("SIGINT");
      assert.notEqual(await ended, 0);
      await bench.assertRecovers();
    });

    // F15
    it("which is interrupted twice leaves nothing that the next run cannot take up", async () => {
      const { pulumi, ended } = await halfway();
      pulumi.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 200));
      pulumi.kill("SIGINT");
      assert.notEqual(await ended, 0);
      await bench.project.run("cancel", "--yes");
      await bench.assertRecovers();
    });

    // F16
    it("which meets another one on the same stack lets one of them win at most", async () => {
      const runs = await Promise.all([bench.up(), bench.up()]);
      const lost = runs.filter(({ code }) => code !== 0);
      assert.ok(lost.length > 0, "both went through");
      for (const { stdout, stderr } of lost) {
        assert.match(stdout + stderr, /the stack is currently locked by \d+ lock/);
      }
      await bench.assertRecovers();
    });
  });
}
