import { strict as assert } from "node:assert";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import type { Path } from "../../../components/provider/reach";
import type { Kubernetes } from "../../support/kubernetes/cluster";
import { sharedKubernetes } from "../../support/kubernetes/shared";
import { KubernetesColour } from "../../support/kubernetes-colour";
import { Traffic } from "../../support/traffic";

const SELECTOR = "app=nats,cluster=blue";

describe("a colour under a load of 1,000 messages a second", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;
  let traffic: Traffic;
  const open: { readonly connection: NatsConnection; readonly path: Path }[] = [];
  const gaps: Record<string, number> = {};

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("rollout", { restricted: true });
    colour = new KubernetesColour(kubernetes, namespace);
    await colour.up();
    for (let index = 0; index < 2; index++) {
      open.push(await colour.client());
    }
    const [publisher, consumer] = open.map(({ connection }) => connection);
    assert.ok(publisher !== undefined && consumer !== undefined);
    const manager = await jetstreamManager(publisher);
    await manager.streams.add({ name: "LOAD", subjects: ["LOAD.>"], num_replicas: 3 });
    traffic = await Traffic.start(publisher, consumer, "LOAD");
  });

  after(async () => {
    await Promise.all(
      open.map(async ({ connection, path }) => {
        await connection.close();
        await path.close();
      }),
    );
    await kubernetes.removeNamespace(namespace);
  });

  async function measured(what: string, happen: () => Promise<void>): Promise<void> {
    traffic.restartClock();
    await happen();
    gaps[what] = Math.round(traffic.gap);
  }

  /** Pods by name: a restart gives another uid. */
  async function uids(): Promise<string[]> {
    const pods = await kubernetes.pods(namespace, SELECTOR);
    return pods.map(({ metadata }) => metadata.uid);
  }

  it("reloads without touching a pod", async () => {
    const before = await uids();
    await measured("reload", async () => {
      const shown = await colour.up({ maxPayload: "5MiB" });
      assert.match(shown, /every pod is of the declared revision/);
      for (const index of [0, 1, 2]) {
        assert.match(shown, new RegExp(`nats-blue-${index} loaded it at 20`));
      }
    });
    assert.deepEqual(await uids(), before);
    const { connection, path } = await colour.client();
    assert.equal(connection.info?.max_payload, 5 << 20);
    await connection.close();
    await path.close();
  });

  it("rolls followers first and the meta leader last, each alone", async () => {
    const before = await uids();
    await measured("roll", async () => {
      const shown = await colour.up({ maxPending: "128MiB" });
      assert.equal([...shown.matchAll(/restarting nats-blue-\d/g)].length, 3);
      assert.equal([...shown.matchAll(/nats-blue-\d is back and current/g)].length, 3);
    });
    const after = await uids();
    assert.equal(after.filter((uid) => before.includes(uid)).length, 0);
  });

  it("lives through an eviction", async () => {
    await measured("eviction", async () => {
      await kubernetes.evict(namespace, "nats-blue-0");
      await settled();
    });
  });

  it("lives through a pod that is killed", async () => {
    await measured("kill", async () => {
      await kubernetes.deletePod(namespace, "nats-blue-1", 0);
      await settled();
    });
  });

  it("has lost no acknowledged message", async () => {
    const report = await traffic.stop();
    process.stdout.write(
      `      ${report.acknowledged} acknowledged, ${report.consumed} consumed, ${report.withoutSequence} answers without a sequence; longest gaps in ms: ${JSON.stringify(gaps)}\n`,
    );
    assert.equal(report.lost, 0, report.traces.join("\n"));
    assert.ok(report.acknowledged > 10_000, `only ${report.acknowledged} acknowledged`);
  });

  async function settled(): Promise<void> {
    const { code, stdout, stderr } = await colour.step("settled");
    assert.equal(code, 0, `${stdout}${stderr}`);
  }
});
