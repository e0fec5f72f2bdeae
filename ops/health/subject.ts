import type { Cluster } from "../cluster/cluster";
import type { Observation } from "../observe/observation";

/** What health is judged of. */
export interface Subject {
  readonly cluster: Pick<Cluster, "name" | "declared" | "stack" | "processes" | "connection">;
  readonly observation: Observation;
  readonly now: Date;
}

/** How to bring a server back that does not run. */
export function startRemedy({ cluster }: Subject): string {
  return cluster.processes === undefined
    ? "look into its log, and start it again"
    : `start it with: npm run local -- up -s ${cluster.stack}`;
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
