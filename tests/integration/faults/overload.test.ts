import { strict as assert } from "node:assert";
import { FaultBench } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";

/** From before the first create until well after the last one would have been. */
const FLOOD = 10_000;

for (const version of faultVersions()) {
  describe(`servers ${version} whose JetStream API is flooded`, function () {
    this.timeout(240_000);
    let bench: FaultBench;

    before(async () => {
      bench = await FaultBench.make(20, { version });
    });

    after(() => bench.remove());

    // F28
    it("delay an up, and break nothing", async () => {
      const leader = await bench.metaLeader();
      const client = await bench.client("app", (leader + 1) % 3);
      let sent = 0;
      const flood = async () => {
        for (const start = Date.now(); Date.now() - start < FLOOD; ) {
          // Requests over a route stand in the one queue of the leader, which holds 10,000.
          for (let index = 0; index < 15_000; index++) {
            client.publish("$JS.API.STREAM.NAMES", "", { reply: "_INBOX.nobody" });
            sent += 1;
          }
          await client.flush();
        }
      };
      const [run] = await Promise.all([bench.up(), flood()]);
      await client.close();
      assert.ok(sent >= 15_000);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      await bench.assertRecovers();
    });
  });

  describe(`a stream of servers ${version} that has no leader`, function () {
    this.timeout(240_000);
    let bench: FaultBench;

    before(async () => {
      bench = await FaultBench.make(1, { version });
      await bench.up();
    });

    after(() => bench.remove());

    // F20
    it("is neither deleted nor to be made again", async () => {
      bench.redeclare("s0", { replicas: 1 });
      const moved = await bench.up();
      assert.equal(moved.code, 0, moved.stdout + moved.stderr);
      await bench.placed("s0", 1);
      const leader = (await bench.leaderOf("s0")) ?? 0;
      await bench.cluster.kill(leader);
      const preview = await bench.preview("--diff");
      assert.equal(preview.code, 0, preview.stdout + preview.stderr);
      assert.doesNotMatch(preview.stdout, /to (create|delete|replace)/);
      assert.match(preview.stdout, /~ liveState: "unreachable: .+" => "read"/);
      bench.cluster.startServer(leader);
      await bench.cluster.settled(60_000);
      bench.redeclare("s0", { replicas: 3 });
      await bench.assertRecovers();
    });
  });
}
