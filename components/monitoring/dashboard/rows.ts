import { BY_CLUSTER, BY_CONSUMER, BY_STREAM } from "../promql";
import type { Panel, Row, Step } from "./panel";

/** The colours that the viewer has chosen. */
const CHOSEN = '{color=~"$color"}';

const series = (metric: string): string => `${metric}${CHOSEN}`;

/** A metric that sticks, of the servers that answer. */
const living = (metric: string): string =>
  `(${series(metric)} and on (nats_cluster, server_id) ${series("nats_server_jetstream_disabled")})`;

const rate = (metric: string): string => `rate(${series(metric)}[5m])`;

const good = (from: number): Step => ({ from, color: "green" });
const below: Step = { from: null, color: "red" };
const NONE_IS_GOOD: readonly Step[] = [
  { from: null, color: "green" },
  { from: 1, color: "red" },
];
const FILLING: readonly Step[] = [
  { from: null, color: "green" },
  { from: 0.95, color: "orange" },
  { from: 0.98, color: "red" },
];

function lines(
  title: string,
  description: string,
  unit: Panel["unit"],
  ...queries: readonly (readonly [expr: string, legend: string])[]
): Panel {
  return {
    kind: "timeseries",
    title,
    description,
    unit,
    width: 8,
    queries: queries.map(([expr, legend]) => ({ expr, legend })),
  };
}

function figure(
  title: string,
  description: string,
  expr: string,
  { legend = "{{color}}", ...more }: Partial<Panel> & { readonly legend?: string } = {},
): Panel {
  return {
    kind: "stat",
    title,
    description,
    unit: "short",
    width: 4,
    queries: [{ expr, legend }],
    ...more,
  };
}

/** A figure for each colour that the exporters know, 0 where there is nothing to count. */
const orNone = (expr: string): string =>
  `${expr} or count by (color) (${series("nats_server_jetstream_disabled")}) * 0`;

/** What somebody who has just been woken needs: is it this, which colour, since when. */
function now(servers: number): Row {
  const quorum = Math.floor(servers / 2) + 1;
  return {
    title: "Now",
    height: 5,
    panels: [
      figure(
        "Cluster Health",
        `Servers that answer, of ${servers}. ${quorum} are the quorum.`,
        `sum by (color) (${series("nats_core_cluster_size")})`,
        {
          steps: [below, { from: quorum, color: "orange" }, good(servers)],
          noValue: "no server answers",
        },
      ),
      figure(
        "Alerts",
        "Alerts of the cluster that fire.",
        orNone('count by (color) (ALERTS{alertstate="firing",nats_cluster!="",color=~"$color"})'),
        { steps: NONE_IS_GOOD },
      ),
      figure(
        "Meta Leader",
        "The server that places streams and consumers. Two names are two halves of a cluster.",
        `max by (color, meta_leader) (nats_server_jetstream_disabled{meta_leader!="",color=~"$color"})`,
        { legend: "{{meta_leader}}", showName: true, noValue: "no leader" },
      ),
      figure(
        "Unhealthy Servers",
        "Servers that answer and whose /healthz is not ok.",
        `sum by (color) (${series("nats_healthz_status")})`,
        { steps: NONE_IS_GOOD },
      ),
      figure(
        "Storage Reserved",
        "Of max_file_store, on the fullest server. What streams with a limit reserve is theirs, used or not.",
        `max by (color) (${living("nats_varz_jetstream_stats_reserved_storage")} / ${living("nats_varz_jetstream_config_max_storage")})`,
        { unit: "percentunit", steps: FILLING },
      ),
      figure(
        "Slow Clients (1 h)",
        "Connections that servers cut within the last hour, for reading too slowly.",
        `sum by (color) (increase(${series("nats_varz_slow_consumers")}[1h]))`,
        { steps: NONE_IS_GOOD },
      ),
    ],
  };
}

