import type { Asset } from "../jetstream/assets-check";
import { reservedBytes } from "../jetstream/capacity";
import { type MonitoredCluster, quorum } from "./monitored-cluster";
import { answering, BY_STREAM, of, serving } from "./promql";
import type { Alert } from "./rule";

/** The alerts of one declared stream or bucket, with its own replicas, limits and policies. */
export function streamAlerts(cluster: MonitoredCluster, asset: Asset): Alert[] {
  const { stream, kind, logicalName } = asset;
  const series = `nats_stream_last_seq${of(cluster, `stream_name="${stream.name}"`)}`;
  const what = `${kind.title} ${logicalName}`;
  const labels = { stream: logicalName };
  const replicas = Number(stream.replicas);
  return [
    {
      name: "NatsStreamMissing",
      severity: "critical",
      expr: `absent(${series}) and on () (${serving(cluster)} >= ${quorum(cluster)})`,
      for: "2m",
      summary: `${cluster.name}: ${what} is gone`,
      description: `The ${what} is declared, and no server holds a replica of it: it was deleted, or the servers that hold its ${replicas} ${replicas === 1 ? "replica" : "replicas"} are away.`,
      labels,
    },
    ...(replicas === 1
      ? []
      : [
          {
            name: "NatsStreamReplicaMissing",
            severity: "warning" as const,
            // While a server is away NatsServersMissing says so, once for all streams.
            expr: `count by (${BY_STREAM}) (${series}) < ${replicas} and on () (${answering(cluster)} >= ${cluster.servers})`,
            for: "5m",
            summary: `${cluster.name}: ${what} has {{ $value }} of ${replicas} replicas`,
            description: `All servers are up and not enough of them hold the ${what}: it survives fewer failures than declared.`,
            labels,
          },
        ]),
    ...limitAlerts(cluster, asset, what),
  ];
}

/**
 * A stream that drops its oldest message at a limit rolls over by design. At the limit of one that
 * refuses new messages, or whose messages are still waited for, something is lost.
 */
function limitAlerts(
  cluster: MonitoredCluster,
  { stream, logicalName }: Asset,
  what: string,
): Alert[] {
  const refuses = stream.discard === "new";
  if (!refuses && stream.retention === "limits") {
    return [];
  }
  const matcher = of(cluster, `stream_name="${stream.name}"`);
  const limits = [
    { limit: "maxBytes", metric: "nats_stream_total_bytes", most: Number(reservedBytes(stream)) },
    {
      limit: "maxMsgs",
      metric: "nats_stream_total_messages",
      most: typeof stream.maxMsgs === "number" ? stream.maxMsgs : 0,
    },
  ];
  return limits
    .filter(({ most }) => most > 0)
    .map(({ limit, metric, most }) => ({
      name: "NatsStreamNearLimit",
      severity: "critical",
      expr: `max by (${BY_STREAM}) (${metric}${matcher}) / ${most} > 0.9`,
      for: "10m",
      summary: `${cluster.name}: ${what} is at {{ $value | humanizePercentage }} of ${limit}`,
      description: refuses
        ? `At its ${limit} the ${what} refuses new messages.`
        : `At its ${limit} the ${what} drops messages that nobody has processed yet.`,
      labels: { stream: logicalName, limit },
    }));
}
