import type { Metric, MetricSource, MetricUnit } from "./metric";

/** The prefix that the exporter puts before both of its families, `gnatsd_` and `jetstream_`. */
export const METRIC_PREFIX = "nats";

const VARZ: MetricSource = { server: "exporter", flag: "-varz", endpoint: "/varz", sticks: true };
const CONNZ: MetricSource = {
  server: "exporter",
  flag: "-connz",
  endpoint: "/connz",
  sticks: false,
};
const HEALTHZ: MetricSource = {
  server: "exporter",
  flag: "-healthz",
  endpoint: "/healthz",
  sticks: false,
};
const JSZ: MetricSource = {
  server: "exporter",
  flag: "-jsz=all",
  endpoint: "/jsz?consumers=true&config=true&raft=true",
  sticks: false,
};
const KUBELET: MetricSource = { server: "kubelet", sticks: false };
const KUBE_STATE: MetricSource = { server: "kube-state-metrics", sticks: false };
const PROMETHEUS: MetricSource = { server: "Prometheus", sticks: false };

const SERVER = ["server_id"];
const JETSTREAM = [
  "cluster",
  "domain",
  "is_meta_leader",
  "meta_leader",
  "server_id",
  "server_name",
];
const STREAM = [
  ...["account", "account_id", "account_name", ...JETSTREAM],
  ...["is_stream_leader", "stream_leader", "stream_name", "stream_raft_group"],
].sort();
const CONSUMER = [
  ...STREAM,
  ...["consumer_desc", "consumer_leader", "consumer_name", "is_consumer_leader"],
].sort();

function row(
  source: MetricSource,
  labels: readonly string[],
): (name: string, unit: MetricUnit, meaning: string) => Metric {
  const prefix = source.server === "exporter" ? `${METRIC_PREFIX}_` : "";
  return (name, unit, meaning) => ({ name: prefix + name, source, labels, unit, meaning });
}

const varz = row(VARZ, SERVER);
const varzText = row(VARZ, ["server_id", "value"]);
const connz = row(CONNZ, SERVER);
const server = row(JSZ, JETSTREAM);
const stream = row(JSZ, STREAM);
const consumer = row(JSZ, CONSUMER);
const mirror = row(JSZ, [...STREAM, "mirror_api", "mirror_deliver", "mirror_name"].sort());
const source = row(JSZ, [...STREAM, "source_api", "source_deliver", "source_name"].sort());
const volume = row(KUBELET, ["namespace", "persistentvolumeclaim"]);
const cronJob = row(KUBE_STATE, ["namespace", "cronjob"]);

/**
 * Every metric that a rule or a panel may use, as prometheus-nats-exporter 0.20.1 exports it from
 * nats-server 2.10 with our arguments. The arguments, the documentation and the tests are derived
 * from it; a metric that nothing uses has no place here.
 */
export const METRICS: readonly Metric[] = [
  row(PROMETHEUS, [])("up", "boolean", "1 where the exporter answered the last scrape"),
  row(PROMETHEUS, ["alertname", "alertstate", "severity"])(
    "ALERTS",
    "boolean",
    "1 while an alert is pending or fires",
  ),

  row(HEALTHZ, SERVER)("healthz_status", "boolean", "0 where the server is healthy, 1 where not"),

  varz("varz_start", "milliseconds", "When the server started, since 1970"),
  varz("varz_connections", "count", "Client connections"),
  varz("varz_total_connections", "count", "Client connections since the server started"),
  varz("varz_subscriptions", "count", "Subscriptions"),
  varz("varz_remotes", "count", "Other servers that it has routes to"),
  varz("varz_in_msgs", "count", "Messages received since the start, from clients and routes"),
  varz("varz_out_msgs", "count", "Messages sent since the start, to clients and routes"),
  varz("varz_in_bytes", "bytes", "Bytes received since the start, from clients and routes"),
  varz("varz_out_bytes", "bytes", "Bytes sent since the start, to clients and routes"),
  varz("varz_slow_consumers", "count", "Connections cut since the start for reading too slowly"),
  varz("varz_mem", "bytes", "Resident memory"),
  varz("varz_cpu", "percent", "CPU time, in percent of one core"),
  varz("varz_gomaxprocs", "count", "Cores that the server may use"),
  varz("varz_jetstream_config_max_storage", "bytes", "max_file_store"),
  varz("varz_jetstream_stats_storage", "bytes", "Bytes of messages in file streams"),
  varz("varz_jetstream_stats_reserved_storage", "bytes", "Sum of maxBytes of its file replicas"),
  varz("varz_jetstream_stats_api_total", "count", "JetStream API requests since the start"),
  varz("varz_jetstream_stats_api_errors", "count", "JetStream API requests that failed"),
  varz("varz_jetstream_stats_ha_assets", "count", "Raft groups that it is a member of"),
  varz(
    "varz_jetstream_meta_cluster_size",
    "count",
    "Servers that the meta group knows, alive or not",
  ),
  varz("varz_jetstream_meta_pending", "count", "Entries that wait for the meta leader"),
  varzText("varz_version", "count", "1, with the version of the server as label `value`"),

  connz("connz_pending_bytes", "bytes", "Bytes that wait for slow clients"),

  server("server_jetstream_disabled", "boolean", "1 where the server runs without JetStream"),
  server("server_total_streams", "count", "Replicas of streams on the server"),

  stream("stream_total_messages", "count", "Messages of the stream"),
  stream("stream_total_bytes", "bytes", "Bytes of the stream"),
  stream("stream_limit_bytes", "bytes", "maxBytes of the stream, -1 where unlimited"),
  stream("stream_last_seq", "count", "Sequence of the newest message"),

  mirror("stream_mirror_lag", "count", "Messages of its origin that a mirror does not have yet"),
  mirror(
    "stream_mirror_active_duration_ns",
    "nanoseconds",
    "Since it heard of its origin, -1: never",
  ),
  source("stream_source_lag", "count", "Messages of a source that a stream does not have yet"),
  source(
    "stream_source_active_duration_ns",
    "nanoseconds",
    "Since it heard of its source, -1: never",
  ),

  consumer("consumer_num_pending", "count", "Messages not delivered yet; right on the leader only"),
  consumer("consumer_num_ack_pending", "count", "Messages delivered and not acknowledged yet"),
  consumer("consumer_num_redelivered", "count", "Messages delivered more than once"),
  consumer("consumer_delivered_stream_seq", "count", "Sequence of the last message delivered"),

  volume("kubelet_volume_stats_available_bytes", "bytes", "Free space of the volume"),
  volume("kubelet_volume_stats_capacity_bytes", "bytes", "Size of the volume"),

  cronJob("kube_cronjob_status_last_successful_time", "seconds", "Last success, since 1970"),
  cronJob("kube_cronjob_created", "seconds", "Creation of the CronJob, since 1970"),
];
