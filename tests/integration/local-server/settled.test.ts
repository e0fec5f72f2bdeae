import { strict as assert } from "node:assert";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  leaderless,
  outsiders,
  unsettled,
  waitSettled,
} from "../../../components/provider/monitoring-endpoints";
import { DeclaredServers } from "./declared-servers";

interface Replica {
  readonly name: string;
  readonly current: boolean;
  readonly offline?: boolean;
  readonly active?: number;
}

/** What the monitoring port of a server answers. */
interface Answers {
  readonly leader?: string;
  readonly replicas?: readonly Replica[];
  readonly error?: string;
  /** Milliseconds since it started; it says so only where that is given. */
  readonly age?: () => number;
  readonly streams?: Readonly<Record<string, { leader?: string; replicas?: readonly Replica[] }>>;
}

const timesOf = (age: number) => ({
  start: new Date(0).toISOString(),
  now: new Date(age).toISOString(),
});
const current = (name: string): Replica => ({ name, current: true });
const ORDERS = { leader: "a", replicas: [current("b"), current("c")] };
const HEALTHY: Readonly<Record<string, Answers>> = {
  a: { leader: "a", replicas: [current("b"), current("c")], streams: { ORDERS } },
  b: { leader: "a", streams: { ORDERS: { leader: "a" } } },
  c: { leader: "a", streams: { ORDERS: { leader: "a" } } },
};

