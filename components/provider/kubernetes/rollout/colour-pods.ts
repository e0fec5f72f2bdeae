import type { AppsV1Api, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { CONTAINER, PORTS } from "../../../kubernetes/names";
import type { RolloutPlan } from "../../../kubernetes/rollout-plan";
import { type Kube, loadKube } from "../kube-client";
import { openTunnel, type Tunnel } from "../tunnel";

/** Label of a pod that names the revision of the StatefulSet it was made from. */
const REVISION_LABEL = "controller-revision-hash";

/** The pods of one colour, and a way to the monitoring of each. */
export class ColourPods {
  private readonly apps: AppsV1Api;

  private constructor(
    readonly kube: Kube,
    readonly plan: RolloutPlan,
    private readonly tunnels: ReadonlyMap<string, Tunnel>,
  ) {
    this.apps = kube.config.makeApiClient(kube.client.AppsV1Api);
  }

  static async open(plan: RolloutPlan): Promise<ColourPods> {
    const kube = await loadKube(plan);
    const tunnels = await Promise.all(
      plan.pods.map(async (pod) => {
        const target = {
          namespace: plan.namespace,
          port: PORTS.monitor,
          candidates: async () => [pod],
        };
        return [pod, await openTunnel(kube, target)] as const;
      }),
    );
    return new ColourPods(kube, plan, new Map(tunnels));
  }

  async close(): Promise<void> {
    await Promise.all([...this.tunnels.values()].map((tunnel) => tunnel.close()));
  }

  /** Addresses of the monitoring of all pods, in their order. */
  get peers(): string[] {
    return this.plan.pods.map((pod) => this.monitoringOf(pod));
  }

  monitoringOf(pod: string): string {
    return `http://${this.tunnels.get(pod)?.address}`;
  }

  /** Does something with a port of a pod, over a tunnel that is closed afterwards. */
  async withPort<T>(pod: string, port: number, use: (address: string) => Promise<T>): Promise<T> {
    const { namespace } = this.plan;
    const tunnel = await openTunnel(this.kube, { namespace, port, candidates: async () => [pod] });
    try {
      return await use(tunnel.address);
    } finally {
      await tunnel.close();
    }
  }

  /** A reason in which pods are called by their names. */
  named(reason: string): string {
    return this.plan.pods.reduce(
      (text, pod) => text.replaceAll(this.monitoringOf(pod), pod),
      reason,
    );
  }

  /** The pods that exist, by name. */
  async list(): Promise<Map<string, V1Pod>> {
    const { namespace, pods } = this.plan;
    const { items } = await this.kube.core.listNamespacedPod({
      namespace,
      labelSelector: `app=nats,cluster=${this.plan.colour}`,
    });
    const entries = items.map((pod) => [pod.metadata?.name ?? "", pod] as const);
    return new Map(entries.filter(([name]) => pods.includes(name)));
  }

  statefulSet(): Promise<V1StatefulSet> {
    const { namespace, statefulSet } = this.plan;
    return this.apps.readNamespacedStatefulSet({ name: statefulSet, namespace });
  }

  /**
   * Deletes this very pod, and not one that has taken its name since.
   *
   * @param gracePeriodSeconds - as the pod says unless it is given; 0 kills
   */
  async remove(pod: V1Pod, gracePeriodSeconds?: number): Promise<void> {
    await this.kube.core.deleteNamespacedPod({
      name: pod.metadata?.name ?? "",
      namespace: this.plan.namespace,
      body: { gracePeriodSeconds, preconditions: { uid: pod.metadata?.uid } },
    });
  }

  /** The last lines of a server's log. */
  async log(pod: string, options: { sinceSeconds?: number; previous?: boolean }): Promise<string> {
    try {
      const { namespace } = this.plan;
      const target = { name: pod, namespace, container: CONTAINER, tailLines: 50, ...options };
      return await this.kube.core.readNamespacedPodLog(target);
    } catch {
      // What the log would say is an explanation and no condition.
      return "";
    }
  }
}

/** Name of the revision that a pod was made from. */
export function revisionOf(pod: V1Pod): string | undefined {
  return pod.metadata?.labels?.[REVISION_LABEL];
}
