import { strict as assert } from "node:assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { eventually } from "../../support/eventually";
import { diagnosticsOf, PulumiProject, SPEC_PROGRAM } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";
import { wholeStream } from "../../support/whole-stream";

const OLD = "2.12.15";
const NEW = "2.15.3";
const UPGRADED = 0;
const MESSAGES = 30;
const DONE = 5;

describe(`a recreation while a cluster goes from nats-server ${OLD} to ${NEW}`, function () {
  this.timeout(180_000);
  let cluster: TestCluster;
  let client: NatsConnection;
  let project: PulumiProject;

  before(async () => {
    cluster = await TestCluster.start({ version: OLD, name: "mixed" });
    client = await cluster.client();
    project = new PulumiProject(SPEC_PROGRAM);
    await project.init();
  });

  after(async () => {
    project?.remove();
    await client?.close();
    await cluster?.stop();
  });

  /** The program's connection is to the server that is upgraded, which judges a change by itself. */
  function declare(args: object): void {
    const connection = { servers: [cluster.servers[UPGRADED]], cluster: "mixed" };
    const stream = { subjects: ["mixed.>"], replicas: 3, ...args };
    project.write("spec.json", JSON.stringify({ connection, streams: { mixed: stream } }));
  }

  async function upgrade(index: number): Promise<void> {
    await cluster.kill(index, "SIGTERM");
    cluster.startServer(index, NEW);
    await cluster.settled();
  }

  /** Has a server of the older or of the newer version lead the stream. */
  async function ledBy(isRight: (leader: string) => boolean): Promise<void> {
    const jsm = await jetstreamManager(client);
    await eventually(
      async () => {
        const leader = (await jsm.streams.info("mixed")).cluster?.leader ?? "";
        if (leader !== "" && !isRight(leader)) {
          await client.request("$JS.API.STREAM.LEADER.STEPDOWN.mixed", "", { timeout: 5000 });
        }
        return leader;
      },
      isRight,
      60_000,
    );
  }

  it("deletes nothing by what an older leader saves, though the server that judges could save more", async () => {
    declare({ denyPurge: true });
    await project.ok("up", "--yes", "--skip-preview");
    const js = jetstream(client);
    const jsm = await jetstreamManager(client);
    for (let index = 0; index < MESSAGES; index++) {
      await js.publish(`mixed.${index % 3}`, `message ${index}`);
    }
    for (const [name, inMemory] of [
      ["kept", false],
      ["quick", true],
    ] as const) {
      await jsm.consumers.add("mixed", {
        durable_name: name,
        mem_storage: inMemory,
        ack_policy: "explicit",
      });
      const consumer = await js.consumers.get("mixed", name);
      for await (const message of await consumer.fetch({ max_messages: DONE })) {
        await message.ackAck();
      }
    }
    await upgrade(UPGRADED);
    const before = await wholeStream(client, "mixed");
    assert.equal(before.messages.length, MESSAGES);

    declare({ denyPurge: false, onRefusedChange: "backupAndRecreate" });
    const warning = diagnosticsOf((await project.ok("preview")).stdout).get("mixed") ?? "";
    assert.match(warning, /30 messages \(.*\) and 2 consumers \(kept, quick\) are saved to /);

    await ledBy((leader) => leader !== `mixed-${UPGRADED}` && leader !== "");
    const failed = await project.run("up", "--yes", "--skip-preview");
    assert.notEqual(failed.code, 0, failed.stdout);
    assert.match(
      failed.stdout,
      /the server left the durable consumer quick out of the backup, as one before 2\.15 does with what is in memory or on another server only; run 'pulumi up' again when every server runs 2\.15 or newer, or set allowDataLoss: true to let it go\./,
    );
    const { config } = await jsm.streams.info("mixed");
    assert.deepEqual([config.subjects, config.deny_purge], [["mixed.>"], true]);
    assert.deepEqual(await wholeStream(client, "mixed"), before);
  });

  it("carries it all over when every server is of the newer one, as the message says", async () => {
    for (const index of [1, 2]) {
      await upgrade(index);
    }
    const before = await wholeStream(client, "mixed");
    await project.ok("up", "--yes", "--skip-preview");

    const { config } = await (await jetstreamManager(client)).streams.info("mixed");
    assert.deepEqual([config.subjects, config.deny_purge ?? false], [["mixed.>"], false]);
    assert.deepEqual(await wholeStream(client, "mixed"), before);
  });
});