describe("a cluster is settled", function () {
  this.timeout(60_000);
  const listening: Server[] = [];

  afterEach(() => {
    for (const server of listening.splice(0)) {
      server.close();
    }
  });

  /** Monitoring ports that answer like servers of these names. */
  async function cluster(changes: Readonly<Record<string, Answers>> = {}): Promise<string[]> {
    const all = Object.entries({ ...HEALTHY, ...changes });
    return Promise.all(all.map(([name, answers]) => monitor(name, answers)));
  }

  async function monitor(name: string, { leader, replicas, error, age, streams = {} }: Answers) {
    const details = Object.entries(streams).map(([stream, group]) => ({
      name: stream,
      cluster: group,
    }));
    const bodies: Readonly<Record<string, unknown>> = {
      "/varz": { server_name: name, version: "2.10.29", config_load_time: "2026-01-01T00:00:00Z" },
      "/jsz": {
        streams: details.length,
        meta_cluster: { leader, replicas },
        account_details: [{ stream_detail: details }],
      },
      "/healthz": error === undefined ? { status: "ok" } : { status: "unavailable", error },
    };
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "", "http://x").pathname;
      response.statusCode = path === "/healthz" && error !== undefined ? 503 : 200;
      const time = path === "/varz" && age !== undefined ? timesOf(age()) : {};
      response.end(JSON.stringify({ ...(bodies[path] as object), ...time }));
    });
    listening.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("where all agree on a leader, are healthy, and hold what their streams' leaders say", async () => {
    assert.equal(await unsettled(await cluster()), undefined);
  });

  it("where servers that follow do not know of each other, which 2.15 tells", async () => {
    const follower = (other: string) => ({
      leader: "a",
      replicas: [current("a"), { name: other, current: false, active: 0 }],
      streams: { ORDERS: { leader: "a" } },
    });
    assert.equal(await unsettled(await cluster({ b: follower("c"), c: follower("b") })), undefined);
  });

  it("where a replica is some messages behind and heard, as a busy one always is", async () => {
    const replicas = [current("b"), { name: "c", current: false, active: 20_000_000 }];
    const a = { ...HEALTHY.a, streams: { ORDERS: { ...ORDERS, replicas } } };
    assert.equal(await unsettled(await cluster({ a })), undefined);
  });

  it("not while a server does not answer", async () => {
    const peers = [...(await cluster()), "http://127.0.0.1:1"];
    assert.equal(await unsettled(peers), "http://127.0.0.1:1 does not answer");
  });

  const reasons: readonly (readonly [string, Readonly<Record<string, Answers>>, string])[] = [
    [
      "while a server knows no meta leader",
      { c: { ...HEALTHY.c, leader: undefined } },
      "the servers have not agreed on a meta leader",
    ],
    [
      "while servers name two meta leaders",
      { c: { ...HEALTHY.c, leader: "b" } },
      "the servers have not agreed on a meta leader",
    ],
    [
      "while a server is behind in the meta group",
      { a: { ...HEALTHY.a, replicas: [current("b"), { name: "c", current: false }] } },
      "c is not current in the meta group",
    ],
    [
      "while the meta leader takes a server for gone",
      { a: { ...HEALTHY.a, replicas: [current("b"), { ...current("c"), offline: true }] } },
      "c is not current in the meta group",
    ],
    [
      "while the meta group is smaller than the cluster",
      { a: { ...HEALTHY.a, replicas: [current("b")] } },
      "the meta leader does not know c yet; a server that has left is let in again after five minutes",
    ],
    [
      "while a server is not healthy, which is quoted",
      { b: { ...HEALTHY.b, error: "JetStream stream 'TFDC > ORDERS' is not current" } },
      "b is not healthy: JetStream stream 'TFDC > ORDERS' is not current",
    ],
    [
      "while a stream has no leader",
      { b: { ...HEALTHY.b, streams: { ORDERS: {} } } },
      "the stream ORDERS has no leader",
    ],
    [
      "while a server that calls itself healthy has not found its stream yet",
      { c: { ...HEALTHY.c, streams: {} } },
      "c is not current with the stream ORDERS",
    ],
    [
      "while a leader does not hear a replica",
      {
        a: {
          ...HEALTHY.a,
          streams: {
            ORDERS: {
              ...ORDERS,
              replicas: [current("b"), { name: "c", current: false, active: 4_000_000_000 }],
            },
          },
        },
      },
      "c is not current with the stream ORDERS",
    ],
  ];
  for (const [when, changes, reason] of reasons) {
    it(`not ${when}`, async () => {
      assert.equal(await unsettled(await cluster(changes)), reason);
    });
  }

  it("never without a meta leader, and only a cluster that holds nothing is started again for it", async () => {
    const nobody = { a: {}, b: {}, c: {} };
    assert.deepEqual(await leaderless(await cluster(nobody)), ["a", "b", "c"]);
    assert.deepEqual(await leaderless(await cluster({ ...nobody, a: { leader: "a" } })), []);
    assert.deepEqual(
      await leaderless(await cluster({ ...nobody, b: { streams: { ORDERS } } })),
      [],
    );
    assert.deepEqual(await leaderless([...(await cluster(nobody)), "http://127.0.0.1:1"]), []);
  });

  it("without a server that the others agree to be without, which is to be started again", async () => {
    const changes = {
      a: { ...HEALTHY.a, replicas: [current("b"), { name: "c", current: false }] },
    };
    assert.deepEqual(await outsiders(await cluster(changes)), ["c"]);
    assert.deepEqual(await outsiders(await cluster()), []);
  });

  it("without a server that knows no meta leader where the others agree on one without it", async () => {
    const changes = {
      a: { ...HEALTHY.a, replicas: [current("b")] },
      c: { ...HEALTHY.c, leader: "" },
    };
    assert.deepEqual(await outsiders(await cluster(changes)), ["c"]);
  });

  it("never without most of its servers", async () => {
    const behind = ["b", "c"].map((name) => ({ name, current: false }));
    assert.deepEqual(await outsiders(await cluster({ a: { ...HEALTHY.a, replicas: behind } })), []);
    assert.deepEqual(await outsiders(await cluster({ c: { ...HEALTHY.c, leader: "" } })), []);
  });

  it("before a server of it is restarted; one that is not is left alone, with the reason", async () => {
    const servers = await DeclaredServers.make(1);
    try {
      await servers.up(0);
      const before = servers.pid(0);
      const [sick = ""] = await cluster({ a: { error: "disk on fire" } });
      const alone = servers.states[0] ?? {};
      const own = (alone.peers as string[])[0] ?? "";
      servers.states[0] = { ...alone, peers: [own, sick] };
      await assert.rejects(
        servers.up(0, { restartOnly: { maxFileStore: "11GiB" }, peers: [own, sick] }),
        {
          name: "UserError",
          message:
            "nats-blue-0 is not restarted: cluster 'blue' is not settled (the servers have not agreed on a meta leader), and a restart could take its streams away; bring it in order and run the command again.",
        },
      );
      assert.equal(servers.pid(0), before);
      assert.match((await waitSettled([own, sick], 0)) ?? "", /meta leader/);
    } finally {
      servers.remove();
    }
  });

  it("before a server of it is restarted; one that has just started and holds a restored stream is given its first minute", async function () {
    this.timeout(120_000);
    const servers = await DeclaredServers.make(1);
    try {
      await servers.up(0);
      const before = servers.pid(0);
      const started = Date.now() - 30_000;
      const a = {
        leader: "nats-blue-0",
        error: "JetStream stream 'TFDC > ORDERS' is not current: monitor goroutine not running",
        age: () => Date.now() - started,
      };
      const group = { leader: "nats-blue-0", replicas: [current("a")] };
      const peers = [await monitor("nats-blue-0", group), await monitor("a", a)];
      assert.match((await waitSettled(peers, 0)) ?? "", /monitor goroutine not running/);
      servers.states[0] = { ...(servers.states[0] ?? {}), peers };
      await servers.up(0, { restartOnly: { maxFileStore: "11GiB" }, peers });
      assert.notEqual(servers.pid(0), before);
      assert.ok(Date.now() - started > 60_000);
    } finally {
      servers.remove();
    }
  });
});
