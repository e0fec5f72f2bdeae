import { strict as assert } from "node:assert";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { TOOLS_IMAGE } from "../support/kubernetes/images";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

const CLIENT = { "tfdc.io/nats-client": "true" };
const PORTS = [4222, 6222, 7777, 8222];
const BLUE = ["nats-blue-0", "nats-blue-1", "nats-blue-2"];

describe("the network policy of a colour, enforced", function () {
  this.timeout(240_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;
  let elsewhere: string;
  let monitoring: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("policy");
    elsewhere = await kubernetes.namespace("policy-clients");
    monitoring = await kubernetes.namespace("policy-monitoring");
    await kubernetes.apply(
      pod(elsewhere, "client", CLIENT),
      pod(elsewhere, "stranger", { app: "orders" }),
      pod(elsewhere, "namesake", { app: "nats", cluster: "blue" }),
      pod(namespace, "green", { app: "nats", cluster: "green" }),
      pod(monitoring, "prometheus", { app: "prometheus" }),
    );
    colour = new KubernetesColour(kubernetes, namespace, { monitoringNamespace: monitoring });
    await colour.up();
    for (const [where, count] of [
      [elsewhere, 3],
      [monitoring, 1],
    ] as const) {
      await kubernetes.waitReady(where, "", count);
    }
  });

  after(async () => {
    await Promise.all(
      [namespace, elsewhere, monitoring].map((one) => kubernetes.removeNamespace(one)),
    );
  });

  const host = (name: string) => `${name}.nats-blue.${namespace}.svc.cluster.local`;

  async function run(where: string, name: string, words: readonly string[]) {
    return kubernetes.exec(where, name, "main", ["/stand-in", ...words]);
  }

  /** Waits until a pod reaches just these ports of each server: rules follow objects by a moment. */
  async function reaches(where: string, name: string, ports: readonly number[]): Promise<void> {
    const ofAll = (some: readonly number[]) =>
      BLUE.flatMap((server) => some.map((port) => `${host(server)}:${port}`));
    let found: string[] = [];
    await until("the rules are in force", async () => {
      const { code, stdout, stderr } = await run(where, name, ["reach", ...ofAll(PORTS)]);
      assert.equal(code, 0, stderr);
      found = stdout.split("\n").filter(Boolean);
      return found.join() === ofAll(ports).join();
    }).catch(() => undefined);
    assert.deepEqual(found, ofAll(ports), name);
  }

  it("lets in clients by their label from any namespace, monitoring, and nobody else", async () => {
    await reaches(elsewhere, "client", [4222]);
    await reaches(monitoring, "prometheus", [7777, 8222]);
    await reaches(elsewhere, "stranger", []);
    await reaches(namespace, "green", []);
    await reaches(elsewhere, "namesake", []);
  });

  it("lets a client talk NATS to each server, and refuses at once who is none", async () => {
    for (const server of BLUE) {
      const words = ["echo", `${host(server)}:4222`, "tfdc_client", "c", "policy.echo"];
      assert.deepEqual(await run(elsewhere, "client", words), {
        code: 0,
        stdout: "hello\r\n",
        stderr: "",
      });
      const refused = await run(elsewhere, "stranger", words);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /connect: connection refused/);
    }
  });

  it("lets a server that comes back find the others, and kubelet and port-forwards in", async () => {
    await kubernetes.deletePod(namespace, "nats-blue-1", 0);
    // Every server is asked over a port-forward, each pod is ready by its probes, all have routes.
    const settled = await colour.step("settled");
    assert.equal(settled.code, 0, settled.stderr);
    await reaches(namespace, "green", []);
  });

  it("follows other labels and another namespace of the monitoring, and restarts nothing", async () => {
    const uids = async () =>
      (await kubernetes.pods(namespace, "cluster=blue")).map(({ metadata }) => metadata.uid);
    const before = await uids();
    await colour.apply({ clientLabels: { app: "orders" }, monitoringNamespace: elsewhere });
    await reaches(elsewhere, "stranger", [4222, 7777, 8222]);
    await reaches(elsewhere, "client", [7777, 8222]);
    await reaches(monitoring, "prometheus", []);
    assert.deepEqual(await uids(), before);
  });
});

function pod(namespace: string, name: string, labels: Readonly<Record<string, string>>) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      // The same node as one of the servers', and another one than the others'.
      nodeName: "node-0",
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "main", image: TOOLS_IMAGE, args: ["pause"] }],
    },
  };
}
