import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { examine } from "../../../ops/health/examine";
import { APP_AND_SYSTEM } from "../../support/accounts";
import { eventually } from "../../support/eventually";
import { asCluster } from "../../support/ops-command";
import { retried } from "../../support/retried";
import { TestCluster } from "../../support/test-cluster";

/** The newest of the versions that forget streams (nats-server#7540). */
const FORGETFUL = "2.11.17";
const STREAMS = ["one", "two", "three"];
const LAST = "last";
const PATIENCE = 90_000;

describe("health of a server that has forgotten streams", function () {
  this.timeout(300_000);
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start({
      name: "blue",
      version: FORGETFUL,
      extra: APP_AND_SYSTEM,
    });
  });

  after(() => cluster?.stop());

  const jsz = async (index: number) =>
    (await (await fetch(`${cluster.monitoring[index]}/jsz`)).json()) as {
      streams: number;
      meta_cluster: { snapshot: { pending_entries: number } };
    };
  /** How many streams a server holds; all of them as long as it does not answer. */
  const held = (index: number) =>
    jsz(index).then(
      ({ streams }) => streams,
      () => STREAMS.length + 1,
    );
  const finds = () =>
    eventually(
      async () =>
        (await examine(asCluster(cluster))).found.filter(({ check }) => check !== "version-safe"),
      (found) => found.length === 0,
      PATIENCE,
    );

  it("names them where it was killed after an update of them, and how it gets them again", async () => {
    const client = await cluster.client();
    const jsm = await jetstreamManager(client, { timeout: 10_000 });
    for (const name of [...STREAMS, LAST]) {
      await retried(() => jsm.streams.add({ name, subjects: [`${name}.>`], num_replicas: 3 }));
      await retried(() => jetstream(client).publish(`${name}.a`, "kept"));
    }
    await cluster.settled();
    // Forgotten is what the server has not saved yet, as it does once a minute. The update of one
    // more stream has every server know that those before it were agreed on.
    const unsaved = await eventually(
      async () => {
        for (const name of [...STREAMS, LAST]) {
          const description = `updated at ${Date.now()}`;
          await retried(() => jsm.streams.update(name, { description }));
        }
        return (await jsz(1)).meta_cluster.snapshot.pending_entries;
      },
      (entries) => entries >= STREAMS.length + 1,
      PATIENCE,
    );
    assert.ok(unsaved > STREAMS.length);
    await cluster.kill(1);
    cluster.startServer(1);
    await client.close();
    const left = await eventually(
      () => held(1),
      (count) => count < 2,
      PATIENCE,
    );
    assert.ok(left < 2, `it still holds ${left}`);
    const found = await eventually(
      async () => (await examine(asCluster(cluster))).found,
      (all) => all.some(({ check }) => check === "replicas-held"),
      PATIENCE,
    );
    const lacking = found.find(({ check }) => check === "replicas-held");
    assert.match(
      lacking?.what ?? "",
      /^blue-1 does not hold (last, )?one, three, two, and their leaders count on it: nats-server 2\.11\.17 forgets streams when it is killed$/,
    );
    const store = join(cluster.store(1), "jetstream");
    assert.ok(
      lacking?.remedy.includes(`delete the folder '_meta_' (and nothing else) in ${store}/`),
    );

    await cluster.kill(1, "SIGTERM");
    rmSync(join(store, "SYS", "_js_", "_meta_"), { recursive: true });
    cluster.startServer(1);
    assert.equal(
      await eventually(
        () => held(1),
        (count) => count === 4,
        PATIENCE,
      ),
      4,
    );
    assert.deepEqual(await finds(), []);
  });
});
