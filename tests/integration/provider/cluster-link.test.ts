import { strict as assert } from "node:assert";
import { type ClusterLink, openLink } from "../../../components/provider/cluster-link";
import { eventually } from "../../support/eventually";
import { TcpProxy } from "../../support/tcp-proxy";
import { TestCluster } from "../../support/test-cluster";

describe("a connection to a cluster", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let first: TcpProxy;
  let late: TcpProxy;

  before(async () => {
    cluster = await TestCluster.start({ size: 1 });
    const port = Number(cluster.servers[0]?.split(":")[1]);
    first = await TcpProxy.to(port);
    late = await TcpProxy.to(port);
  });

  after(async () => {
    await first?.close();
    await late?.close();
    await cluster?.stop();
  });

  /** A connection that was refused by the late server before the first one took it. */
  async function openedWithoutLate(): Promise<ClusterLink> {
    const servers = [first, late].map((proxy) => `127.0.0.1:${proxy.port}`);
    let refused = 0;
    late.refuses = () => {
      refused += 1;
      return true;
    };
    // Which server is dialled first is left to chance.
    for (;;) {
      const link = await openLink({ servers });
      if (refused > 0) {
        late.refuses = () => false;
        return link;
      }
      await link.close();
    }
  }

  it("leaves a server that gives no answer for one that took no connections before", async () => {
    const link = await openedWithoutLate();
    first.silence();
    const isAnswered = await eventually(
      () =>
        link.ask("$JS.API.INFO", undefined, 500).then(
          () => true,
          () => false,
        ),
      (answered) => answered,
      30_000,
    );
    await link.close();
    assert.ok(isAnswered, "it stays with the silent server");
  });

  it("leaves a server that gave no answer to a patient question for another one at once", async () => {
    first.heal();
    const link = await openedWithoutLate();
    first.silence();
    await assert.rejects(link.ask("$JS.API.INFO", undefined, 10_050), /timeout/i);
    // As every retry does: a question at the moment of the change could still go to the silent one.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await link.ask("$JS.API.INFO", undefined, 10_000);
    await link.close();
  });
});
