import { strict as assert } from "node:assert";
import { stream } from "../../../components/provider";
import { closeLinks } from "../../../components/provider/link-pool";
import { RawJetStream } from "../../support/drift-raw";
import { TestCluster } from "../../support/test-cluster";

type Props = Record<string, unknown>;

describe("a stream that is moved and scaled by one change", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let raw: RawJetStream;
  let olds: Props;

  before(async () => {
    const tags = ["east", "east", "west", "west", "west"];
    cluster = await TestCluster.start({ name: "wide", size: 5, tags });
    raw = await RawJetStream.connect(cluster);
    olds = await declared({}, 1, "east");
    await stream.create(olds);
    await raw.publish("moved.one");
  });

  after(async () => {
    await closeLinks();
    await raw?.close();
    await cluster?.stop();
  });

  async function declared(before: Props, replicas: number, tag: string): Promise<Props> {
    const { inputs, failures } = await stream.check(before, {
      connection: { servers: cluster.servers },
      name: "moved",
      subjects: ["moved.>"],
      replicas,
      placement: { tags: [tag] },
    });
    assert.deepEqual(failures, []);
    return inputs;
  }

  async function change(replicas: number, tag: string, servers: RegExp): Promise<void> {
    const news = await declared(olds, replicas, tag);
    assert.equal(news.warning, "placement and replicas change in two updates, one after the other");
    const { outs } = await stream.update("moved", olds, news);
    // The last update is taken, and the servers still copy.
    let peers = await raw.peers("moved");
    const isThere = () => peers.length === replicas && peers.every((peer) => servers.test(peer));
    for (const deadline = Date.now() + 40_000; !isThere() && Date.now() < deadline; ) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      peers = await raw.peers("moved");
    }
    assert.ok(isThere(), peers.join(", "));
    assert.equal((await raw.streams()).get("moved")?.messages, 1);
    olds = outs;
  }

  it("is what no server does at once", async () => {
    assert.deepEqual(
      await raw.update("moved", { num_replicas: 3, placement: { tags: ["west"] } }),
      {
        code: 10123,
        says: "can not move and scale a stream in a single update",
      },
    );
  });

  it("goes where it is to be first, where it gets more replicas", async () => {
    await change(3, "west", /^wide-[234]$/);
  });

  it("gives replicas up first, where it gets fewer", async () => {
    await change(1, "east", /^wide-[01]$/);
  });
});
