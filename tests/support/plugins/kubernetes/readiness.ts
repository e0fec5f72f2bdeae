import type { KubernetesApi, KubernetesObject } from "../../kubernetes/api";
import { isMap } from "../values";

const KINDS: Readonly<
  Record<string, (api: KubernetesApi, object: KubernetesObject) => Promise<string[]>>
> = {
  "apps/v1 StatefulSet": statefulSet,
  "v1 Service": service,
  "v1 Pod": async (_api, pod) => podProblems(pod as Pod),
};

interface Pod extends KubernetesObject {
  readonly status?: {
    readonly conditions?: readonly { type: string; status: string; message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly state: Readonly<Record<string, { reason?: string; message?: string }>>;
  readonly lastState?: Readonly<Record<string, { reason?: string; exitCode?: number }>>;
}

/** Why an object is not what it should be yet, in sentences; none where it is. */
export async function unready(api: KubernetesApi, object: KubernetesObject): Promise<string[]> {
  return (await KINDS[`${object.apiVersion} ${object.kind}`]?.(api, object)) ?? [];
}

/** Whether an object is to be waited for at all. */
export function isAwaited({ metadata }: KubernetesObject): boolean {
  const { annotations } = metadata ?? {};
  return !(isMap(annotations) && annotations["pulumi.com/skipAwait"] === "true");
}

interface StatefulSet extends KubernetesObject {
  readonly metadata: { name: string; namespace: string; uid: string; generation: number };
  readonly spec: {
    replicas?: number;
    selector: { matchLabels?: Readonly<Record<string, string>> };
    updateStrategy?: { type?: string };
  };
  readonly status?: {
    observedGeneration?: number;
    replicas?: number;
    readyReplicas?: number;
    currentReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
  };
}

async function statefulSet(api: KubernetesApi, object: KubernetesObject): Promise<string[]> {
  const { metadata, spec, status = {} } = object as StatefulSet;
  if ((status.observedGeneration ?? 0) < metadata.generation) {
    return ["the StatefulSet controller has not seen it yet"];
  }
  const wanted = spec.replicas ?? 1;
  const ready = status.readyReplicas ?? 0;
  const reasons: string[] = [];
  // After its first generation, OnDelete leaves the old pods alone: they need only be ready.
  const isOnDelete = metadata.generation > 1 && spec.updateStrategy?.type === "OnDelete";
  const isCurrent = isOnDelete || (status.currentReplicas ?? 0) === wanted;
  if ((status.replicas ?? 0) !== wanted || ready !== wanted || !isCurrent) {
    reasons.push(`${ready} out of ${wanted} replicas succeeded readiness checks`);
  }
  if (!isOnDelete && status.currentRevision !== status.updateRevision) {
    reasons.push(
      `StatefulSet controller failed to advance from revision "${status.currentRevision}" to revision "${status.updateRevision}"`,
    );
  }
  return reasons.length === 0 ? [] : [...reasons, ...(await ofItsPods(api, object as StatefulSet))];
}

async function ofItsPods(api: KubernetesApi, set: StatefulSet): Promise<string[]> {
  const { namespace, name } = set.metadata;
  const selector = Object.entries(set.spec.selector.matchLabels ?? {})
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { items } = await api.request<{ items: Pod[] }>("GET", path, {
    query: { labelSelector: selector },
  });
  const pods = items.map((pod) => ({ ...pod, apiVersion: "v1", kind: "Pod" }));
  const reasons: string[] = [];
  for (const pod of pods) {
    const event = await lastWarning(api, namespace, String(pod.metadata?.name));
    const problems = podProblems(pod);
    reasons.push(...problems, ...(problems.length > 0 && event !== undefined ? [event] : []));
  }
  const own = await lastWarning(api, namespace, name);
  return pods.length < (set.spec.replicas ?? 1) && own !== undefined ? [...reasons, own] : reasons;
}

function podProblems({ metadata, status = {} }: Pod): string[] {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True") {
    return [];
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const states = containers
    .filter((one) => !one.ready)
    .flatMap(({ name, state, lastState }) => {
      const [[, { reason = "", message = "" }] = ["", {}]] = Object.entries(state);
      const code = lastState?.terminated?.exitCode;
      const before = code === undefined ? "" : ` (it ended with ${code} before)`;
      return reason === "" ? [] : [`container ${name}: ${reason} ${message}`.trim() + before];
    });
  const unscheduled = status.conditions?.find(
    ({ type, status: value }) => type === "PodScheduled" && value === "False",
  );
  const why = [unscheduled?.message, ...states, ready?.message].find((one) => Boolean(one));
  return [`[Pod ${metadata?.namespace}/${metadata?.name}]: ${why ?? "it has not started yet"}`];
}

interface EventList {
  readonly items: readonly {
    type: string;
    reason: string;
    message: string;
    lastTimestamp?: string;
    involvedObject: { kind: string; name: string };
  }[];
}

async function lastWarning(
  api: KubernetesApi,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  const { items } = await api.request<EventList>("GET", `/api/v1/namespaces/${namespace}/events`, {
    query: { fieldSelector: `involvedObject.name=${name},type=Warning` },
  });
  const time = (event: (typeof items)[number]) => Date.parse(event.lastTimestamp ?? "") || 0;
  const last = [...items].sort((one, other) => time(one) - time(other)).at(-1);
  return last === undefined
    ? undefined
    : `[${last.involvedObject.kind} ${namespace}/${name}] last event: ${last.reason}: ${last.message}`;
}

interface Service extends KubernetesObject {
  readonly metadata: { name: string; namespace: string };
  readonly spec: { clusterIP?: string; type?: string; selector?: object };
}

/** A Service with a selector waits for a pod that takes its traffic, unless it is headless. */
async function service(api: KubernetesApi, object: KubernetesObject): Promise<string[]> {
  const { metadata, spec } = object as Service;
  const isWithoutPods = Object.keys(spec.selector ?? {}).length === 0;
  if (spec.clusterIP === "None" || spec.type === "ExternalName" || isWithoutPods) {
    return [];
  }
  const path = `/apis/discovery.k8s.io/v1/namespaces/${metadata.namespace}/endpointslices`;
  const { items } = await api.request<{
    items: { endpoints: { conditions?: { ready?: boolean } }[] | null }[];
  }>("GET", path, { query: { labelSelector: `kubernetes.io/service-name=${metadata.name}` } });
  const endpoints = items.flatMap((slice) => slice.endpoints ?? []);
  return endpoints.length > 0 && endpoints.every(({ conditions }) => conditions?.ready !== false)
    ? []
    : [
        "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
      ];
}
