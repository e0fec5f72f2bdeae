import { strict as assert } from "node:assert";
import { openLink } from "../../../components/provider/cluster-link";
import { readStream } from "../../../components/provider/live-streams";
import { AuditedStack } from "../../support/audited-stack";
import { RawJetStream } from "../../support/drift-raw";
import { TestCluster } from "../../support/test-cluster";

const STREAMS = 50;
const BUCKETS = 10;
/** One more than the server puts on a page. */
const MORE_THAN_A_PAGE = 257;

/** What a server has counted since it started. */
interface Traffic {
  readonly requests: number;
  readonly connections: number;
}

describe(`a stack of ${STREAMS} streams and ${BUCKETS} buckets`, function () {
  this.timeout(60_000);
  let stack: AuditedStack;

  before(async () => {
    const named = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
    stack = await AuditedStack.make({ streams: named(STREAMS, "s"), buckets: named(BUCKETS, "b") });
  });

  after(() => stack?.remove());

  /** The requests of a command, as /jsz and /varz count them and as the audit names them. */
  async function trafficOf(...command: string[]): Promise<Traffic & { names: string[] }> {
    const { audit, cluster, project } = stack;
    await audit.since();
    const before = await traffic(cluster);
    await project.ok(...command);
    const after = await traffic(cluster);
    return {
      requests: after.requests - before.requests,
      connections: after.connections - before.connections,
      names: await audit.since(),
    };
  }

  it("is previewed with ten requests or fewer, over two connections or fewer", async () => {
    const { requests, connections, names } = await trafficOf("preview", "--expect-no-changes");
    assert.ok(names.includes("STREAM.LIST"), `heard ${names.join(", ")}`);
    assert.equal(requests, names.length);
    assert.ok(requests <= 10, `${requests} requests: ${names.join(", ")}`);
    assert.ok(connections >= 1 && connections <= 2, `${connections} connections`);
  });

  it("is kept in a state of 2,500 bytes an asset or fewer, as the backend stores it", async () => {
    const { project } = stack;
    // Without the indentation that `pulumi stack export` adds.
    const state = JSON.stringify(JSON.parse(await project.state()));
    const each = Math.round(Buffer.byteLength(state) / (STREAMS + BUCKETS));
    assert.ok(each <= 2_500, `${each} bytes an asset`);
    // Of the call stack, the line of the program that declares the asset is kept, and nothing else.
    const positions = state.match(
      /"stackTrace":\[\{"sourcePosition":"project:\/\/\/index\.js#\d+,\d+"\}\]/g,
    );
    assert.equal(positions?.length, STREAMS + BUCKETS);
  });

  it("shows no change where the state still holds whole call stacks", async () => {
    const { project } = stack;
    const whole = '"stackTrace":[{"sourcePosition":"project:///elsewhere.ts#25,5"},{},{},';
    const state = JSON.stringify(JSON.parse(await project.state()));
    project.write("whole.json", state.replaceAll('"stackTrace":[', whole));
    await project.ok("stack", "import", "--file", "whole.json");
    assert.ok((await project.state()).includes("elsewhere.ts"));
    await project.ok("preview", "--expect-no-changes");
  });

  it("is previewed with one request more for each that is gone", async () => {
    const gone = ["s-7", "s-21", "KV_b-3"];
    for (const stream of gone) {
      await stack.raw.delete(stream);
    }
    const { requests, names } = await trafficOf("preview");
    const asked = names.filter((name) => name.startsWith("STREAM.INFO."));
    assert.deepEqual(asked.sort(), gone.map((name) => `STREAM.INFO.${name}`).sort());
    assert.ok(requests <= 10 + gone.length, `${requests} requests`);
  });

  it("is updated with requests for what changed only", async () => {
    await stack.project.ok("up", "--yes", "--skip-preview");
    assert.equal(await stack.raw.update("s-1", { max_msgs: 5 }), undefined);
    const { requests, names } = await trafficOf("up", "--yes", "--skip-preview");
    const writes = names.filter((name) => name.startsWith("STREAM.UPDATE."));
    assert.deepEqual(writes, ["STREAM.UPDATE.s-1"]);
    assert.ok(requests <= 10, `${requests} requests: ${names.join(", ")}`);
  });
});

describe("the reads of a refresh", () => {
  it("share one sweep over every page of the list", async () => {
    const cluster = await TestCluster.start({ size: 1 });
    try {
      const names = Array.from({ length: MORE_THAN_A_PAGE }, (_, index) => `s-${index}`);
      const raw = await RawJetStream.connect(cluster);
      await raw.create(names);
      await raw.close();
      const before = await traffic(cluster);
      const link = await openLink({ servers: cluster.servers });
      const found = await Promise.all(names.map((name) => readStream(link, name)));
      await link.close();
      assert.deepEqual(
        found.map((info) => info?.config.name),
        names,
      );
      assert.equal((await traffic(cluster)).requests - before.requests, 2);
    } finally {
      await cluster.stop();
    }
  });
});

async function traffic({ monitoring: [url] }: TestCluster): Promise<Traffic> {
  const jsz = (await (await fetch(`${url}/jsz`)).json()) as { api: { total: number } };
  const varz = (await (await fetch(`${url}/varz`)).json()) as { total_connections: number };
  return { requests: jsz.api.total, connections: varz.total_connections };
}
