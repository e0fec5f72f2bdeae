import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster";
import type { Observation } from "../observe/observation";
import { observe } from "../observe/observe";
import type { Finding } from "./finding";
import { findings } from "./findings";
import { isBehind, STANDS } from "./meta-findings";
import type { Subject } from "./subject";

/** What a busy and healthy server says for a moment, such as a follower that is a message behind. */
const PASSING: ReadonlySet<string> = new Set(["server-healthy", "replica-lag", "replicas-current"]);
const SECOND_LOOK = 1_500;
/** A busy disk may hold one decision of the meta group up for some seconds. */
const STANDSTILL = 6_000;

/** A cluster as it is, and what is wrong with it. */
export interface Examination {
  readonly cluster: Cluster;
  readonly observation: Observation;
  readonly found: readonly Finding[];
}

/** Looks at a cluster; what can pass by itself counts only where a second look finds it as well. */
export async function examine(cluster: Cluster): Promise<Examination> {
  const start = performance.now();
  const first = await look(cluster);
  if (!first.found.some(({ check }) => PASSING.has(check)) && !isBehind(first.observation)) {
    return first;
  }
  const again = async () => {
    const seconds = Math.round((performance.now() - start) / 1000);
    const next = await look(cluster, { observation: first.observation, seconds });
    return { ...next, found: remaining(first.found, next.found) };
  };
  await setTimeout(SECOND_LOOK);
  const second = await again();
  if (!second.found.some(({ check }) => check === STANDS)) {
    return second;
  }
  await setTimeout(STANDSTILL - SECOND_LOOK);
  return again();
}

/** The findings of a second look, without those that can pass and that the first did not have. */
export function remaining(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const before = new Set(first.map(({ check }) => check));
  return second.filter(({ check }) => !PASSING.has(check) || before.has(check));
}

async function look(cluster: Cluster, before?: Subject["before"]): Promise<Examination> {
  const observation = await observe(cluster);
  const subject = { cluster, observation, now: new Date(), ...(before && { before }) };
  return { cluster, observation, found: findings(subject) };
}
