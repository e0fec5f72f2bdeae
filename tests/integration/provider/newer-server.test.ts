import { strict as assert } from "node:assert";
import { STREAM_FIELDS, type StreamField } from "../../../components/jetstream/stream-fields";
import { guard, stream } from "../../../components/provider";
import { closeLinks } from "../../../components/provider/link-pool";
import { RawJetStream } from "../../support/drift-raw";
import { TestCluster } from "../../support/test-cluster";

type Props = Record<string, unknown>;

/** The newest row of the table: without it the table is that of an older release. */
const NEWEST = "allowBatchPublish";

describe("a server that is newer than the field table", function () {
  this.timeout(60_000);
  const table = STREAM_FIELDS as StreamField[];
  const rows = [...table];
  let cluster: TestCluster;
  let raw: RawJetStream;
  let olds: Props;

  before(async () => {
    table.splice(0, rows.length, ...rows.filter(({ name }) => name !== NEWEST));
    cluster = await TestCluster.start({ size: 1, version: "2.15.3", name: "newer" });
    raw = await RawJetStream.connect(cluster);
    olds = (await checked({}, { maxAge: "1h" })).inputs;
    await stream.create(olds);
    assert.equal(await raw.update("orders", { allow_batched: true }), undefined);
  });

  after(async () => {
    table.splice(0, table.length, ...rows);
    await closeLinks();
    await raw?.close();
    await cluster?.stop();
  });

  function checked(before: Props, more: Props) {
    const connection = { servers: cluster.servers };
    return stream.check(before, { connection, name: "orders", subjects: ["orders.>"], ...more });
  }

  const guarded = () => ({
    connection: { servers: cluster.servers },
    assets: { orders: "refuseIfNotEmpty", other: "refuseIfNotEmpty" },
  });

  it("shows no change of what the table does not know, which the guard names", async () => {
    const { props = {} } = await stream.read("orders", olds);
    assert.deepEqual(await stream.diff("orders", props, olds), { changes: false });
    const { inputs } = await guard.check({}, guarded());
    assert.deepEqual(inputs.unknownSettings, ["stream 'orders': allow_batched is true"]);
    const seen = await guard.read("guard", guarded());
    assert.deepEqual(seen.props?.unknownSettings, inputs.unknownSettings);
  });

  it("keeps it in an update, and the preview of that says so", async () => {
    const { inputs, failures } = await checked(olds, { maxAge: "2h" });
    assert.deepEqual(failures, []);
    assert.equal(inputs.warning, "allow_batched is true there, which is not known here and stays");
    await stream.update("orders", olds, inputs);
    const { allow_batched: batched, max_age: age } = await raw.config("orders");
    assert.deepEqual([batched, age], [true, 7_200_000_000_000]);
  });

  it("says nothing of it any more once it is gone", async () => {
    assert.equal(await raw.update("orders", { allow_batched: false }), undefined);
    await closeLinks();
    const seen = await guard.read("guard", { ...guarded(), unknownSettings: ["as before"] });
    assert.equal("unknownSettings" in (seen.props ?? {}), false);
  });
});
