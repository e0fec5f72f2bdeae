import type { V1Pod } from "@kubernetes/client-node";
import type { KubernetesAccess } from "../../connection-args";
import type { Kube } from "./kube-client";

/** The pods behind a Service. */
export async function servicePods(
  { core }: Kube,
  { namespace, service }: KubernetesAccess,
): Promise<V1Pod[]> {
  const { spec } = await core.readNamespacedService({ name: service, namespace });
  const labelSelector = Object.entries(spec?.selector ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
  const { items } = await core.listNamespacedPod({ namespace, labelSelector });
  return items;
}

/** Names of the pods that take clients: ready, and not about to go. */
export function readyPods(pods: readonly V1Pod[]): string[] {
  return pods.filter(isReady).flatMap(({ metadata }) => metadata?.name ?? []);
}

/** Whether a pod takes clients. */
export function isReady({ metadata, status }: V1Pod): boolean {
  return (
    metadata?.deletionTimestamp === undefined &&
    (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True")
  );
}
