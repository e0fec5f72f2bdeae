import { strict as assert } from "node:assert";
import { FaultBench } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";

const ROOMY = "max_file_store: 1GB";
const NARROW = "max_file_store: 100MB";

for (const version of faultVersions()) {
  describe(`an update that one of three servers ${version} does not take`, function () {
    this.timeout(240_000);
    let bench: FaultBench;
    let narrow: number;

    before(async () => {
      bench = await FaultBench.make(3, {
        version,
        jetstream: `${ROOMY}\nmax_memory_store: 1GB`,
      });
      bench.connect({ system: { user: "sys", password: { env: "FAULTS_PASSWORD" } } });
      const run = await bench.up();
      assert.equal(run.code, 0, run.stdout + run.stderr);
      await bench.publish(2);
      const busy = [await bench.metaLeader(), await bench.leaderOf("s0")];
      narrow = [0, 1, 2].find((index) => !busy.includes(index)) ?? 0;
      await restart(narrow, ROOMY, NARROW);
    });

    after(() => bench.remove());

    async function restart(index: number, from: string, to: string): Promise<void> {
      await bench.cluster.kill(index);
      bench.cluster.reconfigure(index, (conf) => conf.replace(from, to));
      bench.cluster.startServer(index);
      await bench.cluster.settled();
    }

    /** A server that leads refuses the update itself: this one is to follow only. */
    async function followsOnly(index: number): Promise<void> {
      for (const start = Date.now(); Date.now() - start < 60_000; ) {
        const leader = await bench.leaderOf("s0");
        const isMeta = (await bench.metaLeader()) === index;
        if (leader !== undefined && leader !== index && !isMeta) {
          return;
        }
        const client = await bench.client(isMeta ? "sys" : "app");
        const step = isMeta ? "META.LEADER.STEPDOWN" : "STREAM.LEADER.STEPDOWN.s0";
        await client.request(`$JS.API.${step}`, "", { timeout: 5000 }).catch(() => undefined);
        await client.close();
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      throw new Error("the server goes on leading");
    }

    // F18
    it("fails, names that server and what it has, and is shown until it is mended", async () => {
      await followsOnly(narrow);
      bench.redeclare("s0", { maxBytes: "500MiB" });
      const up = await bench.up();
      const name = `blue-${narrow}`;
      const half = `${name} has not taken it (maxBytes is "1MiB" there and "500MiB" here)`;
      assert.notEqual(up.code, 0, up.stdout);
      const text = up.stdout.replace(/\s+/g, " ");
      assert.ok(text.includes(`written by half: ${half}. The leader took it`), up.stdout);
      assert.ok(text.includes(`the log of ${name} says why`), up.stdout);
      const preview = await bench.preview("--diff");
      assert.ok(preview.stdout.replace(/\s+/g, " ").includes(`half applied: ${name}`));
      const again = await bench.up();
      assert.notEqual(again.code, 0, "it is half applied as long as the server is not mended");
      await restart(narrow, NARROW, ROOMY);
      await bench.assertRecovers();
    });
  });
}
