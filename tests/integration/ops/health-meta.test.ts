import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { NatsConnection } from "nats";
import { examine } from "../../../ops/health/examine";
import { observe } from "../../../ops/observe/observe";
import { APP_AND_SYSTEM } from "../../support/accounts";
import { eventually } from "../../support/eventually";
import { faultVersions } from "../../support/fault-versions";
import { asCluster, tfdcNats, wordsFor } from "../../support/ops-command";
import { TestCluster } from "../../support/test-cluster";

const PATIENCE = 60_000;
/** What an examination may take that has to look three times at servers of which some are stopped. */
const TIME_LIMIT = 20_000;

for (const version of faultVersions()) {
  describe(`health of a meta group on ${version} that no longer carries out what it agrees on`, function () {
    this.timeout(240_000);
    let cluster: TestCluster;
    let client: NatsConnection;

    before(async () => {
      cluster = await TestCluster.start({ name: "blue", version, extra: APP_AND_SYSTEM });
      client = await cluster.client();
    });

    after(async () => {
      await client?.close();
      await cluster?.stop();
    });

    const look = async () => (await examine(asCluster(cluster))).found;
    const metaLeader = async () => {
      const { servers } = await observe(asCluster(cluster));
      return servers.findIndex(({ name, jsz }) => jsz?.meta_cluster?.leader === name);
    };
    const ask = (subject: string, question: object = {}) =>
      client
        .request(`$JS.API.${subject}`, JSON.stringify(question), { timeout: 2_000 })
        .then((reply) => reply.json<{ error?: object }>().error === undefined)
        .catch(() => false);
    const create = (name: string) =>
      ask(`STREAM.CREATE.${name}`, { name, subjects: [name], num_replicas: 3, storage: "file" });

    /**
     * Has a server wait for ever in the middle of making a stream, as 2.10 can in the middle of
     * deleting one: where it would write the stream's configuration there is a pipe that nobody reads,
     * and where servers from 2.11 on write it before they rename it.
     */
    function obstruct(index: number, stream: string): () => void {
      const folder = join(cluster.store(index), "jetstream", "APP", "streams", stream);
      mkdirSync(folder, { recursive: true });
      for (const name of ["meta.inf", "meta.inf.tmp"]) {
        execFileSync("mkfifo", [join(folder, name)]);
      }
      return () => rmSync(folder, { recursive: true, force: true });
    }

    async function silent(): Promise<void> {
      await cluster.settled();
      const found = await eventually(look, (all) => all.length === 0, PATIENCE);
      assert.deepEqual(found, []);
    }

    it("finds a meta leader that stands still, although all servers are there and follow it", async () => {
      await silent();
      const leader = await metaLeader();
      const clear = obstruct(leader, "held");
      void create("held");
      const found = await eventually(
        look,
        (all) => all.some(({ check }) => check === "meta-applied"),
        PATIENCE,
      );
      const [stands] = found.filter(({ check }) => check === "meta-applied");
      assert.match(
        stands?.what ?? JSON.stringify(found),
        new RegExp(
          `^blue-${leader} has carried out nothing for \\d+ s of what the meta group agreed on \\(up to \\d+ decisions?\\): streams and consumers are neither made nor deleted there$`,
        ),
      );
      assert.ok(
        !found.some(({ check }) => /^meta-(leader|peers)$/.test(check)),
        JSON.stringify(found),
      );
      const run = await tfdcNats(["health", ...wordsFor(cluster)]);
      assert.equal(run.code, 1);
      assert.match(
        run.stdout,
        /✗ blue-\d has carried out nothing for .*; only a restart ends that, one/,
      );
      await cluster.kill(leader);
      clear();
      cluster.startServer(leader);
      await silent();
    });

    it("sees how far every server is through the system account as well", async () => {
      const target = asCluster(cluster);
      const system = { ...target.connection, user: "sys", password: "sys" };
      const { servers } = await observe({ ...target, monitoring: [], system });
      assert.deepEqual(
        servers.map(({ meta }) => typeof meta?.committed),
        ["number", "number", "number"],
      );
    });

    it("names nobody while streams are made and deleted all the time", async () => {
      let isDone = false;
      const working = (async () => {
        while (!isDone) {
          await create("passing");
          await ask("STREAM.DELETE.passing");
        }
      })();
      try {
        for (let run = 0; run < 20; run++) {
          const found = (await look()).filter(({ check }) => check === "meta-applied");
          assert.deepEqual(found, [], `run ${run}`);
        }
      } finally {
        isDone = true;
        await working;
      }
      await silent();
    });

    it("answers within its time limit where the meta group is stopped, and names the servers", async () => {
      const leader = await metaLeader();
      const others = [0, 1, 2].filter((index) => index !== leader);
      try {
        for (const index of others) {
          cluster.signal(index, "SIGSTOP");
        }
        const start = performance.now();
        const found = await look();
        assert.ok(performance.now() - start < TIME_LIMIT);
        for (const index of others) {
          const what = `the server at ${cluster.monitoring[index]} does not answer`;
          assert.ok(
            found.some((one) => one.what === what),
            JSON.stringify(found),
          );
        }
      } finally {
        for (const index of others) {
          cluster.signal(index, "SIGCONT");
        }
      }
      await silent();
    });
  });
}
