import type { MonitoredCluster } from "./monitored-cluster";

/** A selector of the series of one cluster, with further matchers: `{nats_cluster="nats-blue"}`. */
export function of({ name }: MonitoredCluster, ...matchers: readonly string[]): string {
  return `{${[`nats_cluster="${name}"`, ...matchers].join(",")}}`;
}

/**
 * A metric that sticks (see `MetricSource.sticks`), of the servers that answer only and that run
 * JetStream: only jsz tells the living from the dead.
 */
export function living(metric: string, cluster: MonitoredCluster): string {
  const alive = `nats_server_jetstream_disabled${of(cluster)} == 0`;
  return `(${metric}${of(cluster)} and on (nats_cluster, server_id) (${alive}))`;
}

/** Number of servers that answer, 0 where none does. */
export function answering(cluster: MonitoredCluster): string {
  return `(count(nats_server_jetstream_disabled${of(cluster)}) or vector(0))`;
}

/** Number of servers that answer and run JetStream, 0 where none does. */
export function serving(cluster: MonitoredCluster): string {
  return `(count(nats_server_jetstream_disabled${of(cluster)} == 0) or vector(0))`;
}

/** What a stream is one of, over all servers and leaders. */
export const BY_STREAM = "nats_cluster, color, account, stream_name";

/** What a consumer is one of, over all servers and leaders. */
export const BY_CONSUMER = `${BY_STREAM}, consumer_name`;

/** What a cluster is one of. */
export const BY_CLUSTER = "nats_cluster, color";

/** A text as a literal in an anchored regular expression. */
export function literal(text: string): string {
  // PromQL reads the backslash of a string before the regular expression does.
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\\\$&");
}
