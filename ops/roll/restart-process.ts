import { setTimeout } from "node:timers/promises";
import {
  restart,
  runningPid,
  settle,
} from "@tfdc/pulumi-nats/internal/provider/local-server/lifecycle";
import type { ServerProps } from "@tfdc/pulumi-nats/internal/provider/local-server/server-props";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { Cluster } from "../cluster/cluster";

/**
 * A server can call itself healthy for a moment in which it does not know yet that it is behind, and
 * its meta leader can call it current before it notices that nothing comes back.
 */
const PAUSE = 1_000;

/** Restarts a server that is a process of this machine. */
export async function restartProcess(
  cluster: Cluster,
  server: string,
  pause = PAUSE,
): Promise<void> {
  const props = processOf(cluster, server);
  const pid = runningPid(props);
  if (pid === undefined) {
    throw new UserError(
      `${server} answers, and its process is not one of this machine's: another program holds its ports.`,
    );
  }
  await restart(props, pid, { isSound: true });
  await setTimeout(pause);
  const reason = await settle(props);
  if (reason !== undefined) {
    throw new UserError(`cluster '${cluster.name}' has not settled again: ${reason}.`);
  }
}

function processOf(cluster: Cluster, server: string): ServerProps {
  const props = cluster.processes?.find(({ name }) => name === server);
  if (props === undefined) {
    throw new UserError(
      `${server} is not among the servers of the stack '${cluster.stack}'; bring the stack up to date first.`,
    );
  }
  return props;
}
