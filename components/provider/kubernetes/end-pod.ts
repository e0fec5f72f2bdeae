import { setTimeout } from "node:timers/promises";
import type { MembersHome } from "../../nats-cluster-members";
import { UserError } from "../../user-error";
import { isKubeError, kubeWords, loadKube } from "./kube-client";
import { applyAsOwner } from "./stateful-set-owner";

const PAUSE = 500;

/**
 * Ends the last pod of a StatefulSet by making that one smaller, so that nobody makes the pod again,
 * and returns when it is gone. Its volume claim stays.
 */
export async function endPod(home: MembersHome, pod: string, seconds: number): Promise<void> {
  const { namespace, statefulSet } = home;
  const kube = await loadKube(home);
  try {
    const apps = kube.config.makeApiClient(kube.client.AppsV1Api);
    const set = await apps.readNamespacedStatefulSet({ name: statefulSet, namespace });
    const replicas = Number(pod.slice(statefulSet.length + 1));
    if ((set.spec?.replicas ?? 0) > replicas) {
      await applyAsOwner(kube, set, { replicas });
    }
    const grace = set.spec?.template.spec?.terminationGracePeriodSeconds ?? 30;
    const deadline = Date.now() + (grace + seconds) * 1_000;
    for (;;) {
      const { items } = await kube.core.listNamespacedPod({
        namespace,
        fieldSelector: `metadata.name=${pod}`,
      });
      if (items.length === 0) {
        return;
      }
      if (Date.now() > deadline) {
        throw new UserError(
          `${pod} was told to end and has not within ${grace + seconds} s: its node may be away. Bring the node back, or delete the pod by force if the node is gone for good, and run the command again.`,
        );
      }
      await setTimeout(PAUSE);
    }
  } catch (error) {
    throw isKubeError(error)
      ? new UserError(
          `${pod} of namespace ${namespace} has not been ended: ${kubeWords(kube, error)}. It holds nothing any more; mend that and run the command again.`,
          { cause: error },
        )
      : error;
  }
}
