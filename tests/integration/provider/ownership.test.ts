import { strict as assert } from "node:assert";
import type { NatsConnection } from "nats";
import { keyValue, stream } from "../../../components/provider";
import { closeLinks } from "../../../components/provider/link-pool";
import { askJetStream } from "../../support/jetstream-request";
import { TestCluster } from "../../support/test-cluster";

type Props = Record<string, unknown>;

const OURS = { "io.tfdc.project": "p", "io.tfdc.stack": "s", "io.tfdc.colour": "blue" };
const THEIRS = { ...OURS, "io.tfdc.stack": "other" };

describe("an asset that exists already", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let client: NatsConnection;

  before(async () => {
    cluster = await TestCluster.start({ size: 1, name: "blue" });
    client = await cluster.client();
  });

  // A process of the engine sees one state of the servers; each test is to see its own.
  beforeEach(closeLinks);

  after(async () => {
    await closeLinks();
    await client.close();
    await cluster.stop();
  });

  const where = () => `the NATS cluster at ${cluster.servers[0]}`;

  /** The inputs as `check` leaves them, and why it refuses them, if it does. */
  async function checked(name: string, args: Props = {}, refused?: string): Promise<Props> {
    const connection = { servers: cluster.servers };
    const news = { name, subjects: [`${name}.>`], metadata: OURS, connection, ...args };
    const { inputs, failures } = await stream.check({}, news);
    assert.deepEqual(
      failures.map(({ reason }) => reason),
      refused === undefined ? [] : [refused],
    );
    return inputs;
  }

  const server = (subject: string, question?: unknown) =>
    askJetStream<Props>(client, `STREAM.${subject}`, question);

  const make = (name: string, config: Props = {}) =>
    server(`CREATE.${name}`, { name, subjects: [`${name}.>`], ...config });

  const configOf = async (name: string) => (await server(`INFO.${name}`)).config as Props;

  it("is taken over where it is equal, and marked as ours", async () => {
    await make("equal");
    await stream.create(await checked("equal"));
    assert.deepEqual((await configOf("equal")).metadata, OURS);
  });

  it("is left alone where it differs, with the differences listed", async () => {
    await make("different", { max_msgs: 5 });
    const message = `the stream 'different' exists already on ${where()} with another configuration: maxAge is "unlimited" there and "1h" here; maxMsgs is 5 there and "unlimited" here. Declare what is there, or set adopt: "always" to change it.`;
    const inputs = await checked("different", { maxAge: "1h" }, message);
    await assert.rejects(stream.create(inputs), { message });
    assert.equal((await configOf("different")).max_msgs, 5);
  });

  it("is changed where adopt says always", async () => {
    await make("changed", { max_msgs: 5 });
    await stream.create(await checked("changed", { adopt: "always" }));
    assert.equal((await configOf("changed")).max_msgs, -1);
  });

  it("is refused where adopt says never", async () => {
    await make("never");
    const message = `the stream 'never' exists already on ${where()}, and adopt is "never"; set adopt: "ifEqual" to take it over, or declare another name.`;
    const inputs = await checked("never", { adopt: "never" }, message);
    await assert.rejects(stream.create(inputs), { message });
  });

  it("is recognised as half-made work of our own, even where adopt says never", async () => {
    await make("half", { metadata: OURS });
    await stream.create(await checked("half", { adopt: "never" }));
  });

  it("is never touched where another stack owns it", async () => {
    await make("foreign", { metadata: THEIRS, max_msgs: 5 });
    const message = `the stream 'foreign' of ${where()} belongs to stack 'other' of project 'p', colour 'blue' and is left alone; declare it in one stack only, or destroy it there with deletionPolicy "retain" after removing its 'io.tfdc.*' metadata.`;
    const inputs = await checked("foreign", { adopt: "always" }, message);
    await assert.rejects(stream.create(inputs), { message });
    await assert.rejects(stream.update("foreign", inputs, inputs), { message });
    await stream.delete("foreign", { ...inputs, deletionPolicy: "delete" });
    assert.equal((await configOf("foreign")).max_msgs, 5);
  });

  it("is deleted only while it is empty, unless the policy says otherwise", async () => {
    const inputs = await checked("full");
    await stream.create(inputs);
    await client.request("full.a", "x");
    await assert.rejects(stream.delete("full", inputs), {
      message: `the stream 'full' of ${where()} is not deleted: it holds 1 message (37 bytes). Set deletionPolicy: "delete" to delete them with it, or "retain" to leave it on the servers, and run 'pulumi up' once so that the policy is known; or empty it first.`,
    });
    await stream.delete("full", { ...inputs, deletionPolicy: "retain" });
    assert.equal((await configOf("full")).name, "full");
    await stream.delete("full", { ...inputs, deletionPolicy: "delete" });
    assert.equal(((await server("INFO.full")).error as Props).err_code, 10059);
    await stream.delete("full", inputs);
  });

  it("obeys the policy that the environment says for one command", async () => {
    const inputs = await checked("forced");
    await stream.create(inputs);
    await client.request("forced.a", "x");
    process.env.TFDC_NATS_DELETION_POLICY = "delete";
    try {
      await stream.delete("forced", inputs);
      process.env.TFDC_NATS_DELETION_POLICY = "burn";
      await assert.rejects(stream.delete("forced", inputs), {
        message:
          'TFDC_NATS_DELETION_POLICY is "burn": it must be one of "refuseIfNotEmpty", "delete", "retain"; correct or unset it.',
      });
    } finally {
      delete process.env.TFDC_NATS_DELETION_POLICY;
    }
  });

  it("as a bucket has the name of the bucket in every message", async () => {
    const connection = { servers: cluster.servers };
    const { inputs } = await keyValue.check({}, { bucket: "b", connection, metadata: OURS });
    await keyValue.create(inputs);
    await client.request("$KV.b.key", "x");
    await assert.rejects(keyValue.delete("KV_b", inputs), {
      message: /^the bucket 'b' of .* is not deleted: it holds 1 message/,
    });
    await assert.rejects(keyValue.create({ ...inputs, history: 5 }), {
      message:
        /^the bucket 'b' exists already on .* with another configuration: history is 1 there and 5 here\./,
    });
  });

  it("is not reached through a connection to another cluster", async () => {
    const connection = { servers: cluster.servers, domain: "green" };
    const refusal = {
      message:
        /is the wrong JetStream: its domain is '', and 'green' is declared\. Nothing was read/,
    };
    await assert.rejects(checked("elsewhere", { connection }), refusal);
    await assert.rejects(stream.create({ ...(await checked("elsewhere")), connection }), refusal);
    assert.equal(((await server("INFO.elsewhere")).error as Props).err_code, 10059);
  });
});