const BOTH: Row = {
  title: "Both colours",
  height: 8,
  panels: [
    {
      ...lines(
        "Message Rate by Cluster",
        "Messages a second that the servers take in and give out, routes between them included.",
        "cps",
        [series("nats:in_msgs:rate5m"), "{{color}} in"],
        [series("nats:out_msgs:rate5m"), "{{color}} out"],
      ),
      width: 12,
    },
    {
      ...lines(
        "Storage Usage by Stream",
        "Bytes of one replica of each stream and bucket.",
        "bytes",
        [series("nats_jetstream_storage_bytes"), "{{color}} {{stream}}"],
      ),
      width: 12,
    },
    {
      ...lines(
        "Consumer Lag",
        "Messages that a consumer has not got yet, as its leader counts them.",
        "short",
        [series("nats_jetstream_consumer_num_pending"), "{{color}} {{stream}} {{consumer_name}}"],
      ),
      width: 12,
    },
    lines(
      "Data Rate by Cluster",
      "Bytes a second in and out, routes included.",
      "Bps",
      [`sum by (color) (${rate("nats_varz_in_bytes")})`, "{{color}} in"],
      [`sum by (color) (${rate("nats_varz_out_bytes")})`, "{{color}} out"],
    ),
    {
      ...figure(
        "Streams and Consumers",
        "How many there are, each counted once.",
        series("nats_jetstream_streams"),
      ),
      queries: [
        { expr: series("nats_jetstream_streams"), legend: "{{color}} streams" },
        { expr: series("nats_jetstream_consumers"), legend: "{{color}} consumers" },
      ],
    },
  ],
};

const META: Row = {
  title: "Meta and Raft",
  height: 7,
  panels: [
    {
      ...lines(
        "Meta Leader over Time",
        "Which server leads. Changes in a row are a fault.",
        "none",
        [series("nats:server_is_meta_leader:bool"), "{{server_id}}"],
      ),
      kind: "state-timeline",
      words: { 0: "follows", 1: "leads" },
      steps: [
        { from: null, color: "blue" },
        { from: 1, color: "green" },
      ],
    },
    {
      ...lines("Server Health over Time", "What /healthz of each server says.", "none", [
        series("nats_healthz_status"),
        "{{server_id}}",
      ]),
      kind: "state-timeline",
      words: { 0: "ok", 1: "not ok" },
      steps: NONE_IS_GOOD,
    },
    {
      ...lines("Peers that a Server Reaches", "One less than there are servers.", "short", [
        living("nats_varz_remotes"),
        "{{server_id}}",
      ]),
    },
    lines("Changes that Wait for the Meta Leader", "From 10,000 on they are dropped.", "short", [
      living("nats_varz_jetstream_meta_pending"),
      "{{server_id}}",
    ]),
    lines(
      "Raft Groups",
      "Groups that a server is a member of; more than 1,000 are many.",
      "short",
      [living("nats_varz_jetstream_stats_ha_assets"), "{{server_id}}"],
    ),
    lines(
      "Servers the Meta Group Knows",
      "Alive or not. One that was removed for good must be taken out of the group.",
      "short",
      [`max by (color) (${living("nats_varz_jetstream_meta_cluster_size")})`, "{{color}} known"],
      [series("nats_core_cluster_size"), "{{color}} answer"],
    ),
  ],
};

const STREAMS: Row = {
  title: "Streams",
  height: 8,
  panels: [
    lines("Messages Stored a Second", "By stream.", "cps", [
      `rate(${series("nats:stream_last_seq:max")}[5m])`,
      "{{color}} {{stream_name}}",
    ]),
    lines(
      "Share of its Limit",
      "Bytes of maxBytes. A stream that drops its oldest stays at 100 %.",
      "percentunit",
      [
        `max by (${BY_STREAM}) (${series("nats_stream_total_bytes")} / (${series("nats_stream_limit_bytes")} > 0))`,
        "{{color}} {{stream_name}}",
      ],
    ),
    lines(
      "Replica Lag",
      "Messages between the foremost and the hindmost replica; scrapes apart make a few.",
      "short",
      [
        `${series("nats:stream_last_seq:max")} - ${series("nats:stream_last_seq:min")}`,
        "{{color}} {{stream_name}}",
      ],
    ),
    lines("Replicas", "Servers that hold the stream.", "short", [
      `count by (${BY_STREAM}) (${series("nats_stream_last_seq")})`,
      "{{color}} {{stream_name}}",
    ]),
    lines("Stream Leaders by Server", "The work is even where these are.", "short", [
      `count by (${BY_CLUSTER}, server_id) (nats_stream_last_seq{is_stream_leader="true",color=~"$color"})`,
      "{{server_id}}",
    ]),
    lines("Replicas by Server", "Of streams and buckets.", "short", [
      `sum by (${BY_CLUSTER}, server_id) (${series("nats_server_total_streams")})`,
      "{{server_id}}",
    ]),
  ],
};

