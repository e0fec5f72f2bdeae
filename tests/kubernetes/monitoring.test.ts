import { strict as assert } from "node:assert";
import { NatsMonitoring } from "../../components/index";
import { buckets, streams } from "../../topology";
import type { KubernetesObject } from "../support/kubernetes/api";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { RUNBOOKS } from "../support/monitoring/test-clusters";
import { recordRegistrations } from "../support/registrations";

describe("the monitoring of all colours, on an API server", function () {
  this.timeout(180_000);
  let kubernetes: Kubernetes;
  let namespace: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("monitoring");
  });

  after(() => kubernetes.removeNamespace(namespace));

  /** The objects that the component registers. */
  async function objects(operator: boolean): Promise<KubernetesObject[]> {
    const registered = await recordRegistrations("tfdc-nats", "monitoring");
    new NatsMonitoring("nats", {
      clusters: [
        { colour: "blue", streams, buckets },
        { colour: "green", streams, buckets },
      ],
      runbooks: RUNBOOKS,
      namespace,
      operator,
    });
    const made = () => registered.filter(({ type }) => type.startsWith("kubernetes:"));
    const wanted = operator ? 4 : 2;
    while (made().length < wanted) {
      await new Promise((done) => setTimeout(done, 5));
    }
    return made().map(({ inputs }) => inputs as KubernetesObject);
  }

  it("needs no resource definition of the operator, is taken as it is and kept as it is", async () => {
    const made = await objects(false);
    await kubernetes.apply(...made);
    for (const object of made) {
      const found = await kubernetes.get<{ data: object; metadata: { labels: object } }>(object);
      assert.deepEqual(found?.data, object.data);
      assert.deepEqual(found?.metadata.labels, object.metadata?.labels);
    }
  });

  it("is refused where the operator is declared and its resource definitions are not there", async () => {
    const [dashboard, ...others] = (await objects(true)).sort((one, other) =>
      (one.kind ?? "") < (other.kind ?? "") ? -1 : 1,
    );
    assert.equal(dashboard?.kind, "ConfigMap");
    for (const object of others) {
      await assert.rejects(kubernetes.apply(object), {
        message: `the API server knows no monitoring.coreos.com/v1 ${object.kind}`,
      });
    }
  });
});
