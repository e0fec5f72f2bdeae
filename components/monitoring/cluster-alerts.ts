import { reservedBytes } from "../jetstream/capacity";
import { parseDuration } from "../jetstream/units";
import { REPLICA_LAG } from "./check-metadata";
import { type MonitoredCluster, quorum } from "./monitored-cluster";
import { answering, BY_CONSUMER, BY_STREAM, living, of, serving } from "./promql";
import type { Alert } from "./rule";

/** Servers, quorum and the meta group. */
export function serverAlerts(cluster: MonitoredCluster): Alert[] {
  const { name, servers } = cluster;
  const all = of(cluster);
  const allAnswer = `on () (${answering(cluster)} >= ${servers})`;
  const leading = `nats_server_jetstream_disabled${of(cluster, 'meta_leader!=""')}`;
  return [
    {
      name: "NatsMetricsMissing",
      severity: "critical",
      expr: `absent(up${all} == 1)`,
      for: "5m",
      summary: `${name}: no exporter answers`,
      description: `Prometheus reaches no exporter of ${name}: all ${servers} pods are gone, or Prometheus has lost its way to them. Every other alert of the cluster is blind meanwhile.`,
    },
    {
      name: "NatsQuorumLost",
      severity: "critical",
      expr: `${serving(cluster)} < ${quorum(cluster)} and on () (count(up${all} == 1) > 0)`,
      for: "1m",
      summary: `${name}: {{ $value }} of ${servers} servers, no quorum`,
      description: `Fewer than ${quorum(cluster)} of ${servers} servers serve JetStream: nothing that is replicated can be written, and no stream or consumer can be made.`,
    },
    {
      name: "NatsServersMissing",
      severity: "warning",
      expr: `${answering(cluster)} < ${servers} and on () (count(up${all} == 1) > 0)`,
      for: "5m",
      summary: `${name}: {{ $value }} of ${servers} servers answer`,
      description: `One more that goes may cost the quorum (${quorum(cluster)} of ${servers}).`,
    },
    {
      name: "NatsServerUnhealthy",
      severity: "warning",
      expr: `nats_healthz_status${all} == 1`,
      for: "5m",
      summary: `${name}: {{ $labels.server_id }} says it is not healthy`,
      description:
        "The server answers, and its /healthz does not say ok: it recovers, is not current with the meta leader, or has streams or consumers that are not.",
    },
    {
      name: "NatsJetStreamDisabled",
      severity: "critical",
      expr: `nats_server_jetstream_disabled${all} == 1`,
      for: "1m",
      summary: `${name}: {{ $labels.server_id }} runs without JetStream`,
      description:
        "The server is up for plain messages and holds no stream: JetStream was switched off, usually by itself after a failed write to its disk.",
    },
    ...(servers === 1
      ? []
      : [
          {
            name: "NatsRouteMeshIncomplete",
            severity: "warning" as const,
            expr: `${living("nats_varz_remotes", cluster)} < ${servers - 1} and ${allAnswer}`,
            for: "5m",
            summary: `${name}: {{ $labels.server_id }} reaches {{ $value }} of ${servers - 1} peers`,
            description:
              "All servers are up and some have no route to each other: messages between their clients are lost, and Raft groups may lose their quorum.",
          },
          {
            name: "NatsNoMetaLeader",
            severity: "critical" as const,
            expr: `count by (nats_cluster) (nats_server_jetstream_disabled${all}) unless count by (nats_cluster) (${leading})`,
            for: "1m",
            summary: `${name}: no meta leader`,
            description:
              "No server knows a meta leader: streams and consumers cannot be made, changed or placed. Those that have a leader of their own go on.",
          },
          {
            name: "NatsMetaLeaderDisagreement",
            severity: "critical" as const,
            expr: `count by (nats_cluster) (count by (nats_cluster, meta_leader) (${leading})) > 1`,
            for: "2m",
            summary: `${name}: {{ $value }} meta leaders`,
            description:
              "Servers name different meta leaders for longer than an election takes: the cluster is parted, or two clusters share a name.",
          },
          {
            name: "NatsMetaLeaderFlapping",
            severity: "warning" as const,
            // Each election changes two servers: the old leader and the new one.
            expr: `sum by (nats_cluster) (changes(nats:server_is_meta_leader:bool${all}[30m])) / 2 > 3`,
            summary: `${name}: {{ $value }} meta elections in 30 minutes`,
            description:
              "The meta leader does not stay: slow disks, a starved CPU or a bad network make servers miss heartbeats.",
          },
          {
            name: "NatsMetaBacklog",
            severity: "warning" as const,
            expr: `${living("nats_varz_jetstream_meta_pending", cluster)} > 1000`,
            for: "5m",
            summary: `${name}: {{ $value }} changes wait for the meta leader`,
            description:
              "The meta leader cannot keep up with the making and deleting of streams and consumers; from 10,000 on they are dropped.",
          },
        ]),
    {
      name: "NatsVersionSkew",
      severity: "warning",
      expr: `count(count by (value) ${living("nats_varz_version", cluster)}) > 1`,
      // A roll takes minutes a server.
      for: "1h",
      summary: `${name}: {{ $value }} versions of nats-server for an hour`,
      description:
        "Servers of different versions run beside each other for longer than a roll takes: it stopped half way.",
    },
  ];
}

