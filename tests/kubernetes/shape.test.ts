import { strict as assert } from "node:assert";
import type { ClusterShape } from "../../components/kubernetes/shape";
import { clusterShape } from "../../components/provider";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

const SELECTOR = "app=nats,cluster=blue";

describe("the shape of a colour", function () {
  this.timeout(300_000);
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

  after(() => kubernetes.removeNamespace(namespace));

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
});
