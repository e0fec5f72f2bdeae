import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { lossOnKill } from "../../../components/jetstream/versions";
import { eventually } from "../../support/eventually";
import { FaultBench } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";
import { TcpProxy } from "../../support/tcp-proxy";

const STREAMS = 20;

/** Whether a version forgets streams that were updated in the minute before a kill. */
function forgetsUpdates(version: string): boolean {
  return lossOnKill(version)?.words.includes("nats-server#7540") === true;
}

for (const version of faultVersions()) {
  describe(`servers ${version} that are killed during an up`, function () {
    this.timeout(360_000);
    let bench: FaultBench;

    beforeEach(async () => {
      bench = await FaultBench.make(STREAMS, { version });
    });

    afterEach(() => bench.remove());

    /** Kills a server as soon as there is one to choose, starts it again, and says which. */
    async function killWhen(choose: () => Promise<number | undefined>): Promise<number> {
      for (const start = Date.now(); Date.now() - start < 60_000; ) {
        const index = await choose();
        if (index !== undefined) {
          await bench.cluster.kill(index);
          await new Promise((resolve) => setTimeout(resolve, 1000));
          bench.cluster.startServer(index);
          return index;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error("there was nobody to kill");
    }

    /**
     * The oracle, and that every server holds every stream. A version that forgets streams is looked
     * at again when it has deleted them: what is gone then is replicas of servers that were killed.
     */
    async function assertHeld(...killed: readonly number[]): Promise<void> {
      await bench.assertRecovers();
      const forgets = lossOnKill(version) !== undefined;
      if (forgets) {
        for (const index of killed) {
          await bench.aged(index);
        }
        await bench.assertRecovers();
      }
      for (const index of bench.cluster.servers.keys()) {
        if (!forgets || !killed.includes(index)) {
          const lacking = await eventually(
            () => bench.lacking(index),
            ({ length }) => length === 0,
          );
          assert.deepEqual(lacking, [], `server ${index} does not hold them`);
        }
      }
    }

    // F1
    it("lead a stream: creates and updates are tried again, and no message is lost", async () => {
      const [created, first] = await Promise.all([
        bench.up(),
        killWhen(() => bench.leaderOf("s0")),
      ]);
      assert.equal(created.code, 0, created.stdout + created.stderr);
      await bench.publish(5);
      bench.declare({ description: "changed" });
      const [updated, second] = await Promise.all([
        bench.up(),
        killWhen(() => bench.leaderOf("s1")),
      ]);
      assert.equal(updated.code, 0, updated.stdout + updated.stderr);
      await assertHeld(first, second);
    });

    // F1
    it("follow: creates and updates are tried again", async () => {
      const follower = async () => {
        const leader = await bench.leaderOf("s0");
        return leader === undefined ? undefined : (leader + 1) % 3;
      };
      const [created, killed] = await Promise.all([bench.up(), killWhen(follower)]);
      assert.equal(created.code, 0, created.stdout + created.stderr);
      await assertHeld(killed);
    });

    // F1
    it("have just updated every stream: what that version forgets is attributed to it, comes back as health says, and no message is lost", async () => {
      const killed = 1;
      await bench.up();
      await bench.publish(3);
      // Forgotten is what the server has not saved yet, as it does once a minute.
      const unsaved = await eventually(
        async () => {
          bench.declare({ description: `changed at ${Date.now()}` });
          const updated = await bench.up();
          assert.equal(updated.code, 0, updated.stdout + updated.stderr);
          return bench.metaUnsaved(killed);
        },
        (entries) => entries === undefined || entries >= STREAMS,
        120_000,
      );
      assert.ok(unsaved === undefined || unsaved >= STREAMS, `${unsaved} updates are unsaved`);
      await bench.cluster.kill(killed);
      bench.cluster.startServer(killed);
      await bench.aged(killed);
      await bench.publish(2);
      await bench.assertStackRecovers();
      const lacking = await eventually(
        () => bench.lacking(killed),
        ({ length }) => forgetsUpdates(version) || length === 0,
      );
      if (forgetsUpdates(version)) {
        await assertAttributed(killed, lacking);
        await bench.cluster.kill(killed, "SIGTERM");
        // As the finding says.
        const meta = join(bench.cluster.store(killed), "jetstream", "SYS", "_js_", "_meta_");
        rmSync(meta, { recursive: true });
        bench.cluster.startServer(killed);
      } else {
        assert.deepEqual(lacking, [], "this version is not known to forget streams");
      }
      await assertHeld();
    });

    /** Health names what a server has forgotten, the server's version as the cause, and the way back. */
    async function assertAttributed(server: number, lacking: readonly string[]): Promise<void> {
      assert.ok(lacking.length > 0, `${version} forgot nothing: see what docs/reliability.md says`);
      assert.match(lossOnKill(version)?.words ?? "", /nats-server#7540/);
      const found = await bench.findings();
      const finding = found.find(({ check }) => check === "replicas-held");
      assert.ok(finding?.what.startsWith(`blue-${server} does not hold `), finding?.what);
      assert.ok(
        finding?.what.endsWith(`: nats-server ${version} forgets streams when it is killed`),
        finding?.what,
      );
      assert.match(finding?.remedy ?? "", /delete the folder '_meta_' \(and nothing else\)/);
      const safety = found.find(({ check }) => check === "version-safe");
      assert.match(`${safety?.what} ${safety?.remedy}`, /nats-server#7540/);
    }

    // F2
    it("lead the meta group, between a request and its answer: one stream, as declared", async () => {
      const leader = await bench.metaLeader();
      const proxies = await Promise.all(
        bench.cluster.servers.map((address) => TcpProxy.to(Number(address.split(":")[1]))),
      );
      let isKilled = false;
      for (const proxy of proxies) {
        proxy.onRequest = (text) => {
          if (!isKilled && text.includes("$JS.API.STREAM.CREATE.")) {
            isKilled = true;
            process.kill(bench.cluster.pid(leader), "SIGKILL");
          }
        };
      }
      bench.connect({ servers: proxies.map(({ port }) => `127.0.0.1:${port}`) });
      const run = await bench.up();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      assert.ok(isKilled);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      assert.doesNotMatch(run.stdout + run.stderr, /10058|already/);
      bench.connect({ servers: bench.cluster.servers });
      await bench.cluster.kill(leader);
      bench.cluster.startServer(leader);
      await assertHeld(leader);
    });

    // F4
    it("are two of three: the up ends with a reason, and the next one goes on", async () => {
      await bench.up();
      await bench.publish(2);
      bench.declare({ description: "without a quorum" });
      await bench.cluster.kill(0);
      await bench.cluster.kill(1);
      const run = await bench.up();
      assert.notEqual(run.code, 0);
      assert.match(
        run.stdout + run.stderr,
        // A server that has just lost the others still answers some questions.
        /error: cannot (reach|update) .*cluster 'blue' at [\d.:, ]+: .*(knows|has) no meta leader.*check that more than half of the servers run and see each other/,
      );
      bench.cluster.startServer(0);
      bench.cluster.startServer(1);
      await bench.cluster.settled(60_000);
      await assertHeld(0, 1);
    });
  });

  describe(`a meta group ${version} whose leader steps down all the time`, function () {
    this.timeout(240_000);
    let bench: FaultBench;

    before(async () => {
      bench = await FaultBench.make(40, { version });
    });

    after(() => bench.remove());

    // F3
    it("delays an up, and breaks nothing", async () => {
      const client = await bench.client("sys");
      let isOver = false;
      let steps = 0;
      const stepping = (async () => {
        while (!isOver) {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          const answer = await client
            .request("$JS.API.META.LEADER.STEPDOWN", "", { timeout: 900 })
            .catch(() => undefined);
          steps += answer?.json<{ success?: boolean }>().success === true ? 1 : 0;
        }
      })();
      const run = await bench.up();
      isOver = true;
      await stepping;
      await client.close();
      assert.ok(steps > 0, "no leader stepped down");
      assert.equal(run.code, 0, run.stdout + run.stderr);
      await bench.assertRecovers();
    });
  });
}