/** Storage, load and clients. */
export function loadAlerts(cluster: MonitoredCluster): Alert[] {
  const { name } = cluster;
  const all = of(cluster);
  const errors = `sum(increase(nats_varz_jetstream_stats_api_errors${all}[10m]))`;
  const requests = `sum(increase(nats_varz_jetstream_stats_api_total${all}[10m]))`;
  const pending = `nats_jetstream_consumer_num_pending${all}`;
  const delivered = `nats:consumer_delivered_stream_seq:max${all}`;
  return [
    ...storageAlerts(cluster),
    ...volumeAlerts(cluster),
    {
      name: "NatsStreamNoLeader",
      severity: "critical",
      // Without a quorum no stream has one, and NatsQuorumLost says so once.
      expr: `count by (${BY_STREAM}) (nats_stream_last_seq${all}) unless count by (${BY_STREAM}) (nats_stream_last_seq${of(cluster, 'is_stream_leader="true"')}) and on () (${serving(cluster)} >= ${quorum(cluster)})`,
      for: "2m",
      summary: `${name}: stream {{ $labels.stream_name }} has no leader`,
      description:
        "Nothing can be written to the stream or read from it: too few of its replicas are up, or they cannot agree.",
    },
    {
      name: "NatsStreamReplicaLagging",
      severity: "warning",
      // What arrives within a minute absorbs that servers are scraped at different moments.
      expr: `nats:stream_last_seq:max${all} - nats:stream_last_seq:min${all} > ${REPLICA_LAG} + 60 * rate(nats:stream_last_seq:max${all}[5m])`,
      for: "5m",
      summary: `${name}: a replica of {{ $labels.stream_name }} is {{ $value }} messages behind`,
      description:
        "A replica does not keep up with the leader: should the leader go, it cannot take over, and the stream is one server from losing its quorum.",
    },
    {
      name: "NatsConsumerStalled",
      severity: "warning",
      expr: `min_over_time(${pending}[10m]) > 0 and on (${BY_CONSUMER}) (${delivered} == ${delivered} offset 10m)`,
      summary: `${name}: consumer {{ $labels.consumer_name }} of {{ $labels.stream_name }} stands still`,
      description:
        "For ten minutes messages have waited ({{ $value }} and more) and none was delivered: nobody pulls, or all that may wait for an acknowledgement does.",
    },
    {
      name: "NatsSlowConsumers",
      severity: "warning",
      expr: `increase(nats_varz_slow_consumers${all}[10m]) > 0`,
      summary: `${name}: {{ $labels.server_id }} cut off slow clients`,
      description:
        "Clients read more slowly than messages came for them, and the server cut their connections within the last ten minutes. Messages outside of JetStream were lost to them.",
    },
    {
      name: "NatsApiErrors",
      severity: "warning",
      expr: `${errors} > 10 and ${errors} / ${requests} > 0.05`,
      summary: `${name}: {{ $value }} failed JetStream requests in ten minutes`,
      description:
        "More than one JetStream API request in twenty fails: clients ask for what is not there, or run into limits.",
    },
    ...backupAlerts(cluster),
  ];
}

