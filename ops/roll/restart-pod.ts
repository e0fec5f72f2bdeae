import type { KubernetesAccess } from "@tfdc/pulumi-nats/internal/connection-args";
import { namesOf, podNames } from "@tfdc/pulumi-nats/internal/kubernetes/names";
import { isKubeError, kubeWords } from "@tfdc/pulumi-nats/internal/provider/kubernetes/kube-client";
import { ColourPods } from "@tfdc/pulumi-nats/internal/provider/kubernetes/rollout/colour-pods";
import { gone } from "@tfdc/pulumi-nats/internal/provider/kubernetes/rollout/roll";
import { waitForSettled } from "@tfdc/pulumi-nats/internal/provider/kubernetes/rollout/settle";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import { say } from "../terminal/print";

/** A pod may have to fetch its image and find a node. */
const SETTLE_SECONDS = 300;

/**
 * Restarts a server that is a pod: it is deleted, ends as a lame duck within its grace period, and
 * its StatefulSet makes it again, as it is declared by then.
 */
export async function restartPod(
  { colour, replicas }: { readonly colour: string; readonly replicas: number },
  { namespace, kubeconfig, context }: KubernetesAccess,
  server: string,
): Promise<void> {
  const { statefulSet } = namesOf({ colour });
  const pods = await ColourPods.open({
    namespace,
    statefulSet,
    colour,
    pods: podNames({ colour, replicas }),
    settleSeconds: SETTLE_SECONDS,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  try {
    const pod = (await pods.list()).get(server);
    if (pod === undefined) {
      throw new UserError(
        `${server} answers, and namespace ${namespace} has no such pod: the stack is out of date.`,
      );
    }
    await pods.remove(pod);
    await gone(pods, pod);
    const reason = await waitForSettled(pods, SETTLE_SECONDS, say);
    if (reason !== undefined) {
      throw new UserError(
        `cluster '${colour}' has not settled again within ${SETTLE_SECONDS} s: ${reason}.`,
      );
    }
  } catch (error) {
    throw isKubeError(error)
      ? new UserError(`${kubeWords(pods.kube, error)}.`, { cause: error })
      : error;
  } finally {
    await pods.close();
  }
}
