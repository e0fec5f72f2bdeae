import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster";
import type { Observation } from "../observe/observation";
import { observe } from "../observe/observe";
import type { Finding } from "./finding";
import { findings } from "./findings";

/** What a busy and healthy server says for a moment, such as a follower that is a message behind. */
const PASSING: ReadonlySet<string> = new Set(["server-healthy", "replica-lag", "replicas-current"]);
const SECOND_LOOK = 1_500;

/** A cluster as it is, and what is wrong with it. */
export interface Examination {
  readonly cluster: Cluster;
  readonly observation: Observation;
  readonly found: readonly Finding[];
}

/** Looks at a cluster; what can pass by itself counts only where a second look finds it as well. */
export async function examine(cluster: Cluster): Promise<Examination> {
  const first = await look(cluster);
  if (!first.found.some(({ check }) => PASSING.has(check))) {
    return first;
  }
  await setTimeout(SECOND_LOOK);
  const second = await look(cluster);
  return { ...second, found: remaining(first.found, second.found) };
}

/** The findings of a second look, without those that can pass and that the first did not have. */
export function remaining(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const before = new Set(first.map(({ check }) => check));
  return second.filter(({ check }) => !PASSING.has(check) || before.has(check));
}

async function look(cluster: Cluster): Promise<Examination> {
  const observation = await observe(cluster);
  return { cluster, observation, found: findings({ cluster, observation, now: new Date() }) };
}