/**
 * Streams with a limit fill what they have reserved, by design, and that is no fault. What can run
 * full is the rest, which the streams and buckets without a limit share.
 */
function storageAlerts(cluster: MonitoredCluster): Alert[] {
  const { name, assets } = cluster;
  const inMemory = assets
    .filter(({ stream }) => stream.storage === "memory")
    .map(({ stream }) => `stream_name!="${stream.name}"`);
  const onDisk = of(cluster, ...inMemory);
  const byServer = "nats_cluster, server_id";
  const stored = living("nats_varz_jetstream_stats_storage", cluster);
  const size = living("nats_varz_jetstream_config_max_storage", cluster);
  const reserved = living("nats_varz_jetstream_stats_reserved_storage", cluster);
  const bounded = `sum by (${byServer}) (nats_stream_total_bytes${onDisk} and nats_stream_limit_bytes${onDisk} > 0)`;
  const share = `(${stored} - on (${byServer}) (${bounded} or on (${byServer}) ${stored} * 0)) / on (${byServer}) (${size} - ${reserved} > 0)`;
  const declared = assets
    .filter(({ stream }) => stream.storage === "file")
    .reduce((sum, { stream }) => sum + reservedBytes(stream), 0n);
  const high = (severity: "warning" | "critical", limit: number): Alert => ({
    name: "NatsStorageHigh",
    severity,
    expr: `${share} > ${limit}`,
    for: "10m",
    summary: `${name}: unlimited streams fill {{ $value | humanizePercentage }} of what {{ $labels.server_id }} has for them`,
    description:
      "The streams and buckets without maxBytes share what max_file_store leaves beside the reservations. When it is used up, writes fail and the server may switch JetStream off.",
  });
  return [
    high("warning", 0.75),
    high("critical", 0.9),
    {
      name: "NatsStorageReserved",
      severity: "warning",
      expr: `${reserved} / (${size} > 0) > 0.95 and on (${byServer}) ${reserved} > ${declared}`,
      for: "10m",
      summary: `${name}: {{ $labels.server_id }} has reserved {{ $value | humanizePercentage }} of its storage`,
      description:
        "More is reserved than is declared, and nearly all there is: a stream that somebody made beside the declaration keeps the next one from being placed.",
    },
  ];
}

/** A volume holds more than messages: Raft logs, indices, and what compaction writes anew. */
function volumeAlerts(cluster: MonitoredCluster): Alert[] {
  const claims = of(
    cluster,
    `namespace="${cluster.namespace}"`,
    `persistentvolumeclaim=~"data-${cluster.name}-[0-9]+"`,
  ).replace(`nats_cluster="${cluster.name}",`, "");
  const filling = (severity: "warning" | "critical", limit: number): Alert => ({
    name: "NatsVolumeFilling",
    severity,
    expr: `kubelet_volume_stats_available_bytes${claims} / kubelet_volume_stats_capacity_bytes${claims} < ${limit}`,
    for: "10m",
    summary: `${cluster.name}: {{ $value | humanizePercentage }} free on {{ $labels.persistentvolumeclaim }}`,
    description:
      "When the volume is full, the server stops writing and switches JetStream off. max_file_store alone leaves 15 % free.",
  });
  return [filling("warning", 0.1), filling("critical", 0.05)];
}

function backupAlerts({ name, namespace, backup }: MonitoredCluster): Alert[] {
  if (backup === undefined) {
    return [];
  }
  const job = `{namespace="${namespace}",cronjob="${backup.cronJob}"}`;
  const seconds = (parseDuration(backup.maxAge) ?? 0n) / 1_000_000_000n;
  return [
    {
      name: "NatsBackupStale",
      severity: "critical",
      // A job that has never succeeded has no such time: then its own age counts.
      expr: `time() - (max(kube_cronjob_status_last_successful_time${job}) or max(kube_cronjob_created${job})) > ${seconds} or absent(kube_cronjob_created${job})`,
      for: "5m",
      summary: `${name}: no good backup for more than ${backup.maxAge}`,
      description: `The CronJob ${backup.cronJob} has not succeeded for more than ${backup.maxAge}, or does not exist.`,
    },
  ];
}
