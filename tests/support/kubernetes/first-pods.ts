import { TOOLS_IMAGE } from "./images";
import { NODES } from "./instance";
import { type Objects, until } from "./objects";

const NAME = "first-pods";
const NAMESPACE = "default";
const LABELS = { app: NAME };

/**
 * Waits until a pod of every node finds the pods of all nodes by their names: until the scheduler,
 * the kubelets, the network, the controller of the endpoints and the name server do what the first
 * test takes for granted. The pods are left behind by a failure only.
 */
export async function waitForFirstPods(cluster: Objects): Promise<void> {
  await until("the default service account is there", async () => {
    const account = { kind: "ServiceAccount", metadata: { name: "default", namespace: NAMESPACE } };
    return (await cluster.get(account)) !== undefined;
  });
  await cluster.apply(headlessService(), ...NODES.map(pod));
  await cluster.waitReady(NAMESPACE, `app=${NAME}`, NODES.length);
  await Promise.all(
    NODES.map((node) =>
      until(`a pod of ${node} finds the pods of all nodes by name`, async () => {
        await Promise.all(NODES.map((other) => lookUp(cluster, node, other)));
        return true;
      }),
    ),
  );
  await Promise.all(NODES.map((node) => cluster.deletePod(NAMESPACE, `${NAME}-${node}`, 0)));
  await cluster.delete(headlessService());
}

async function lookUp(cluster: Objects, from: string, to: string): Promise<void> {
  const words = ["/stand-in", "lookup", `${to}.${NAME}`];
  const { code, stderr } = await cluster.exec(NAMESPACE, `${NAME}-${from}`, "main", words);
  if (code !== 0) {
    throw new Error(stderr);
  }
}

function headlessService() {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: { clusterIP: "None", selector: LABELS, ports: [{ name: "any", port: 7777 }] },
  };
}

function pod(node: string) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${NAME}-${node}`, namespace: NAMESPACE, labels: LABELS },
    spec: {
      nodeName: node,
      hostname: node,
      subdomain: NAME,
      containers: [{ name: "main", image: TOOLS_IMAGE, args: ["pause"] }],
    },
  };
}
