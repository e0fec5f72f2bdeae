import { setTimeout } from "node:timers/promises";
import { restart, runningPid } from "@tfdc/pulumi-nats/internal/provider/local-server/lifecycle";
import type { ServerProps } from "@tfdc/pulumi-nats/internal/provider/local-server/server-props";
import { waitSettled } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { Cluster } from "../cluster/cluster";

const SETTLE = 75_000;
/** A server can call itself healthy for a moment in which it does not know yet that it is behind. */
const PAUSE = 1_000;

/** Restarts a server that is a process of this machine. */
export async function restartProcess(cluster: Cluster, server: string): Promise<void> {
  const props = processOf(cluster, server);
  const pid = runningPid(props);
  if (pid === undefined) {
    throw new UserError(
      `${server} answers, and its process is not one of this machine's: another program holds its ports.`,
    );
  }
  await restart(props, pid, { isSound: true });
  await setTimeout(PAUSE);
  const reason = await waitSettled(props.peers, SETTLE);
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
