import type { Asset } from "../jetstream/assets-check";
import { type Problem, problem } from "../jetstream/problems";
import { parseDuration } from "../jetstream/units";

/** One colour, as far as its monitoring is concerned. */
export interface MonitoredCluster {
  /** Name of the cluster, and value of the label `nats_cluster`: `nats-blue`. */
  readonly name: string;
  /** Value of the label `color`: `blue`. */
  readonly color: string;
  /** Namespace of its pods. */
  readonly namespace: string;
  /** Number of servers. */
  readonly servers: number;
  /** What is declared to live on it, as `checkAssets` reads it. */
  readonly assets: readonly Asset[];
  /** The CronJob that backs it up. @default none, nobody watches over the backups */
  readonly backup?: MonitoredBackup;
}

/** The CronJob of a backup. */
export interface MonitoredBackup {
  /** Name of the CronJob, in the namespace of the cluster. */
  readonly cronJob: string;
  /** Age from which the last good backup is too old, such as `"26h"`. */
  readonly maxAge: string;
}

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** What is wrong with the clusters that are to be monitored. */
export function clusterProblems(clusters: readonly MonitoredCluster[]): Problem[] {
  return clusters.flatMap((cluster, index) => {
    const path = (property: string) => `clusters[${index}].${property}`;
    const names = (["name", "color", "namespace"] as const).filter(
      (property) => !NAME.test(cluster[property]),
    );
    return [
      ...names.map((property) =>
        problem(
          path(property === "color" ? "colour" : property),
          cluster[property],
          "it must be lower-case letters, digits and '-'",
          `use "${property === "namespace" ? "tfdc" : property === "name" ? "nats-blue" : "blue"}"`,
        ),
      ),
      ...(clusters.slice(0, index).some(({ name }) => name === cluster.name)
        ? [
            problem(
              path("name"),
              cluster.name,
              "another cluster has it, and their series would be mixed up",
              "give each its own",
            ),
          ]
        : []),
      ...(Number.isInteger(cluster.servers) && cluster.servers > 0
        ? []
        : [problem(path("servers"), cluster.servers, "it must be a whole number", "use 3")]),
      ...backupProblems(path("backup"), cluster.backup),
    ];
  });
}

function backupProblems(path: string, backup: MonitoredBackup | undefined): Problem[] {
  if (backup === undefined) {
    return [];
  }
  const { cronJob, maxAge } = backup;
  return [
    ...(NAME.test(cronJob)
      ? []
      : [problem(`${path}.cronJob`, cronJob, "it must be the name of a CronJob", "correct it")]),
    ...((parseDuration(maxAge) ?? 0n) > 0n
      ? []
      : [problem(`${path}.maxAge`, maxAge, "it must be a duration", 'use "26h"')]),
  ];
}

/** The servers that must agree before anything is decided. */
export function quorum({ servers }: MonitoredCluster): number {
  return Math.floor(servers / 2) + 1;
}
