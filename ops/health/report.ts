import type { Cluster } from "../cluster/cluster";
import { answering, type Observation, streamsByLeader } from "../observe/observation";
import { paint } from "../terminal/colours";
import { counted, type Finding } from "./finding";

/** The health of one cluster, as it is printed. */
export interface HealthReport {
  readonly cluster: string;
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
  readonly servers: number;
  readonly streams: number;
  readonly buckets: number;
  readonly consumers: number;
  readonly metaLeader?: string;
  readonly seconds: number;
}

/** What a report counts. */
export function healthReport(
  { name }: Pick<Cluster, "name">,
  observation: Observation,
  findings: readonly Finding[],
  seconds: number,
): HealthReport {
  const streams = streamsByLeader(observation);
  const buckets = streams.filter((stream) => stream.name.startsWith("KV_"));
  const [metaLeader] = answering(observation).flatMap(({ jsz }) => jsz?.meta_cluster?.leader || []);
  return {
    cluster: name,
    healthy: findings.length === 0,
    findings,
    servers: answering(observation).length,
    streams: streams.length - buckets.length,
    buckets: buckets.length,
    consumers: streams.reduce((sum, { consumer_detail: all = [] }) => sum + all.length, 0),
    ...(metaLeader === undefined ? {} : { metaLeader }),
    seconds,
  };
}

const MARKS = { critical: "✗", warning: "!" } as const;
const PAINT = { critical: "red", warning: "yellow" } as const;

/** A report for a person: one line a finding, with the remedy. */
export function healthText(report: HealthReport): string {
  const { cluster, servers, streams, buckets, consumers, metaLeader } = report;
  const counts = [
    counted(servers, "server"),
    counted(streams, "stream"),
    counted(buckets, "bucket"),
    counted(consumers, "consumer"),
    ...(metaLeader === undefined ? [] : [`meta leader ${metaLeader}`]),
  ].join(", ");
  if (report.healthy) {
    return `${paint("green", "✓")} ${cluster} is healthy: ${counts}`;
  }
  const lines = report.findings.map(
    ({ severity, what, remedy }) =>
      `  ${paint(PAINT[severity], MARKS[severity])} ${what}; ${remedy}`,
  );
  const worst = report.findings.some(({ severity }) => severity === "critical")
    ? paint("red", "✗")
    : paint("yellow", "!");
  const number = counted(report.findings.length, "finding");
  return [`${worst} ${cluster}: ${number} (${counts})`, ...lines].join("\n");
}