const leaders = (metric: string): string =>
  `max by (${BY_CONSUMER}) (${metric}{is_consumer_leader="true",color=~"$color"})`;
const CONSUMER = "{{color}} {{stream_name}} {{consumer_name}}";

const CONSUMERS: Row = {
  title: "Consumers",
  height: 8,
  panels: [
    lines("Delivered a Second", "Progress in the stream.", "cps", [
      `rate(${series("nats:consumer_delivered_stream_seq:max")}[5m])`,
      CONSUMER,
    ]),
    lines(
      "Waiting for Acknowledgement",
      "At the consumer's maxAckPending it is given no more.",
      "short",
      [leaders("nats_consumer_num_ack_pending"), CONSUMER],
    ),
    lines("Redelivered", "Messages under way for the second time or more.", "short", [
      leaders("nats_consumer_num_redelivered"),
      CONSUMER,
    ]),
  ],
};

const SERVERS: Row = {
  title: "Servers",
  height: 8,
  panels: [
    lines("CPU", "Of the cores that the server may use.", "percentunit", [
      // `cpu` is in percent of one core.
      `${living("nats_varz_cpu")} / 100 / ${living("nats_varz_gomaxprocs")}`,
      "{{server_id}}",
    ]),
    lines("Memory", "Resident.", "bytes", [living("nats_varz_mem"), "{{server_id}}"]),
    lines("Storage", "Bytes of file streams, of max_file_store.", "percentunit", [
      `${living("nats_varz_jetstream_stats_storage")} / (${living("nats_varz_jetstream_config_max_storage")} > 0)`,
      "{{server_id}}",
    ]),
    lines("Connections", "Of clients.", "short", [
      living("nats_varz_connections"),
      "{{server_id}}",
    ]),
    lines("New Connections a Second", "Clients that come back again and again show here.", "cps", [
      rate("nats_varz_total_connections"),
      "{{server_id}}",
    ]),
    lines("Subscriptions", "Of clients, and the server's own.", "short", [
      living("nats_varz_subscriptions"),
      "{{server_id}}",
    ]),
    lines("Bytes that Wait for Clients", "A client that stays far behind is cut off.", "bytes", [
      series("nats_connz_pending_bytes"),
      "{{server_id}}",
    ]),
    lines(
      "JetStream API",
      "Requests a second, and those that failed.",
      "cps",
      [`sum by (color) (${rate("nats_varz_jetstream_stats_api_total")})`, "{{color}} requests"],
      [`sum by (color) (${rate("nats_varz_jetstream_stats_api_errors")})`, "{{color}} errors"],
    ),
    lines("Messages a Second", "In and out, routes included.", "cps", [
      `${rate("nats_varz_in_msgs")} + ${rate("nats_varz_out_msgs")}`,
      "{{server_id}}",
    ]),
    lines("Up Since", "Age of the process.", "s", [
      `time() - ${living("nats_varz_start")} / 1000`,
      "{{server_id}}",
    ]),
    lines("Versions", "Servers of each version of nats-server.", "short", [
      `count by (color, value) ${living("nats_varz_version")}`,
      "{{color}} {{value}}",
    ]),
    lines("Stream Messages", "Messages of each stream.", "short", [
      `max by (${BY_STREAM}) (${series("nats_stream_total_messages")})`,
      "{{color}} {{stream_name}}",
    ]),
  ],
};

/** The board from top to bottom. */
export function rows(servers: number): Row[] {
  return [now(servers), BOTH, META, STREAMS, CONSUMERS, SERVERS];
}
