import { strict as assert } from "node:assert";
import { join } from "node:path";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { TOOLS_IMAGE } from "../support/kubernetes/images";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

const ROOT = join(__dirname, "../..");
const SELECTOR = "app=nats,cluster=blue";
/** A node needs these of its machine, and nothing of an image. */
const MOUNTS = ["/usr", "/lib", "/lib64", ROOT];

/** Makes, reads and deletes a stream by the provider, and prints what was read. */
const PROGRAM = `
const { assetProvider } = require("@tfdc/pulumi-nats/internal/provider/asset-provider");
const { STREAM } = require("@tfdc/pulumi-nats/internal/jetstream/asset-kinds");
const { closeLinks } = require("@tfdc/pulumi-nats/internal/provider/link-pool");
(async () => {
  const provider = assetProvider(STREAM);
  const connection = JSON.parse(process.env.CONNECTION);
  const declared = { name: "ORDERS", subjects: ["orders.>"], replicas: 3, connection };
  const { inputs } = await provider.check({}, declared);
  const { id, outs } = await provider.create(inputs);
  const { props } = await provider.read(id, outs);
  await provider.delete(id, outs);
  await closeLinks();
  console.log(props.name, props.liveState, props.replicas);
})();
`;

describe("a colour that Kubernetes rolls, and a program in its cluster", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("in-cluster");
    colour = new KubernetesColour(kubernetes, namespace, {
      rollout: "kubernetes",
      // No kube-proxy runs here, without which only the addresses of pods lead anywhere.
      transform: {
        clientService: (service) => ({ ...service, spec: { ...service.spec, clusterIP: "None" } }),
      },
    });
    await colour.up();
  });

  after(() => kubernetes.removeNamespace(namespace));

  it("reaches the servers by the name of the Service from a pod, without a port-forward", async () => {
    const { kubeconfig: _, ...access } = colour.connection.kubernetes ?? {};
    const connection = { ...colour.connection, kubernetes: access };
    await kubernetes.apply(program(namespace, JSON.stringify(connection)));
    await until("the program has ended", async () => {
      const [pod] = await kubernetes.pods(namespace, "app=program");
      return pod?.status.phase === "Succeeded" || pod?.status.phase === "Failed";
    });
    const said = await kubernetes.logs(namespace, "program");
    assert.equal(said, "ORDERS read 3\n");
  });

  it("is settled when Kubernetes has replaced every pod, and not before", async () => {
    const uids = async () => {
      const pods = await kubernetes.pods(namespace, SELECTOR);
      return pods.map(({ metadata }) => metadata.uid);
    };
    const before = await uids();
    await colour.apply({ maxFileStore: "100GiB" });
    const { code, stdout, stderr } = await colour.step("settled");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /waiting: .*nats-blue-\d/);
    const after = await uids();
    assert.equal(after.length, 3);
    assert.deepEqual(
      after.filter((uid) => before.includes(uid)),
      [],
    );
  });

  it("names the quota that forbids a pod that was there", async () => {
    await kubernetes.setQuota(namespace, { pods: "2" });
    await kubernetes.deletePod(namespace, "nats-blue-1", 0);
    await colour.apply({ settleTimeout: "15s" });
    const { code, stderr } = await colour.step("settled");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /nats-blue-1 does not exist \(last event: FailedCreate: ".*exceeded quota/,
    );
  });
});

/** A pod with the node and the packages of this machine. */
function program(namespace: string, connection: string) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "program",
      namespace,
      labels: { app: "program", "tfdc.io/nats-client": "true" },
    },
    spec: {
      restartPolicy: "Never",
      containers: [
        {
          name: "main",
          image: TOOLS_IMAGE,
          command: [process.execPath, "--eval", PROGRAM],
          workingDir: ROOT,
          env: [{ name: "CONNECTION", value: connection }],
          volumeMounts: MOUNTS.map((mountPath, index) => ({
            name: `mount-${index}`,
            mountPath,
            readOnly: true,
          })),
        },
      ],
      volumes: MOUNTS.map((path, index) => ({ name: `mount-${index}`, hostPath: { path } })),
    },
  };
}
