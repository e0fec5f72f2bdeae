import { setTimeout } from "node:timers/promises";
import { ageOf, STARTING } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { Cluster } from "../cluster/cluster";
import { examine } from "../health/examine";
import type { Finding } from "../health/finding";
import { observe } from "../observe/observe";
import { step } from "../terminal/step";
import { rollPlan, type Turn } from "./plan";
import type { Restart } from "./restart";

/** Between two looks at a server that has just started. */
const PAUSE = 2_000;

/**
 * Restarts the servers one at a time as lame ducks. Who comes next is decided anew each time: the
 * meta leader may have moved. The first that does not come back well ends it.
 */
export async function roll(cluster: Cluster, restart: Restart): Promise<readonly string[]> {
  const done: string[] = [];
  for (;;) {
    await refuseUnhealthy(cluster, done);
    const turn = rollPlan(await observe(cluster)).find(({ server }) => !done.includes(server));
    if (turn === undefined) {
      return done;
    }
    try {
      await step(`${turn.server} (${turn.role}): lame duck, restart, settle`, () =>
        restart(turn.server),
      );
    } catch (error) {
      throw error instanceof UserError ? stopped(error, turn, done) : error;
    }
    done.push(turn.server);
  }
}

/** Only a healthy cluster can spare a server; one that has just started is given its first minute. */
async function refuseUnhealthy(cluster: Cluster, done: readonly string[]): Promise<void> {
  const now = await hindrance(cluster);
  const worst = now.mayPass
    ? await step(`a server has just started: ${now.worst?.what}; waiting`, () => outlasted(cluster))
    : now.worst;
  if (worst !== undefined) {
    throw new UserError(
      `${cluster.name} cannot spare a server: ${worst.what}. ${afterwards(done)} ${worst.remedy}; then run this again.`,
    );
  }
}

/** What is still in the way when all servers are past their first minute. */
async function outlasted(cluster: Cluster): Promise<Finding | undefined> {
  const deadline = Date.now() + STARTING + PAUSE;
  for (;;) {
    await setTimeout(PAUSE);
    const { worst, mayPass } = await hindrance(cluster);
    if (!mayPass || Date.now() > deadline) {
      return worst;
    }
  }
}

async function hindrance(
  cluster: Cluster,
): Promise<{ readonly worst: Finding | undefined; readonly mayPass: boolean }> {
  const { found, observation } = await examine(cluster);
  const critical = found.filter(({ severity }) => severity === "critical");
  return {
    worst: critical[0],
    mayPass:
      critical.length > 0 &&
      critical.every(({ check }) => check === "server-healthy") &&
      observation.servers.some(({ varz }) => ageOf(varz) <= STARTING),
  };
}

function stopped(error: UserError, { server }: Turn, done: readonly string[]): UserError {
  return new UserError(
    `the roll stopped at ${server}: ${error.message.replace(/\.$/, "")}. ${afterwards(done)} No other server was touched; bring ${server} back, and run this again.`,
    { cause: error },
  );
}

function afterwards(done: readonly string[]): string {
  return done.length === 0 ? "Nothing was restarted." : `Restarted: ${done.join(", ")}.`;
}
