import { strict as assert } from "node:assert";
import type { NatsConnection } from "nats";
import { examine } from "../../../ops/health/examine";
import { asCluster, tfdcNats, wordsFor } from "../../support/ops-command";
import { TestCluster } from "../../support/test-cluster";

const STREAMS = 1_000;
const PAGE = 256;
const RUNS = 5;
/** What health may take beyond the bare requests, and what it may take to begin, of the same run. */
const FACTOR = 4;
const EXISTS = 10_058;

describe(`health of ${STREAMS} streams`, function () {
  this.timeout(600_000);
  let cluster: TestCluster;
  let client: NatsConnection;

  before(async () => {
    cluster = await TestCluster.start({ name: "blue" });
    client = await cluster.client();
    const names = Array.from({ length: STREAMS }, (_, index) => `s${index}`);
    await Promise.all(Array.from({ length: 16 }, () => createAll(names)));
    await cluster.settled();
  });

  after(async () => {
    await client?.close();
    await cluster?.stop();
  });

  async function createAll(names: string[]): Promise<void> {
    for (let name = names.pop(); name !== undefined; ) {
      const config = { name, subjects: [`${name}.>`], num_replicas: 3, storage: "file" };
      const code = await client
        .request(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify(config), { timeout: 10_000 })
        .then((reply) => reply.json<{ error?: { err_code: number } }>().error?.err_code ?? EXISTS)
        .catch(() => 0);
      name = code === EXISTS ? names.pop() : name;
    }
  }

  /** The bare requests: what every server holds, and the configuration of every stream. */
  async function floor(): Promise<void> {
    const options = "accounts=true&streams=true&consumers=true&config=true";
    await Promise.all(
      cluster.monitoring.map(async (address) => {
        await (await fetch(`${address}/jsz?${options}`)).json();
      }),
    );
    for (let offset = 0; offset < STREAMS; offset += PAGE) {
      const question = JSON.stringify({ offset });
      const reply = await client.request("$JS.API.STREAM.LIST", question, { timeout: 30_000 });
      reply.json();
    }
  }

  /** The fastest of some runs of each, in turns: what else the machine does strikes all alike. */
  async function fastest<T extends string>(
    ways: Readonly<Record<T, () => Promise<unknown>>>,
  ): Promise<Readonly<Record<T, number>>> {
    const best: Record<string, number> = {};
    for (let run = 0; run < RUNS; run++) {
      for (const [name, way] of Object.entries<() => Promise<unknown>>(ways)) {
        const start = performance.now();
        await way();
        best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, performance.now() - start);
      }
    }
    return best as Record<T, number>;
  }

  it("finds no fault, but that they are many", async () => {
    const { found } = await examine(asCluster(cluster));
    assert.deepEqual(
      found.map(({ check }) => check),
      ["ha-assets"],
    );
  });

  it("costs little more than asking the servers what they hold", async () => {
    const health = () => examine(asCluster(cluster));
    const times = await fastest({ floor, health });
    assert.ok(times.health < FACTOR * times.floor, JSON.stringify(times));
  });

  it("takes little longer on the command line than that command needs to begin", async () => {
    const health = async () => {
      const { stdout } = await tfdcNats(["health", ...wordsFor(cluster), "--output", "json"]);
      assert.equal(JSON.parse(stdout)[0].streams, STREAMS);
    };
    const begin = () => tfdcNats(["--version"]);
    const times = await fastest({ floor, begin, health });
    assert.ok(times.health < FACTOR * (times.floor + times.begin), JSON.stringify(times));
  });
});
