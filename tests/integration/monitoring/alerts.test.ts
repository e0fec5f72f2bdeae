import { strict as assert } from "node:assert";
import type { AlertingRule } from "../../../components/monitoring/rule";
import { ruleGroups } from "../../../components/monitoring/rule-groups";
import { checkRules, expectRules } from "../../support/monitoring/promtool";
import { also, change, during, healthy, type Series } from "../../support/monitoring/series";
import { BOUNDED, colour, RUNBOOKS } from "../../support/monitoring/test-clusters";

const BLUE = colour("blue", {
  streams: BOUNDED,
  backup: { cronJob: "nats-backup-blue", maxAge: "2h" },
});
const GROUPS = ruleGroups([BLUE], RUNBOOKS);
const HEALTHY = healthy(BLUE);
const GIBIBYTE = 2 ** 30;

const server = (index: number) => ({ server_id: `nats-blue-${index}` });
const EMPTY: Readonly<Record<string, string>> = {};
const gone = () => undefined;
const is = (value: number) => () => value;
const LEADS = { is_stream_leader: "true" };

/** A fault from minute 30 to minute 60, and what fires at which minute. */
interface Scenario {
  readonly series: readonly Series[];
  /** The alerts that fire at a minute, all of them. */
  readonly firing: Readonly<Record<number, readonly string[]>>;
}

/** Changes the healthy cluster for the half hour of the fault. */
function fault(
  metric: string | RegExp,
  labels: Readonly<Record<string, string>>,
  to: (value: number | undefined, minute: number) => number | undefined,
  series: readonly Series[] = HEALTHY,
): Series[] {
  return change(series, metric, labels, during(30, 60, to));
}

/** A server that is gone: what sticks at its exporter stays, all else ends. */
function without(index: number, series: readonly Series[] = HEALTHY): Series[] {
  return fault(/^nats_(?!varz)/, server(index), gone, series);
}

const stream = (name: string) => ({ stream_name: name });

