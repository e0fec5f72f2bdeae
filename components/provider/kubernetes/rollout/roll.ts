import { setTimeout } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { CONTAINER } from "../../../kubernetes/names";
import { UserError } from "../../../user-error";
import { metaLeader } from "../../monitoring-endpoints";
import { isReady } from "../service-pods";
import type { ColourPods } from "./colour-pods";
import { declaredRevision, stale } from "./revision";
import { say } from "./say";
import { waitForSettled } from "./settle";

const PAUSE = 500;

/**
 * Restarts the pods that were made from an older revision, one after the other: those that do not
 * work anyway first, then the followers, the meta leader last, each only when every stream is
 * current again. A pod ends as a lame duck, which hands its leaderships over before anything else.
 * What is done already is not done again, so an interrupted roll goes on where it stopped.
 */
export async function roll(pods: ColourPods): Promise<void> {
  const revision = await declaredRevision(pods);
  const first = await stale(pods, revision);
  if (first.length === 0) {
    say(await nothingToDo(pods));
    return;
  }
  say(`to restart: ${first.map(nameOf).join(", ")}`);
  await replaceBroken(pods, first);
  for (;;) {
    const left = await stale(pods, revision);
    if (left.length === 0) {
      return;
    }
    await restart(pods, await nextOf(pods, left), revision);
  }
}

/** Pods that are made only now are made as declared. */
async function nothingToDo(pods: ColourPods): Promise<string> {
  const found = await pods.list();
  const missing = pods.plan.pods.filter((name) => !found.has(name));
  const others = found.size === 0 ? "" : "; every other pod is of the declared revision";
  return missing.length === 0
    ? "every pod is of the declared revision"
    : `to be made: ${missing.join(", ")}${others}`;
}

/** Pods that have never started, or end again and again, serve nobody and hold nobody up. */
async function replaceBroken(pods: ColourPods, candidates: readonly V1Pod[]): Promise<void> {
  const broken = candidates.filter(
    ({ status }) =>
      !status?.containerStatuses?.some(
        ({ name, state }) => name === CONTAINER && state?.running !== undefined,
      ),
  );
  for (const pod of broken) {
    say(`${nameOf(pod)} does not run: replacing it`);
    await pods.remove(pod);
  }
  await Promise.all(broken.map((pod) => gone(pods, pod)));
}

/** The pod whose restart costs least: one that does not work, then a follower. */
async function nextOf(pods: ColourPods, left: readonly V1Pod[]): Promise<V1Pod> {
  const leader = await metaLeader(pods.peers);
  const [next] = [...left].sort((one, other) => costOf(one, leader) - costOf(other, leader));
  if (next === undefined) {
    throw new Error("nothing is left to restart");
  }
  return next;
}

function costOf(pod: V1Pod, leader: string | undefined): number {
  if (!isReady(pod)) {
    return 0;
  }
  return nameOf(pod) === leader ? 2 : 1;
}

async function restart(pods: ColourPods, pod: V1Pod, revision: string): Promise<void> {
  const { colour, settleSeconds } = pods.plan;
  const name = nameOf(pod);
  if (isReady(pod)) {
    const reason = await waitForSettled(pods, settleSeconds);
    if (reason !== undefined) {
      throw new UserError(
        `${name} is not restarted: cluster '${colour}' has not settled within ${settleSeconds} s (${reason}), and a restart could take its streams away. Bring it in order and run the command again; pods that are restarted already are not restarted again.`,
      );
    }
  }
  say(`restarting ${name}`);
  const start = Date.now();
  await pods.remove(pod);
  await gone(pods, pod);
  const reason = await waitForSettled(pods, settleSeconds);
  if (reason !== undefined) {
    const left = (await stale(pods, revision)).map(nameOf);
    const untouched = left.length === 0 ? "" : ` ${left.join(" and ")} run on as before.`;
    throw new UserError(
      `${name} was restarted and has not come back in order within ${settleSeconds} s: ${reason}.${untouched} Correct what was changed, or change it back, and run the command again.`,
    );
  }
  say(`${name} is back and current after ${Math.round((Date.now() - start) / 1000)} s`);
}

/** Waits until a pod has ended; its successor has the same name. */
export async function gone(pods: ColourPods, pod: V1Pod): Promise<void> {
  const limit = (pod.spec?.terminationGracePeriodSeconds ?? 30) + pods.plan.settleSeconds;
  const deadline = Date.now() + limit * 1_000;
  while ((await pods.list()).get(nameOf(pod))?.metadata?.uid === pod.metadata?.uid) {
    if (Date.now() > deadline) {
      throw new UserError(
        `${nameOf(pod)} was told to end and has not within ${limit} s: its node may be away. Bring the node back, or delete the pod by force if the node is gone for good, and run the command again.`,
      );
    }
    await setTimeout(PAUSE);
  }
}

function nameOf(pod: V1Pod): string {
  return pod.metadata?.name ?? "";
}
