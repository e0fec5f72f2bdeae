import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { Cluster } from "../cluster/cluster";
import { examine } from "../health/examine";
import { observe } from "../observe/observe";
import { step } from "../terminal/step";
import { rollPlan, type Turn } from "./plan";
import type { Restart } from "./restart";

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

/** Only a healthy cluster can spare a server. */
async function refuseUnhealthy(cluster: Cluster, done: readonly string[]): Promise<void> {
  const { found } = await examine(cluster);
  const [worst] = found.filter(({ severity }) => severity === "critical");
  if (worst !== undefined) {
    throw new UserError(
      `${cluster.name} cannot spare a server: ${worst.what}. ${afterwards(done)} ${worst.remedy}; then run this again.`,
    );
  }
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
