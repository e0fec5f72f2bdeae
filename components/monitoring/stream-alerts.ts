import type { Asset } from "../jetstream/assets-check";
import { reservedBytes } from "../jetstream/capacity";
import { ORIGIN_LAG, ORIGIN_SILENCE_SECONDS } from "./check-metadata";
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
    ...originAlerts(cluster, asset, what),
    ...limitAlerts(cluster, asset, what),
  ];
}

/** A stream that copies others is worth as much as what it has of them. */
function originAlerts(
  cluster: MonitoredCluster,
  { stream, logicalName }: Asset,
  what: string,
): Alert[] {
  const alert = (kind: "mirror" | "source", name: string): Alert => {
    const own = of(cluster, `stream_name="${stream.name}"`);
    const lag = `nats:stream_${kind}_lag:max${own} > ${ORIGIN_LAG}`;
    const silence = `nats:stream_${kind}_silence_seconds:max${own} > ${ORIGIN_SILENCE_SECONDS}`;
    return {
      name,
      severity: "warning",
      expr: `${lag} or ${silence}`,
      for: "5m",
      summary: `${cluster.name}: ${what} does not keep up with {{ $labels.${kind}_name }}`,
      description: `For five minutes the ${what} has been more than ${ORIGIN_LAG} messages behind what it copies, or has heard nothing from there for more than ${ORIGIN_SILENCE_SECONDS} s: readers of the copy see the past.`,
      labels: { stream: logicalName },
    };
  };
  return [
    ...(stream.mirror === undefined ? [] : [alert("mirror", "NatsMirrorLagging")]),
    ...(Array.isArray(stream.sources) && stream.sources.length > 0
      ? [alert("source", "NatsSourceLagging")]
      : []),
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
