import { setTimeout } from "node:timers/promises";
import type { V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { UserError } from "../../../user-error";
import { type ColourPods, revisionOf } from "./colour-pods";

const OBSERVED_TIMEOUT = 30_000;
const PAUSE = 500;

/** The revision of a StatefulSet's pods; `undefined` while no controller has noticed its last change. */
export function currentRevision({ metadata, status }: V1StatefulSet): string | undefined {
  const { observedGeneration = 0, updateRevision } = status ?? {};
  return observedGeneration >= (metadata?.generation ?? 0) ? updateRevision : undefined;
}

/** The revision that the controller has made of the StatefulSet as it is declared now. */
export async function declaredRevision(pods: ColourPods): Promise<string> {
  const deadline = Date.now() + OBSERVED_TIMEOUT;
  for (;;) {
    const revision = currentRevision(await pods.statefulSet());
    if (revision !== undefined) {
      return revision;
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `the StatefulSet ${pods.plan.statefulSet} was changed, and after ${OBSERVED_TIMEOUT / 1000} s no controller has taken notice; check that the kube-controller-manager runs, and run the command again.`,
      );
    }
    await setTimeout(PAUSE);
  }
}

/** The pods that exist and were made from another revision. */
export async function stale(pods: ColourPods, revision: string): Promise<V1Pod[]> {
  return [...(await pods.list()).values()].filter((pod) => revisionOf(pod) !== revision);
}

/**
 * The pods that Kubernetes itself has yet to replace; none where the roll is ours, which is over
 * when it says so.
 */
export async function yetToBeReplaced(pods: ColourPods): Promise<string[]> {
  const { spec } = await pods.statefulSet();
  if (spec?.updateStrategy?.type !== "RollingUpdate") {
    return [];
  }
  const found = await stale(pods, await declaredRevision(pods));
  return found.map(({ metadata }) => metadata?.name ?? "").sort();
}
