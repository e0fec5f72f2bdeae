import { strict as assert } from "node:assert";
import { stream } from "../../../components/provider";
import { closeLinks } from "../../../components/provider/link-pool";
import { APP_AND_SYSTEM } from "../../support/accounts";
import { RawJetStream } from "../../support/drift-raw";
import { TestCluster } from "../../support/test-cluster";

type Props = Record<string, unknown>;

/** Since 2.15 a server takes another number of replicas first, and makes them afterwards. */
describe("a stream of nats-server 2.15.3 whose number of replicas changes", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let raw: RawJetStream;
  let olds: Props;

  before(async () => {
    cluster = await TestCluster.start({ name: "blue", version: "2.15.3", extra: APP_AND_SYSTEM });
    raw = await RawJetStream.connect(cluster);
    olds = await declared({}, 1);
    await stream.create(olds);
    await raw.publish("scaled.one");
  });

  after(async () => {
    await closeLinks();
    await raw?.close();
    await cluster?.stop();
  });

  async function declared(before: Props, replicas: number, more: object = {}): Promise<Props> {
    const { inputs, failures } = await stream.check(before, {
      connection: { servers: cluster.servers },
      name: "scaled",
      subjects: ["scaled.>"],
      replicas,
      allowDataLoss: true,
      ...more,
    });
    assert.deepEqual(failures, []);
    return inputs;
  }

  it("is on as many servers when the update is done, one change right after the other", async () => {
    for (const [replicas, more] of [
      [3, {}],
      [1, {}],
      [3, { maxAge: "1h" }],
      [2, { retention: "interest" }],
      [1, { retention: "limits" }],
    ] as const) {
      const news = await declared(olds, replicas, more);
      await stream.update("scaled", olds, news);
      const peers = (await raw.peers("scaled")).filter((name) => name !== "");
      assert.equal(peers.length, replicas, peers.join(", "));
      olds = news;
    }
  });
});
