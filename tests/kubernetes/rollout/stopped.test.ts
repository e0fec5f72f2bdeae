import { strict as assert } from "node:assert";
import type { Kubernetes } from "../../support/kubernetes/cluster";
import type { Pod } from "../../support/kubernetes/objects";
import { sharedKubernetes } from "../../support/kubernetes/shared";
import { KubernetesColour } from "../../support/kubernetes-colour";

const SELECTOR = "app=nats,cluster=blue";

describe("a rollout that goes wrong", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("stopped");
    colour = new KubernetesColour(kubernetes, namespace);
    await colour.up();
  });

  after(() => kubernetes.removeNamespace(namespace));

  async function images(): Promise<string[]> {
    const pods: Pod[] = await kubernetes.pods(namespace, SELECTOR);
    return pods.map(({ spec }) => spec.containers[0]?.image ?? "");
  }

  it("stops before the second pod where the first does not come back, and names it", async () => {
    await colour.apply({ image: "nats:0.0.0-none", settleTimeout: "30s" });
    const { code, stderr } = await colour.step("roll");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^(nats-blue-\d) was restarted and has not come back in order within 30 s: the container nats of \1 does not start \((ErrImagePull|ImagePullBackOff)\): "[^\n]*nats:0\.0\.0-none[^\n]*"\. nats-blue-\d and nats-blue-\d run on as before\. Correct what was changed, or change it back, and run the command again\.\n$/,
    );
    const changed = (await images()).filter((image) => image === "nats:0.0.0-none");
    assert.equal(changed.length, 1);
  });

  it("goes on where it stopped when the cause is gone, and restarts nobody else", async () => {
    const before = await kubernetes.pods(namespace, SELECTOR);
    const sound = before.filter(({ spec }) => spec.containers[0]?.image === "nats:2.10.29");
    assert.equal(sound.length, 2);
    const shown = await colour.up({ image: "nats:2.10.29", settleTimeout: "3m" });
    assert.match(shown, /nats-blue-\d does not run: replacing it/);
    const after = await kubernetes.pods(namespace, SELECTOR);
    for (const { metadata } of sound) {
      assert.ok(after.some((pod) => pod.metadata.uid === metadata.uid));
    }
    assert.deepEqual(await images(), ["nats:2.10.29", "nats:2.10.29", "nats:2.10.29"]);
  });

  it("takes new passwords over without touching a pod, those of the routes too", async () => {
    const before = await kubernetes.pods(namespace, SELECTOR);
    const shown = await colour.up({
      passwords: { client: "c", provisioner: "another", system: "s", cluster: "another one" },
    });
    assert.match(shown, /cluster 'blue' is settled/);
    const after = await kubernetes.pods(namespace, SELECTOR);
    assert.deepEqual(
      after.map(({ metadata }) => metadata.uid),
      before.map(({ metadata }) => metadata.uid),
    );
  });

  it("says what the servers say of a configuration that they do not take over", async () => {
    await colour.apply({
      settleTimeout: "15s",
      transform: {
        configMap: (map) => ({
          ...map,
          data: { "nats.conf": `${map.data?.["nats.conf"]}no_such_option: true\n` },
        }),
      },
      maxPayload: "3MiB",
    });
    const { code, stderr } = await colour.step("reload");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^nats-blue-0 runs on with its former configuration: nats-server says "[^\n]*unknown field \\?"no_such_option\\?"[^\n]*" of the new one\. Mend what it names and run the command again\.\n$/,
    );
  });
});
