import { strict as assert } from "node:assert";
import { FaultBench } from "../../support/fault-bench";

/** The versions that the servers go through, the first one at the start. */
const [FIRST = "", ...STEPS] = (process.env.TFDC_NATS_UPGRADE_PATH || "2.10.29,2.11.17").split(",");
const SERVERS = [0, 1, 2];

describe("servers that are replaced one at a time by those of another version", function () {
  this.timeout(600_000);
  let bench: FaultBench;

  before(async () => {
    bench = await FaultBench.make(5, { version: FIRST });
    const run = await bench.up();
    assert.equal(run.code, 0, run.stdout + run.stderr);
  });

  after(() => bench.remove());

  // F27
  STEPS.forEach((version, step) => {
    it(`keep every message and every declaration from ${[FIRST, ...STEPS][step]} to ${version}`, async () => {
      for (const index of SERVERS) {
        await bench.publish(1);
        await bench.cluster.kill(index, "SIGTERM");
        bench.cluster.startServer(index, version);
        await bench.cluster.settled();
      }
      assert.deepEqual(
        await Promise.all(SERVERS.map((index) => bench.versionOf(index))),
        SERVERS.map(() => version),
      );
      const preview = await bench.preview("--expect-no-changes");
      assert.equal(preview.code, 0, preview.stdout + preview.stderr);
      bench.declare({ description: `on ${version}, step ${step}` });
      await bench.assertRecovers();
    });
  });
});
