import { strict as assert } from "node:assert";
import { AckPolicy, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { clusterMembers } from "../../../components/provider";
import { holdings, metaGroup } from "../../../components/provider/cluster-holdings";
import { type ClusterLink, openLink } from "../../../components/provider/cluster-link";
import { depart } from "../../../components/provider/departure";
import { closeLinks } from "../../../components/provider/link-pool";
import type { SystemAccount } from "../../../components/provider/system-account";
import { retried } from "../../support/retried";
import { TestCluster } from "../../support/test-cluster";
import { Traffic } from "../../support/traffic";

const ACCOUNTS = `
  accounts {
    APP { jetstream: enabled, users: [{ user: app, password: app }] }
    OTHER { jetstream: enabled, users: [{ user: other, password: other }] }
    SYS { users: [{ user: sys, password: sys }] }
  }
  system_account: SYS
  no_auth_user: app
`;
const STAYING = ["test-0", "test-1", "test-2"];
const LEAVING = ["test-4", "test-3"];
const MESSAGES = 200;

describe("servers that leave a cluster", function () {
  this.timeout(240_000);
  let cluster: TestCluster;
  let link: ClusterLink;
  let system: SystemAccount;
  let manager: JetStreamManager;
  let traffic: Traffic;
  const clients: NatsConnection[] = [];
  const told: string[] = [];

  before(async () => {
    cluster = await TestCluster.start({ size: 5, extra: ACCOUNTS });
    link = await openLink(connection());
    assert.ok(link.system !== undefined);
    system = link.system;
    for (let index = 0; index < 3; index++) {
      clients.push(await cluster.client());
    }
    const [client, publisher, consumer] = clients as [
      NatsConnection,
      NatsConnection,
      NatsConnection,
    ];
    manager = await jetstreamManager(client);
    for (let index = 0; index < 5; index++) {
      await add(`SINGLE_${index}`, 1);
      await add(`TRIPLE_${index}`, 3);
      for (const stream of [`SINGLE_${index}`, `TRIPLE_${index}`]) {
        const worker = { durable_name: "worker", ack_policy: AckPolicy.Explicit };
        await retried(() => manager.consumers.add(stream, worker));
        for (let id = 0; id < MESSAGES; id++) {
          await retried(() =>
            jetstream(client).publish(`${stream}.x`, String(id), { msgID: `${id}` }),
          );
        }
      }
    }
    await add("LOAD", 3);
    traffic = await Traffic.start(publisher, consumer, "LOAD");
  });

  after(async () => {
    await Promise.all([...clients.map((client) => client.close()), link.close(), closeLinks()]);
    await cluster.stop();
  });

  function connection() {
    return {
      servers: cluster.servers.slice(0, 3),
      user: "app",
      password: "app",
      cluster: "test",
      system: { user: "sys", password: "sys" },
    };
  }

  function members(servers: readonly string[]) {
    return {
      connection: connection(),
      servers,
      home: { namespace: "none", statefulSet: "test" },
      stallSeconds: 60,
    };
  }

  async function add(name: string, replicas: number): Promise<void> {
    const config = { name, subjects: [`${name}.>`], num_replicas: replicas };
    await retried(() => manager.streams.add(config));
  }

  function go(stop: (server: string) => Promise<void>, stallSeconds = 60): Promise<void> {
    return depart(
      { link, system, staying: STAYING, stallSeconds, stop, tell: (line) => told.push(line) },
      LEAVING,
    );
  }

  const kill = (server: string) => cluster.kill(Number(server.slice("test-".length)), "SIGTERM");

  it("are refused at preview while a stream has more replicas than would stay", async () => {
    await add("QUINTUPLE", 5);
    const { failures } = await clusterMembers.check(
      members([...STAYING, ...LEAVING]),
      members(STAYING),
    );
    assert.deepEqual(failures, [
      {
        property: "replicas",
        reason:
          "'replicas' goes from 5 to 3: a stream has more replicas than servers would stay: QUINTUPLE (account APP) has 5; lower their replicas to 3 in an update of its own, and then the servers",
      },
    ]);
    await manager.streams.delete("QUINTUPLE");
  });

  it("are let go at preview, which tells what moves", async () => {
    await closeLinks();
    const { failures, inputs } = await clusterMembers.check(
      members([...STAYING, ...LEAVING]),
      members(STAYING),
    );
    assert.deepEqual(failures, []);
    const moves = inputs.moves as string[];
    assert.ok(moves.length > 0);
    for (const move of moves) {
      assert.match(
        move,
        /^\w+ \(account APP\): (its only replica|[12] of 3) off test-[34]( and test-4)?, /,
      );
    }
  });

  it("stop where nobody ends them, and go on from there", async () => {
    await assert.rejects(
      go(async (server) => {
        throw new Error(`${server} cannot be ended`);
      }),
      { message: "test-4 cannot be ended" },
    );
    assert.deepEqual((await metaGroup(system))?.members.length, 5);
    assert.deepEqual(
      holders(await holdings(system, [...STAYING, ...LEAVING])).has("test-4"),
      false,
    );
  });

  it("are removed one after the other, and everything is on those that stay", async () => {
    traffic.restartClock();
    await go(kill);
    const found = await holdings(system, STAYING);
    assert.deepEqual([...holders(found)].sort(), STAYING);
    assert.deepEqual([...((await metaGroup(system))?.members ?? [])].sort(), STAYING);
    assert.ok(told.includes("test-3 has left; the cluster is 3 servers"));
    for (let index = 0; index < 5; index++) {
      for (const [stream, replicas] of [
        [`SINGLE_${index}`, 1],
        [`TRIPLE_${index}`, 3],
      ] as const) {
        const { state, config } = await retried(() => manager.streams.info(stream));
        assert.equal(state.messages, MESSAGES);
        assert.equal(config.num_replicas, replicas);
        const worker = await retried(() => manager.consumers.info(stream, "worker"));
        assert.equal(worker.num_pending, MESSAGES);
      }
    }
  });

  it("have left already where it is said again", async () => {
    await go(kill);
  });

  it("have cost no acknowledged message", async () => {
    const report = await traffic.stop();
    process.stdout.write(
      `      ${report.acknowledged} acknowledged, ${report.consumed} consumed, longest gap ${report.longestGap} ms\n`,
    );
    assert.equal(report.lost, 0, report.traces.join("\n"));
    assert.ok(report.acknowledged > 1_000, `only ${report.acknowledged} acknowledged`);
  });

  it("are not let go at preview while one that stays does not answer", async () => {
    await kill("test-2");
    await closeLinks();
    const { failures } = await clusterMembers.check(
      members([...STAYING, "test-3"]),
      members(STAYING),
    );
    assert.deepEqual(failures, [
      {
        property: "replicas",
        reason: `'replicas' goes from 4 to 3: cluster 'test' at ${cluster.servers.slice(0, 3).join(", ")} cannot be asked what has to move off test-3: test-2 does not answer; bring it in order and run the command again`,
      },
    ]);
  });

  /** The servers that have anything at all. */
  function holders({ assets }: Awaited<ReturnType<typeof holdings>>): Set<string> {
    return new Set(
      assets.flatMap(({ held, consumers }) => [held, ...consumers].flat()).map((one) => one.server),
    );
  }
});
