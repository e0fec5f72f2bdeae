import { strict as assert } from "node:assert";
import { jetstreamManager } from "@nats-io/jetstream";
import { replicaServers } from "../../components/jetstream/replica-agreement";
import type { ClusterShape } from "../../components/kubernetes/shape";
import { clusterMembers, clusterShape } from "../../components/provider";
import { closeLinks } from "../../components/provider/link-pool";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";
import { retried } from "../support/retried";
import { Traffic } from "../support/traffic";

const SELECTOR = "app=nats,cluster=blue";

describe("the shape of a colour", function () {
  this.timeout(600_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;
  let shape: ClusterShape;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("shape");
    colour = new KubernetesColour(kubernetes, namespace);
    await colour.up();
    shape = {
      namespace,
      statefulSet: "nats-blue",
      replicas: 3,
      volumeSize: "200Gi",
      storageClass: "fast-ssd",
      kubeconfig: kubernetes.kubeconfig,
    };
  });

  after(async () => {
    await closeLinks();
    await kubernetes.removeNamespace(namespace);
  });

  async function uids(): Promise<string[]> {
    const pods = await kubernetes.pods(namespace, SELECTOR);
    return pods.map(({ metadata }) => metadata.uid);
  }

  it("grows its volumes under running servers", async () => {
    const before = await uids();
    const grown = { ...shape, volumeSize: "300Gi" };
    await clusterShape.update("id", { ...shape }, grown);
    const claims = await kubernetes.list<{ status: { capacity: { storage: string } } }>(
      "v1",
      "PersistentVolumeClaim",
      namespace,
    );
    assert.deepEqual(
      claims.map(({ status }) => status.capacity.storage),
      ["300Gi", "300Gi", "300Gi"],
    );
    assert.equal((await colour.step("settled")).code, 0);
    assert.deepEqual(await uids(), before);
    // The same again does nothing, and the StatefulSet takes further changes.
    await clusterShape.update("id", { ...shape }, grown);
    const shown = await colour.up({ volumeSize: "300Gi", maxFileStore: "250GiB" });
    assert.equal([...shown.matchAll(/restarting nats-blue-\d/g)].length, 3);
  });

  it("takes two more servers in", async () => {
    const shown = await colour.up({ replicas: 5 });
    assert.doesNotMatch(shown, /restarting/);
    assert.match(shown, /cluster 'blue' is settled: nats-blue-0, .*, nats-blue-4\n$/);
  });

  it("lets two servers leave again, and nothing with them", async () => {
    const five = colour.inputsOf("nats-blue-members");
    const three = { ...five, servers: ["nats-blue-0", "nats-blue-1", "nats-blue-2"] };
    const open = [await colour.client(), await colour.client()] as const;
    const [publisher, consumer] = [open[0].connection, open[1].connection];
    const manager = await jetstreamManager(publisher);
    for (const [name, num_replicas] of [
      ["LOAD", 3],
      ["THREE", 3],
      ["ONE", 1],
      ["ANOTHER", 1],
      ["THIRD", 1],
    ] as const) {
      await retried(() => manager.streams.add({ name, subjects: [`${name}.>`], num_replicas }));
    }
    const traffic = await Traffic.start(publisher, consumer, "LOAD", 300);
    const { failures, inputs } = await clusterMembers.check(five, three);
    assert.deepEqual(failures, []);
    assert.ok((inputs.moves as string[]).length > 0);
    await clusterMembers.update("members", five, inputs);
    const pods = await kubernetes.pods(namespace, SELECTOR);
    assert.deepEqual(pods.map(({ metadata }) => metadata.name).sort(), three.servers);

    const shown = await colour.up({ replicas: 3 });
    assert.doesNotMatch(shown, /restarting/);
    assert.match(shown, /cluster 'blue' is settled: nats-blue-0, nats-blue-1, nats-blue-2\n$/);
    const report = await traffic.stop();
    process.stdout.write(
      `      ${report.acknowledged} acknowledged, ${report.consumed} consumed, longest gap ${report.longestGap} ms\n`,
    );
    assert.equal(report.lost, 0, report.traces.join("\n"));
    for (const name of ["LOAD", "THREE", "ONE", "ANOTHER", "THIRD"]) {
      const { cluster } = await retried(() => manager.streams.info(name));
      const servers = replicaServers(cluster);
      assert.ok(
        servers.every((one) => three.servers.includes(one)),
        `${name}: ${servers}`,
      );
    }
    // A later scale up finds the volumes again.
    const claims = await kubernetes.list("v1", "PersistentVolumeClaim", namespace);
    assert.equal(claims.length, 5);
    const { inputs: again } = await clusterMembers.read("members", three);
    assert.deepEqual(again?.servers, three.servers);
    await Promise.all(
      open.map(async ({ connection, path }) => {
        await connection.close();
        await path.close();
      }),
    );
  });
});
