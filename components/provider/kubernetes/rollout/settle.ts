import { UserError } from "../../../user-error";
import { allAnswer, leaderless, outsiders, unsettled } from "../../monitoring-endpoints";
import { kubeWords } from "../kube-client";
import type { ColourPods } from "./colour-pods";
import { whatPodsWaitFor } from "./explain";
import { yetToBeReplaced } from "./revision";
import { say } from "./say";

const PAUSE = 1_000;
/** A server that has just come back calls itself current a moment too early. */
const TIMES = 2;
/** An election takes up to nine seconds; who is still outside then stays outside. */
const PATIENCE_WITH_OUTSIDERS = 20_000;
/** One start in ten leaves a server outside; twice in a row was seen, and each time takes 45 s. */
const RESTARTS = 3;

/**
 * Waits until every pod is ready, there is a meta leader, and every server is current with all it
 * holds. Tells what it waits for whenever that changes. A server that the others have left out of
 * their group is restarted, three times at most: it would stay outside for ever. So is one after the
 * other of a cluster that holds nothing yet and elects nobody.
 *
 * @param tell - shows a line of progress
 * @returns why the cluster is not settled, if time runs out
 */
export async function waitForSettled(
  pods: ColourPods,
  seconds: number,
  tell: (line: string) => void = say,
): Promise<string | undefined> {
  const deadline = Date.now() + seconds * 1_000;
  const restarts = new Map<string, number>();
  let told: string | undefined;
  let answeringSince: number | undefined;
  for (let inOrder = 0; ; ) {
    const reason = await whyNotSettled(pods);
    inOrder = reason === undefined ? inOrder + 1 : 0;
    if (inOrder === TIMES || (reason !== undefined && Date.now() > deadline)) {
      return reason;
    }
    if (reason !== undefined && reason !== told) {
      tell(`waiting: ${reason}`);
      told = reason;
    }
    const isLoose = reason !== undefined && (await allAnswer(pods.peers));
    answeringSince = isLoose ? (answeringSince ?? Date.now()) : undefined;
    if (answeringSince !== undefined && Date.now() - answeringSince > PATIENCE_WITH_OUTSIDERS) {
      await restartLost(pods, restarts, tell);
      answeringSince = undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function whyNotSettled(pods: ColourPods): Promise<string | undefined> {
  try {
    const reason =
      (await whatPodsWaitFor(pods)) ?? (await replacements(pods)) ?? (await unsettled(pods.peers));
    return reason === undefined ? undefined : pods.named(reason);
  } catch (error) {
    return error instanceof UserError ? error.message : kubeWords(pods.kube, error);
  }
}

async function replacements(pods: ColourPods): Promise<string | undefined> {
  const names = await yetToBeReplaced(pods);
  return names.length === 0
    ? undefined
    : `Kubernetes has yet to replace ${names.join(", ")}, by a pod as it is declared now`;
}

/**
 * A server of 2.10 whose Raft queue starts a moment before the system account is set, as happens on
 * busy processors, hears the others and never replies until it is started again (newSendQ; 2.11
 * hands it the account). One such server is left out of the meta group; with two of three nobody is
 * ever elected. A cluster that holds nothing has nothing to hand over before it is started again.
 */
async function restartLost(
  pods: ColourPods,
  restarts: Map<string, number>,
  tell: (line: string) => void,
): Promise<void> {
  try {
    const outside = await outsiders(pods.peers);
    const leaderlessOnes = await leaderless(pods.peers);
    const times = (name: string) => restarts.get(name) ?? 0;
    const found = await pods.list();
    const restart = async (name: string, why: string, graceSeconds?: number) => {
      const pod = found.get(name);
      if (pod !== undefined) {
        tell(why);
        restarts.set(name, times(name) + 1);
        await pods.remove(pod, graceSeconds);
      }
    };
    for (const name of outside.filter((one) => times(one) < RESTARTS)) {
      await restart(name, `${name} answers and is no part of the cluster: restarting it`);
    }
    for (const name of leaderlessOnes.filter((one) => times(one) === 0).slice(0, 1)) {
      await restart(name, `all answer and no meta leader is elected: restarting ${name}`, 0);
    }
  } catch (error) {
    tell(`no server could be restarted: ${kubeWords(pods.kube, error)}`);
  }
}

/** The gate before streams: a cluster that is settled, or one paragraph on why it is not. */
export async function settle(pods: ColourPods): Promise<void> {
  const { colour, namespace, settleSeconds } = pods.plan;
  const reason = await waitForSettled(pods, settleSeconds);
  if (reason !== undefined) {
    throw new UserError(
      `cluster '${colour}' in namespace ${namespace} has not settled within ${settleSeconds} s: ${reason}. Nothing was made in it; mend the cause and run the command again.`,
    );
  }
  say(`cluster '${colour}' is settled: ${pods.plan.pods.join(", ")}`);
}
