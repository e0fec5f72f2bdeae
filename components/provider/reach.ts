import type { ConnectionArgs } from "../connection-args";
import { Unreachable } from "./faults";
import { kubeWords, loadKube, servesAsPod } from "./kubernetes/kube-client";
import { readyPods, servicePods } from "./kubernetes/service-pods";
import { openTunnel } from "./kubernetes/tunnel";

/** The way to the servers of a cluster: addresses to dial, and what to close afterwards. */
export interface Path {
  readonly servers: readonly string[];
  close(): Promise<void>;
}

const DEFAULT_PORT = 4222;

/** Finds the way to a cluster: its addresses as they are, or a port-forward of our own. */
export async function reach(where: string, connection: ConnectionArgs): Promise<Path> {
  const { servers = [], kubernetes } = connection;
  if (kubernetes === undefined) {
    return { servers, close: async () => undefined };
  }
  const { namespace, service, port = DEFAULT_PORT } = kubernetes;
  if (servesAsPod(kubernetes)) {
    return { servers: [`${service}.${namespace}:${port}`], close: async () => undefined };
  }
  const kube = await loadKube(kubernetes);
  const pods = await servicePods(kube, kubernetes).catch((error: unknown) => {
    throw new Unreachable(where, kubeWords(kube, error), REMEDY, { cause: error });
  });
  if (readyPods(pods).length === 0) {
    throw new Unreachable(
      where,
      `no pod of the service ${service} in namespace ${namespace} is ready`,
      "check that the servers run: their pods and events tell what they wait for",
    );
  }
  const tunnel = await openTunnel(kube, {
    namespace,
    port,
    candidates: async () => readyPods(await servicePods(kube, kubernetes)),
  });
  return { servers: [tunnel.address], close: () => tunnel.close() };
}

const REMEDY =
  "check that the API server runs, and that the kubeconfig and its context lead there and may list the namespace's pods";
