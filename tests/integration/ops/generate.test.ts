import { strict as assert } from "node:assert";
import { join, resolve } from "node:path";
import type { NatsConnection } from "nats";
import { askJetStream } from "../../support/jetstream-request";
import { tfdcNats, wordsFor } from "../../support/ops-command";
import { PulumiProject, projectFile } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

const ROOT = resolve(__dirname, "../../..");

describe("generate on a server that somebody else set up", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let client: NatsConnection;
  let project: PulumiProject | undefined;

  before(async () => {
    cluster = await TestCluster.start({ size: 1 });
    client = await cluster.client();
  });

  after(async () => {
    project?.remove();
    await client?.close();
    await cluster?.stop();
  });

  async function ask(subject: string, question: object = {}) {
    type Answer = { error?: object; config: { metadata?: object } };
    const answer = await askJetStream<Answer>(client, subject, question);
    assert.equal(answer.error, undefined, JSON.stringify(answer.error));
    return answer.config;
  }

  it("prints a program that adopts everything and changes nothing", async () => {
    await ask("STREAM.CREATE.orders_v1", {
      ...{ name: "orders_v1", description: "orders.v1", subjects: ["orders.>", "refunds.*"] },
      ...{ max_age: 90e9 * 60, max_bytes: 5 << 20, discard: "new", compression: "s2" },
      ...{
        republish: { src: "orders.>", dest: "copy.>" },
        metadata: { team: "a 'quoted' \"name\"" },
      },
    });
    await ask("STREAM.CREATE.work", { name: "work", retention: "workqueue", num_replicas: 1 });
    await ask("STREAM.CREATE.KV_carts", {
      ...{ name: "KV_carts", subjects: ["$KV.carts.>"], max_msgs_per_subject: 7, discard: "new" },
      ...{ allow_rollup_hdrs: true, deny_delete: true, allow_direct: true, max_age: 36e11 },
    });
    const names = ["orders_v1", "work", "KV_carts"];
    const before = await Promise.all(names.map((name) => ask(`STREAM.INFO.${name}`)));

    const { code, stdout, stderr } = await tfdcNats(["generate", ...wordsFor(cluster)]);
    assert.equal(code, 0, stderr);
    project = new PulumiProject({
      "Pulumi.yaml": projectFile("adopted", true),
      "package.json": '{ "name": "adopted", "main": "index.ts" }\n',
      // Type-checked by Pulumi, which the project's own configuration leaves out.
      "tsconfig.json": JSON.stringify({
        extends: join(ROOT, "tsconfig.base.json"),
        compilerOptions: { noEmit: true, declaration: false },
      }),
      "topology.ts": stdout,
      "index.ts": `
        import { JetStreamAssets } from "@tfdc/pulumi-nats";
        import { buckets, streams } from "./topology";
        new JetStreamAssets("all", {
          connection: { servers: ${JSON.stringify(cluster.servers)} }, streams, buckets,
        });
      `,
    });
    await project.init();
    await project.ok("up", "--yes", "--skip-preview");
    await project.ok("preview", "--expect-no-changes");

    const after = await Promise.all(names.map((name) => ask(`STREAM.INFO.${name}`)));
    const configs = (all: typeof before) =>
      all.map(({ metadata = {}, ...config }) => ({
        ...config,
        metadata: Object.fromEntries(
          Object.entries(metadata).filter(([key]) => !key.startsWith("io.tfdc.")),
        ),
      }));
    assert.deepEqual(configs(after), configs(before));
  });
});
