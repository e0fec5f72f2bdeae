import { strict as assert } from "node:assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { diagnosticsOf, PulumiProject, SPEC_PROGRAM } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";
import { wholeStream } from "../../support/whole-stream";

const MESSAGES = 300;
const GAP = 7;
/** One on disk, one in memory, and one that nobody named. */
const CONSUMERS = [
  { durable_name: "kept" },
  { durable_name: "quick", mem_storage: true },
  { name: "passing", inactive_threshold: 3600e9 },
];
const DONE = 5;

describe("another storage, made by backup and recreation on nats-server 2.15", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let client: NatsConnection;
  let project: PulumiProject;
  const streams: Record<string, object> = {};

  before(async () => {
    cluster = await TestCluster.start({ version: "2.15.3", name: "storage" });
    client = await cluster.client();
    project = new PulumiProject(SPEC_PROGRAM);
    await project.init();
  });

  after(async () => {
    project?.remove();
    await client?.close();
    await cluster?.stop();
  });

  function declare(name: string, args: object): void {
    streams[name] = { subjects: [`${name}.>`], replicas: 3, ...args };
    project.write(
      "spec.json",
      JSON.stringify({ connection: { servers: cluster.servers, cluster: "storage" }, streams }),
    );
  }

  /** Messages with a gap among them, and consumers that are done with some. */
  async function fill(name: string): Promise<void> {
    const js = jetstream(client);
    const jsm = await jetstreamManager(client);
    for (let index = 0; index < MESSAGES; index++) {
      await js.publish(`${name}.${index % 3}`, `message ${index}`);
    }
    await jsm.streams.deleteMessage(name, GAP);
    for (const { durable_name: durable, name: own = durable, ...rest } of CONSUMERS) {
      const naming = durable === undefined ? { name: own } : { durable_name: durable };
      await jsm.consumers.add(name, { ...naming, ...rest, ack_policy: "explicit" });
      const consumer = await js.consumers.get(name, own);
      for await (const message of await consumer.fetch({ max_messages: DONE })) {
        await message.ackAck();
      }
    }
  }

  for (const [from, to] of [
    ["memory", "file"],
    ["file", "memory"],
  ] as const) {
    it(`carries messages and all consumers from ${from} to ${to}`, async () => {
      const name = `to_${to}`;
      declare(name, { storage: from });
      await project.ok("up", "--yes", "--skip-preview");
      await fill(name);
      const before = await wholeStream(client, name);
      assert.equal(before.messages.length, MESSAGES - 1);

      declare(name, { storage: to });
      const refused = await project.run("preview");
      assert.notEqual(refused.code, 0);
      assert.match(
        refused.stdout,
        /or "backupAndRecreate" to have its messages saved and restored/,
      );

      declare(name, { storage: to, onRefusedChange: "backupAndRecreate" });
      const warning = diagnosticsOf((await project.ok("preview")).stdout).get(name) ?? "";
      assert.ok(warning.startsWith(`warning: storage "${from}" => "${to}" is made by a backup: `));
      assert.match(
        warning,
        /its 299 messages \(.*\) and 3 consumers \(kept, passing, quick\) are saved to /,
      );
      assert.doesNotMatch(warning, /not come back/);
      await project.ok("up", "--yes", "--skip-preview");

      const jsm = await jetstreamManager(client);
      const { config } = await jsm.streams.info(name);
      assert.deepEqual([config.storage, config.subjects], [to, [`${name}.>`]]);
      assert.deepEqual(await wholeStream(client, name), before);
    });
  }
});
