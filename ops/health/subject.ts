import type { Cluster } from "../cluster/cluster";
import type { Observation } from "../observe/observation";

/** What health is judged of. */
export interface Subject {
  readonly cluster: Pick<Cluster, "name" | "declared" | "stack" | "processes" | "connection">;
  readonly observation: Observation;
  readonly now: Date;
  /** What was seen before, and how long before: what should move and does not shows only so. */
  readonly before?: { readonly observation: Observation; readonly seconds: number };
}

/** How to bring a server back that does not run. */
export function startRemedy({ cluster }: Subject): string {
  return cluster.processes === undefined
    ? "look into its log, and start it again"
    : `start it with: npm run local -- up -s ${cluster.stack}`;
}

/** How to restart a server that runs and no longer takes part; a roll spares no server of such a cluster. */
export function killRemedy({ cluster }: Subject, servers: readonly string[]): string {
  const { kubernetes } = cluster.connection;
  if (cluster.processes !== undefined) {
    return `only a restart ends that: end its process, and start it again with: npm run local -- up -s ${cluster.stack}`;
  }
  const how =
    kubernetes === undefined
      ? ""
      : `: kubectl -n ${kubernetes.namespace} delete pod ${servers.join(" ")}`;
  return `only a restart ends that, one server at a time${how}`;
}

/** How to bring streams back to what is declared. */
export function updateRemedy({ cluster }: Subject): string {
  if (cluster.stack === undefined) {
    return "make it again";
  }
  return cluster.processes === undefined
    ? `make it again with: pulumi up -s ${cluster.stack}`
    : `make it again with: npm run local -- up -s ${cluster.stack}`;
}
