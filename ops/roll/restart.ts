import type { Cluster } from "../cluster/cluster";
import { restartPod } from "./restart-pod";
import { restartProcess } from "./restart-process";

/**
 * Restarts one server as a lame duck, and waits until the cluster is settled again; an error where
 * it is not.
 */
export type Restart = (server: string) => Promise<void>;

/** How the servers of a cluster are restarted; nothing where only somebody else can. */
export function restartOf(cluster: Cluster): Restart | undefined {
  const { name, declared, connection } = cluster;
  if (cluster.processes !== undefined) {
    return (server) => restartProcess(cluster, server);
  }
  const { kubernetes } = connection;
  return kubernetes === undefined || declared === undefined
    ? undefined
    : (server) => restartPod({ colour: name, replicas: declared.servers }, kubernetes, server);
}