/** What the servers say of the meta leader, where it is not what they said before. */
function meta(
  to: (labels: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): Series[] {
  return HEALTHY.flatMap((one) => {
    if (one.metric !== "nats_server_jetstream_disabled") {
      return [one];
    }
    const changed = also(one.metric, { ...one.labels, ...to(one.labels) }, (m) =>
      m >= 30 && m < 60 ? 0 : undefined,
    );
    return Object.keys(to(one.labels)).length === 0
      ? [one]
      : [...change([one], one.metric, {}, during(30, 60, gone)), changed];
  });
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "NatsMetricsMissing where no exporter answers": {
    series: fault(/^(nats_|up$)/, {}, gone),
    firing: { 34: [], 36: ["NatsMetricsMissing"], 61: [] },
  },
  "NatsQuorumLost where two of three servers are gone, whatever sticks at their exporters": {
    series: without(1, without(2)),
    firing: {
      30: [],
      32: ["NatsQuorumLost"],
      36: ["NatsQuorumLost", "NatsServersMissing"],
      61: [],
    },
  },
  "NatsServersMissing where one server is gone, once and not for each stream": {
    series: without(2),
    firing: { 34: [], 36: ["NatsServersMissing"], 61: [] },
  },
  "NatsServerUnhealthy where a server says so, 1 being the bad value": {
    series: fault("nats_healthz_status", server(1), is(1)),
    firing: { 34: [], 36: ["NatsServerUnhealthy"], 61: [] },
  },
  "NatsJetStreamDisabled where a server has switched JetStream off": {
    series: fault("nats_server_jetstream_disabled", server(1), is(1)),
    firing: { 30: [], 32: ["NatsJetStreamDisabled"], 61: [] },
  },
  "NatsRouteMeshIncomplete where two servers have no route to each other": {
    series: fault(
      "nats_varz_remotes",
      server(0),
      is(1),
      fault("nats_varz_remotes", server(1), is(1)),
    ),
    firing: { 34: [], 36: ["NatsRouteMeshIncomplete", "NatsRouteMeshIncomplete"], 61: [] },
  },
  "NatsNoMetaLeader where no server knows one": {
    series: meta(() => ({ meta_leader: "", is_meta_leader: "false" })),
    firing: { 30: [], 32: ["NatsNoMetaLeader"], 61: [] },
  },
  "NatsNoMetaLeader where the only one that calls itself leader runs without JetStream": {
    series: meta(({ server_id }) => ({
      meta_leader: "",
      is_meta_leader: String(server_id === "nats-blue-2"),
    })),
    firing: { 32: ["NatsNoMetaLeader"], 61: [] },
  },
  "NatsMetaLeaderDisagreement where servers name different ones": {
    series: meta((labels) =>
      labels.server_id === "nats-blue-2"
        ? { meta_leader: "nats-blue-2", is_meta_leader: "true" }
        : EMPTY,
    ),
    firing: { 31: [], 33: ["NatsMetaLeaderDisagreement"], 61: [] },
  },
  "NatsMetaLeaderFlapping where the leader changes every five minutes": {
    series: HEALTHY.flatMap((one) => {
      if (one.metric !== "nats_server_jetstream_disabled") {
        return [one];
      }
      const index = Number(one.labels.server_id?.at(-1));
      // A leader change begins new series, which is why the rule looks at recorded ones.
      return [0, 1].map((leader) =>
        also(
          one.metric,
          {
            ...one.labels,
            meta_leader: `nats-blue-${leader}`,
            is_meta_leader: String(leader === index),
          },
          (m) => ((m >= 30 && m < 60 ? Math.floor(m / 5) % 2 : 0) === leader ? 0 : undefined),
        ),
      );
    }),
    firing: { 44: [], 56: ["NatsMetaLeaderFlapping"], 91: [] },
  },
  "NatsMetaBacklog where the meta leader does not keep up": {
    series: fault("nats_varz_jetstream_meta_pending", server(0), is(2000)),
    firing: { 34: [], 36: ["NatsMetaBacklog"], 61: [] },
  },
  "NatsStreamNoLeader where a stream's replicas agree on none": {
    series: change(
      [
        ...HEALTHY,
        ...[0, 1, 2].map((index) =>
          also(
            "nats_stream_last_seq",
            {
              ...(HEALTHY.find(
                ({ metric, labels }) =>
                  metric === "nats_stream_last_seq" &&
                  labels.stream_name === "events_v1" &&
                  labels.server_id === `nats-blue-${index}`,
              )?.labels ?? {}),
              stream_leader: "",
              is_stream_leader: "false",
            },
            (m) => (m >= 30 && m < 60 ? 1_000_000 : undefined),
          ),
        ),
      ],
      "nats_stream_last_seq",
      { stream_name: "events_v1", stream_leader: "nats-blue-1" },
      during(30, 60, gone),
    ),
    firing: { 31: [], 33: ["NatsStreamNoLeader"], 61: [] },
  },
  "NatsStreamMissing where somebody deleted it": {
    series: fault(/^nats_(stream|consumer)_/, stream("metrics_v1"), gone),
    firing: { 31: [], 33: ["NatsStreamMissing"], 61: [] },
  },
  "NatsStreamReplicaMissing where a server holds none, though all servers are up": {
    series: fault(/^nats_stream_/, { ...stream("KV_heartbeats"), ...server(2) }, gone),
    firing: { 34: [], 36: ["NatsStreamReplicaMissing"], 61: [] },
  },
  "NatsStreamReplicaLagging where a replica stands still, and through changes of the leader": {
    series: HEALTHY.flatMap((one) => {
      const isStream =
        one.metric === "nats_stream_last_seq" && one.labels.stream_name === "alerts_v1";
      if (!isStream) {
        return [one];
      }
      const index = Number(one.labels.server_id?.at(-1));
      return [0, 1].map((leader) =>
        also(
          one.metric,
          {
            ...one.labels,
            stream_leader: `nats-blue-${leader}`,
            is_stream_leader: String(leader === index),
          },
          (m) =>
            Math.floor(m / 3) % 2 !== leader
              ? undefined
              : 1_000_000 + 60 * (index === 2 && m >= 30 && m < 60 ? 30 : m),
        ),
      );
    }),
    // Four minutes of its 60 a minute make the 200 messages and what arrives in a minute.
    firing: { 35: [], 42: ["NatsStreamReplicaLagging"], 59: ["NatsStreamReplicaLagging"], 61: [] },
  },
  "NatsMirrorLagging where a mirror is behind its origin": {
    series: fault("nats_stream_mirror_lag", LEADS, is(1001)),
    firing: { 34: [], 36: ["NatsMirrorLagging"], 62: [] },
  },
  "NatsMirrorLagging where a mirror hears nothing from its origin, though it misses nothing yet": {
    series: fault("nats_stream_mirror_active_duration_ns", LEADS, (_, m) => (m - 29) * 6e10),
    firing: { 34: [], 36: ["NatsMirrorLagging"], 62: [] },
  },
  "NatsMirrorLagging where a mirror has never heard of its origin": {
    series: fault("nats_stream_mirror_active_duration_ns", LEADS, is(-1)),
    firing: { 34: [], 36: ["NatsMirrorLagging"], 62: [] },
  },
  "NatsSourceLagging where a stream is behind what it gathers": {
    series: fault("nats_stream_source_lag", LEADS, is(1001)),
    firing: { 34: [], 36: ["NatsSourceLagging"], 62: [] },
  },
  "NatsSourceLagging where a stream hears nothing of a source": {
    series: fault("nats_stream_source_active_duration_ns", LEADS, is(-1)),
    firing: { 34: [], 36: ["NatsSourceLagging"], 62: [] },
  },
  "NatsStreamNearLimit where a stream that refuses at its limit comes near it": {
    series: change(
      fault("nats_stream_total_messages", stream("jobs"), is(950)),
      "nats_stream_total_bytes",
      stream("orders"),
      (_, m) => (m >= 30 && m < 60 ? 0.95 : 0.5) * GIBIBYTE,
    ),
    firing: { 39: [], 41: ["NatsStreamNearLimit", "NatsStreamNearLimit"], 61: [] },
  },
  "NatsStorageHigh where streams without a limit fill what is left, first to warn": {
    series: fault("nats_varz_jetstream_stats_storage", server(1), is(168 * GIBIBYTE)),
    firing: { 39: [], 41: ["NatsStorageHigh"], 61: [] },
  },
  "NatsStorageHigh at once as a warning and as a page above 90 %": {
    series: fault("nats_varz_jetstream_stats_storage", server(1), is(169.9 * GIBIBYTE)),
    firing: { 41: ["NatsStorageHigh", "NatsStorageHigh"], 61: [] },
  },
  "NatsStorageReserved where somebody reserved what is not declared": {
    series: fault("nats_varz_jetstream_stats_reserved_storage", server(1), is(166 * GIBIBYTE)),
    firing: { 39: [], 41: ["NatsStorageReserved"], 61: [] },
  },
  "NatsVolumeFilling where a volume has little left": {
    series: fault(
      "kubelet_volume_stats_available_bytes",
      { persistentvolumeclaim: "data-nats-blue-1" },
      is(9 * GIBIBYTE),
    ),
    firing: { 39: [], 41: ["NatsVolumeFilling", "NatsVolumeFilling"], 61: [] },
  },
  "NatsConsumerStalled where messages wait and none is delivered": {
    series: fault(
      "nats_consumer_delivered_stream_seq",
      {},
      () => 1_000_000,
      fault("nats_consumer_num_pending", { is_consumer_leader: "true" }, is(500)),
    ),
    firing: { 38: [], 41: ["NatsConsumerStalled"], 61: [] },
  },
  "NatsSlowConsumers where a client was cut off, until ten minutes later": {
    series: change(HEALTHY, "nats_varz_slow_consumers", server(0), (_, m) => (m >= 30 ? 2 : 0)),
    firing: { 29: [], 31: ["NatsSlowConsumers"], 38: ["NatsSlowConsumers"], 42: [] },
  },
  "NatsApiErrors where one request in two fails": {
    series: change(HEALTHY, "nats_varz_jetstream_stats_api_errors", server(0), (_, m) =>
      m < 30 ? 0 : Math.min(m - 29, 30) * 30,
    ),
    firing: { 29: [], 35: ["NatsApiErrors"], 72: [] },
  },
  "NatsVersionSkew where a roll has stood still for an hour": {
    series: [
      ...change(HEALTHY, "nats_varz_version", server(2), (_, m) =>
        m >= 30 && m < 110 ? undefined : 1,
      ),
      also(
        "nats_varz_version",
        { nats_cluster: "nats-blue", color: "blue", ...server(2), value: "2.10.22" },
        (m) => (m >= 30 && m < 110 ? 1 : undefined),
      ),
    ],
    firing: { 60: [], 91: ["NatsVersionSkew"], 111: [] },
  },
  "NatsBackupStale where the last good backup is too old": {
    series: change(HEALTHY, "kube_cronjob_status_last_successful_time", {}, (_, m) =>
      m >= 200 ? 200 * 60 : 0,
    ),
    firing: { 119: [], 127: ["NatsBackupStale"], 202: [] },
  },
  "NatsBackupStale where there has never been a good one": {
    series: HEALTHY.filter(({ metric }) => metric !== "kube_cronjob_status_last_successful_time"),
    firing: { 100: [], 127: ["NatsBackupStale"] },
  },
  "NatsBackupStale where there is no such CronJob": {
    series: HEALTHY.filter(({ metric }) => !metric.startsWith("kube_cronjob")),
    firing: { 4: [], 6: ["NatsBackupStale"] },
  },
};

describe("The alerting rules", function () {
  this.timeout(60_000);
  const alerts = GROUPS.flatMap(({ rules }) => rules).filter(
    (rule): rule is AlertingRule => "alert" in rule,
  );

  before(async function () {
    this.timeout(300_000);
    await checkRules([]);
  });

  it("pass promtool's checks without a word", async () => {
    const { code, stdout, stderr } = await checkRules(GROUPS);
    assert.equal(code, 0, stdout + stderr);
  });

  it("are all silent for four hours on a healthy cluster whose streams are full by design", async () => {
    const minutes = Array.from({ length: 47 }, (_, index) => index * 5);
    await expectRules(
      GROUPS,
      HEALTHY,
      minutes.flatMap((minute) => alertsAt(minute, [])),
    );
  });

  it("each have a scenario that makes them fire", () => {
    const fired = Object.values(SCENARIOS).flatMap(({ firing }) => Object.values(firing).flat());
    assert.deepEqual(
      [...new Set(fired)].sort(),
      [...new Set(alerts.map(({ alert }) => alert))].sort(),
    );
  });

  for (const [title, { series, firing }] of Object.entries(SCENARIOS)) {
    it(`fire ${title}`, async () => {
      await expectRules(
        GROUPS,
        series,
        Object.entries(firing).flatMap(([minute, names]) => alertsAt(Number(minute), names)),
      );
    });
  }

  function alertsAt(minute: number, names: readonly string[]) {
    const samples = [...new Set(names)].map((name) => ({
      labels: `{alertname="${name}"}`,
      value: names.filter((one) => one === name).length,
    }));
    return [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', minute, samples }];
  }
});
