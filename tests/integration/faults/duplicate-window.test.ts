import { strict as assert } from "node:assert";
import {
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import { connect, type NatsConnection } from "nats";
import { eventually } from "../../support/eventually";
import { TcpProxy } from "../../support/tcp-proxy";
import { TestCluster } from "../../support/test-cluster";

const STREAM = "LOAD";
const SERVERS = [0, 1, 2];
const PATIENCE = 90_000;

/** What the leader answers to the second try of a message that no replica has heard of. */
const SECOND_ANSWER = {
  // nats-server#5827
  "2.10.29": '{"stream":"LOAD","seq":0,"duplicate":true}',
  "2.11.17": "duplicate message id is in process",
  "2.12.15": "duplicate message id is in process",
};

// No code of the project: what the documentation says of acknowledgements rests on it.
describe("a message that is sent again under its id to a leader that is cut off", function () {
  this.timeout(300_000);
  let cluster: TestCluster;
  let leader: number;
  const routes: { readonly ends: readonly number[]; readonly proxy: TcpProxy }[] = [];
  const open: NatsConnection[] = [];

  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()));
    await cluster.stop();
    await Promise.all(routes.splice(0).map(({ proxy }) => proxy.close()));
  });

  for (const [version, second] of Object.entries(SECOND_ANSWER)) {
    it(`is answered ${second} by ${version}, and lost with its leadership`, async () => {
      await streamOn(version);
      for (const { proxy } of routesOfLeader()) {
        proxy.silence();
      }
      const client = await connected([leader]);
      assert.deepEqual(await sentTwice(client), ["timeout", second]);
      await ledBy((name) => name !== undefined && name !== nameOf(leader));
      for (const { proxy } of routesOfLeader()) {
        proxy.heal();
      }
      await cluster.settled();
      const { state } = await ledBy((name) => name !== undefined);
      assert.equal(state.messages, 0);
    });
  }

  async function streamOn(version: string): Promise<void> {
    cluster = await TestCluster.start({
      version,
      route: async (from, to, port) => {
        const proxy = await TcpProxy.to(port);
        routes.push({ ends: [from, to], proxy });
        return proxy.port;
      },
    });
    const manager = await managerOf(SERVERS);
    const config = { name: STREAM, subjects: [`${STREAM}.>`], num_replicas: 3 };
    // A busy machine may make the other servers look offline for a moment.
    const made = await eventually(
      () => manager.streams.add(config).catch((error: Error) => error),
      (answer) => !(answer instanceof Error),
      PATIENCE,
    );
    assert.ok(!(made instanceof Error), String(made));
    const { cluster: group } = await ledBy((name) => name !== undefined);
    leader = Number(group?.leader?.split("-").at(-1));
  }

  /** What is answered to a message and, as an application would send it again, to its second try. */
  async function sentTwice(client: NatsConnection): Promise<string[]> {
    const answers: string[] = [];
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await jetstream(client)
        .publish(`${STREAM}.a`, "one", { msgID: "one", timeout: 1_000 })
        .then(
          (ack) => JSON.stringify(ack),
          (error: Error) => error.message,
        );
      answers.push(answer);
    }
    return answers;
  }

  function routesOfLeader(): typeof routes {
    return routes.filter(({ ends }) => ends.includes(leader));
  }

  function nameOf(index: number): string {
    return `${cluster.name}-${index}`;
  }

  /** The stream as servers other than its first leader see it, once its leader is such a one. */
  async function ledBy(holds: (name: string | undefined) => boolean): Promise<StreamInfo> {
    const manager = await managerOf(SERVERS.filter((index) => index !== leader));
    const info = await eventually(
      () => manager.streams.info(STREAM).catch(() => undefined),
      (seen) => holds(seen?.cluster?.leader),
      PATIENCE,
    );
    assert.ok(info !== undefined, "the stream has no leader");
    return info;
  }

  async function managerOf(servers: readonly number[]): Promise<JetStreamManager> {
    return jetstreamManager(await connected(servers), { checkAPI: false });
  }

  async function connected(servers: readonly number[]): Promise<NatsConnection> {
    const connection = await connect({
      servers: servers.map((index) => cluster.servers[index] ?? ""),
      ignoreClusterUpdates: true,
    });
    open.push(connection);
    return connection;
  }
});
