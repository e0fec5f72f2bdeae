import type { MonitoredCluster } from "./monitored-cluster";
import { BY_CLUSTER, BY_CONSUMER, BY_STREAM } from "./promql";
import type { RecordingRule } from "./rule";

/**
 * The reference's metric names, with the labels that it gives them: `cluster` is the colour, and
 * `stream` the logical name. They are for reading: a total that adds up servers falls when one of
 * them restarts, so a rate is taken of the exporter's own series, or of `nats:*:rate5m`.
 */
export function referenceRules(clusters: readonly MonitoredCluster[]): RecordingRule[] {
  const total = (record: string, metric: string): RecordingRule => ({
    record,
    expr: withCluster(`sum by (${BY_CLUSTER}) (${metric})`),
  });
  const streams = `count by (${BY_STREAM}) (nats_stream_last_seq)`;
  const consumers = `count by (${BY_CONSUMER}) (nats_consumer_num_ack_pending)`;
  return [
    total("nats_core_total_connections", "nats_varz_total_connections"),
    total("nats_core_connection_count", "nats_varz_connections"),
    total("nats_core_msg_in_count", "nats_varz_in_msgs"),
    total("nats_core_msg_out_count", "nats_varz_out_msgs"),
    total("nats_core_msg_bytes_in", "nats_varz_in_bytes"),
    total("nats_core_msg_bytes_out", "nats_varz_out_bytes"),
    {
      record: "nats_jetstream_streams",
      expr: withCluster(`count by (${BY_CLUSTER}) (${streams})`),
    },
    {
      record: "nats_jetstream_consumers",
      expr: withCluster(
        `count by (${BY_CLUSTER}) (${consumers}) or sum by (${BY_CLUSTER}) (nats_server_jetstream_disabled * 0)`,
      ),
    },
    {
      record: "nats_jetstream_storage_bytes",
      expr: withStream(`max by (${BY_STREAM}) (nats_stream_total_bytes)`, clusters),
    },
    {
      record: "nats_core_cluster_size",
      expr: withCluster(`count by (${BY_CLUSTER}) (nats_server_jetstream_disabled)`),
    },
    {
      record: "nats_core_routes",
      // Of the servers that answer: a dead one keeps its last figure at the exporter.
      expr: withCluster(
        `min by (${BY_CLUSTER}) (nats_varz_remotes and on (nats_cluster, server_id) nats_server_jetstream_disabled)`,
      ),
    },
    {
      record: "nats_jetstream_consumer_num_pending",
      // Followers hold stale figures.
      expr: withStream(
        `max by (${BY_CONSUMER}) (nats_consumer_num_pending{is_consumer_leader="true"})`,
        clusters,
      ),
    },
  ];
}

/**
 * Series without leaders in their labels: a new leader begins new series at the exporter, and what
 * looks back in time must not begin anew with them.
 */
export function continuousRules(): RecordingRule[] {
  const leads = 'nats_server_jetstream_disabled{is_meta_leader="true",meta_leader!=""}';
  const byServer = "nats_cluster, color, server_id";
  const rate = (direction: string): RecordingRule => ({
    record: `nats:${direction}_msgs:rate5m`,
    expr: `sum by (${BY_CLUSTER}) (rate(nats_varz_${direction}_msgs[5m]))`,
  });
  return [
    {
      record: "nats:server_is_meta_leader:bool",
      // A server without JetStream calls itself leader, with no leader's name.
      expr: `max by (${byServer}) (${leads} * 0 + 1) or max by (${byServer}) (nats_server_jetstream_disabled * 0)`,
    },
    {
      record: "nats:stream_last_seq:max",
      expr: `max by (${BY_STREAM}) (nats_stream_last_seq)`,
    },
    {
      record: "nats:stream_last_seq:min",
      expr: `min by (${BY_STREAM}) (nats_stream_last_seq)`,
    },
    {
      record: "nats:consumer_delivered_stream_seq:max",
      expr: `max by (${BY_CONSUMER}) (nats_consumer_delivered_stream_seq)`,
    },
    ...originRules("mirror"),
    ...originRules("source"),
    rate("in"),
    rate("out"),
  ];
}

/**
 * How far a stream is behind what it mirrors or gathers, and how long it has heard nothing from there.
 * Its leader alone copies; a follower shows what it knew when it last led. An idle origin is heard
 * every second.
 */
function originRules(kind: "mirror" | "source"): RecordingRule[] {
  const by = `${BY_STREAM}, ${kind}_name`;
  const leads = '{is_stream_leader="true"}';
  const silence = `nats_stream_${kind}_active_duration_ns${leads}`;
  return [
    {
      record: `nats:stream_${kind}_lag:max`,
      expr: `max by (${by}) (nats_stream_${kind}_lag${leads})`,
    },
    {
      record: `nats:stream_${kind}_silence_seconds:max`,
      // -1 says that it has never heard anything, which counts as a silence of thirty years.
      expr: `max by (${by}) (${silence} >= 0) / 1e9 or max by (${by}) (${silence} < 0) * -1e9`,
    },
  ];
}

function withCluster(expr: string): string {
  return `label_replace(${expr}, "cluster", "$1", "color", "(.*)")`;
}

/** Adds the labels `cluster` and `stream`: the logical name where the declaration has another one. */
function withStream(expr: string, clusters: readonly MonitoredCluster[]): string {
  const assets = clusters.flatMap((cluster) => cluster.assets);
  const renamed = new Map(
    assets
      .filter(
        ({ kind, logicalName, stream }) => kind.title === "stream" && logicalName !== stream.name,
      )
      .map(({ logicalName, stream }) => [String(stream.name), logicalName]),
  );
  const base = label(expr, "stream", "$1", "(.*)");
  const named = [...renamed].reduce(
    (inner, [name, logicalName]) => label(inner, "stream", logicalName, name),
    base,
  );
  return withCluster(named);
}

function label(expr: string, name: string, value: string, pattern: string): string {
  return `label_replace(${expr}, "${name}", "${value}", "stream_name", "${pattern}")`;
}
