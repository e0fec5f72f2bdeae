import type { MonitoredCluster } from "../../../components/monitoring/monitored-cluster";

/** One series, a value a minute; `undefined` where there is none. */
export interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (number | undefined)[];
}

const MINUTES = 240;
const GIBIBYTE = 2 ** 30;

/** What a series is at a minute, from what it would be. */
export type Change = (healthy: number | undefined, minute: number) => number | undefined;

/** What the exporters of a cluster in perfect health say for four hours, as far as rules ask. */
export function healthy(cluster: MonitoredCluster): Series[] {
  const target = { nats_cluster: cluster.name, color: cluster.color };
  const servers = Array.from({ length: cluster.servers }, (_, index) => `${cluster.name}-${index}`);
  const series = (
    metric: string,
    labels: Readonly<Record<string, string>>,
    value: (minute: number) => number,
  ): Series => ({
    metric,
    labels: { ...target, ...labels },
    values: Array.from({ length: MINUTES }, (_, minute) => value(minute)),
  });
  const perServer = servers.flatMap((server_id, index) => {
    const server = { server_id };
    const jsz = {
      ...server,
      server_name: server_id,
      meta_leader: servers[0] ?? "",
      is_meta_leader: String(index === 0),
    };
    const always = (metric: string, value: number) => series(metric, server, () => value);
    const counter = (metric: string, step: number) => series(metric, server, (m) => m * step);
    return [
      always("up", 1),
      always("nats_healthz_status", 0),
      series("nats_server_jetstream_disabled", jsz, () => 0),
      always("nats_varz_remotes", cluster.servers - 1),
      series("nats_varz_version", { ...server, value: "2.10.29" }, () => 1),
      always("nats_varz_connections", 50),
      counter("nats_varz_total_connections", 1),
      counter("nats_varz_in_msgs", 600),
      counter("nats_varz_out_msgs", 1200),
      counter("nats_varz_in_bytes", 60_000),
      counter("nats_varz_out_bytes", 120_000),
      always("nats_varz_slow_consumers", 0),
      always("nats_varz_jetstream_meta_pending", 0),
      always("nats_varz_jetstream_config_max_storage", 170 * GIBIBYTE),
      always("nats_varz_jetstream_stats_reserved_storage", 161 * GIBIBYTE),
      // All that has a limit is full, by design, and the buckets hold one GiB each.
      always("nats_varz_jetstream_stats_storage", 163 * GIBIBYTE),
      counter("nats_varz_jetstream_stats_api_total", 60),
      always("nats_varz_jetstream_stats_api_errors", 0),
      ...cluster.assets.flatMap(({ stream }) => streamSeries(stream, jsz)),
      ...consumerSeries(jsz, index === 1),
      ...volumeSeries(cluster, index),
    ];
    function originSeries(kind: string, labels: Readonly<Record<string, string>>): Series[] {
      // A follower shows what it knew when it last led, or that it has never led.
      const leads = labels.is_stream_leader === "true";
      return [
        series(`nats_stream_${kind}_lag`, labels, () => (leads ? 5 : 70_000)),
        series(`nats_stream_${kind}_active_duration_ns`, labels, () => (leads ? 4e8 : -1)),
      ];
    }
    function streamSeries(stream: Readonly<Record<string, unknown>>, base: object): Series[] {
      const labels = {
        ...base,
        account: "TFDC",
        stream_name: String(stream.name),
        stream_leader: servers[1] ?? "",
        is_stream_leader: String(index === 1),
      };
      const limit = /^(\d+)GiB$/.exec(String(stream.maxBytes))?.[1];
      const full = (limit === undefined ? 1 : Number(limit)) * GIBIBYTE;
      const bytes = stream.discard === "new" && limit !== undefined ? full / 2 : full;
      return [
        series("nats_stream_last_seq", labels, (m) => 1_000_000 + m * 60),
        series("nats_stream_total_bytes", labels, () => bytes),
        series("nats_stream_total_messages", labels, () => 500),
        series("nats_stream_limit_bytes", labels, () => (limit === undefined ? -1 : full)),
        ...(stream.mirror === undefined
          ? []
          : originSeries("mirror", { ...labels, mirror_name: "metrics_v1" })),
        ...(stream.sources === undefined
          ? []
          : originSeries("source", { ...labels, source_name: "alerts_v1" })),
      ];
    }
  });
  return perServer;

  function consumerSeries(jsz: object, leads: boolean): Series[] {
    const labels = {
      ...jsz,
      account: "TFDC",
      stream_name: "metrics_v1",
      consumer_name: "defender-consumer",
      consumer_leader: servers[1] ?? "",
      is_consumer_leader: String(leads),
    };
    return [
      // A follower's figure is not to be trusted.
      series("nats_consumer_num_pending", labels, () => (leads ? 5 : 70_000)),
      series("nats_consumer_num_ack_pending", labels, () => 3),
      series("nats_consumer_delivered_stream_seq", labels, (m) => 1_000_000 + m * 60),
    ];
  }

  function volumeSeries({ name, namespace, backup }: MonitoredCluster, index: number): Series[] {
    const claim = { namespace, persistentvolumeclaim: `data-${name}-${index}` };
    const foreign = (one: Series, labels: Readonly<Record<string, string>>) => ({ ...one, labels });
    const volume = [
      series("kubelet_volume_stats_capacity_bytes", {}, () => 200 * GIBIBYTE),
      series("kubelet_volume_stats_available_bytes", {}, () => 30 * GIBIBYTE),
    ].map((one) => foreign(one, claim));
    if (index > 0 || backup === undefined) {
      return volume;
    }
    const job = { namespace, cronjob: backup.cronJob };
    const hourly = (minute: number) => Math.floor(minute / 60) * 3600;
    return [
      ...volume,
      foreign(
        series("kube_cronjob_created", {}, () => 0),
        job,
      ),
      foreign(series("kube_cronjob_status_last_successful_time", {}, hourly), job),
    ];
  }
}

/** Changes the series of a metric that carry these labels. */
export function change(
  series: readonly Series[],
  metric: string | RegExp,
  labels: Readonly<Record<string, string>>,
  to: Change,
): Series[] {
  let met = 0;
  const changed = series.map((one) => {
    const isMetric = typeof metric === "string" ? one.metric === metric : metric.test(one.metric);
    if (!isMetric || Object.entries(labels).some(([name, value]) => one.labels[name] !== value)) {
      return one;
    }
    met += 1;
    return { ...one, values: one.values.map((value, minute) => to(value, minute)) };
  });
  if (met === 0) {
    throw new Error(`no series ${metric} with ${JSON.stringify(labels)}`);
  }
  return changed;
}

/** A change from one minute on until another. */
export function during(from: number, to: number, change: Change): Change {
  return (value, minute) => (minute >= from && minute < to ? change(value, minute) : value);
}

/** Series of their own beside the healthy ones. */
export function also(
  metric: string,
  labels: Readonly<Record<string, string>>,
  value: (minute: number) => number | undefined,
): Series {
  return {
    metric,
    labels,
    values: Array.from({ length: MINUTES }, (_, minute) => value(minute)),
  };
}
