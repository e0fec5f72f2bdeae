import {
  PLAN_VARIABLE,
  type RolloutAction,
  type RolloutPlan,
} from "../../../kubernetes/rollout-plan";
import { UserError } from "../../../user-error";
import { isKubeError, kubeWords } from "../kube-client";
import { ColourPods } from "./colour-pods";
import { reload } from "./reload";
import { roll } from "./roll";
import { settle } from "./settle";

const ACTIONS: Readonly<Record<RolloutAction, (pods: ColourPods) => Promise<void>>> = {
  roll,
  reload,
  settled: settle,
};

/**
 * One step of a rollout as a process of its own, as `NatsClusterComponent` declares it. What it
 * does is in the environment; what goes wrong is one paragraph on stderr, and exit code 1.
 */
export async function run(action: RolloutAction): Promise<void> {
  try {
    const plan = JSON.parse(process.env[PLAN_VARIABLE] ?? "") as RolloutPlan;
    const pods = await ColourPods.open(plan);
    try {
      await ACTIONS[action](pods);
    } catch (error) {
      throw isKubeError(error)
        ? new UserError(
            `cluster '${plan.colour}' in namespace ${plan.namespace}: ${kubeWords(pods.kube, error)}. Check the API server and what the kubeconfig's user may do, and run the command again.`,
            { cause: error },
          )
        : error;
    } finally {
      await pods.close();
    }
  } catch (error) {
    process.stderr.write(
      `${error instanceof UserError ? error.message : (error as Error).stack}\n`,
    );
    process.exitCode = 1;
  }
}
