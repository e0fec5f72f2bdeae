import { strict as assert } from "node:assert";
import type { Kubernetes } from "../../support/kubernetes/cluster";
import { until } from "../../support/kubernetes/objects";
import { sharedKubernetes } from "../../support/kubernetes/shared";
import { KubernetesColour } from "../../support/kubernetes-colour";

describe("a new colour that elects nobody", function () {
  this.timeout(240_000);
  let kubernetes: Kubernetes;
  let namespace: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("leaderless");
  });

  after(() => kubernetes.removeNamespace(namespace));

  it("tells why in its servers' words, starts one again, and is settled once they meet", async () => {
    // A Service of no pods: their names lead nowhere.
    const colour = new KubernetesColour(kubernetes, namespace, {
      transform: {
        headlessService: (service) => ({
          ...service,
          spec: { ...service.spec, selector: { app: "nobody" } },
        }),
      },
    });
    await colour.apply();
    const settled = colour.step("settled");
    const seen = new Set<string>();
    await until(
      "nats-blue-0 was started again",
      async () => {
        const pods = await kubernetes.pods(namespace, "app=nats");
        const first = pods.find(({ metadata }) => metadata.name === "nats-blue-0");
        return first !== undefined && seen.add(first.metadata.uid).size > 1;
      },
      120_000,
    );
    const service = { kind: "Service", metadata: { name: "nats-blue", namespace } };
    await kubernetes.edit(service, { spec: { selector: { app: "nats", cluster: "blue" } } });
    const { code, stdout, stderr } = await settled;
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /waiting: .*nats-blue-0 runs, and its startup probe has not succeeded yet: \/healthz says "JetStream has not established contact with a meta leader", and it has no route to nats-blue-1 and nats-blue-2/,
    );
    assert.match(stdout, /all answer and no meta leader is elected: restarting nats-blue-0\n/);
    assert.match(stdout, /cluster 'blue' is settled: nats-blue-0, nats-blue-1, nats-blue-2\n$/);
  });
});
