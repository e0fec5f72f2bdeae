import { ruleGroups } from "../../../components/monitoring/rule-groups";
import { type Expectation, expectRules } from "../../support/monitoring/promtool";
import { also, change, during, healthy, type Series } from "../../support/monitoring/series";
import { colour, RUNBOOKS } from "../../support/monitoring/test-clusters";

const CLUSTERS = [colour("blue"), colour("green")];
const GROUPS = ruleGroups(CLUSTERS, RUNBOOKS);
const HEALTHY = CLUSTERS.flatMap(healthy);
const GIBIBYTE = 2 ** 30;

const BLUE = 'cluster="blue", color="blue", nats_cluster="nats-blue"';
const METRICS_STREAM = 'stream="metrics.v1", stream_name="metrics_v1"';

describe("The recording rules", function () {
  this.timeout(300_000);

  /** Holds what one expression gives for blue at a minute. */
  async function expect(
    series: readonly Series[],
    ...expectations: readonly (readonly [expr: string, minute: number, ...Expectation["samples"]])[]
  ): Promise<void> {
    await expectRules(
      GROUPS,
      series,
      expectations.map(([expr, minute, ...samples]) => ({ expr, minute, samples })),
    );
  }

  const value = (expr: string, minute: number, is: number) =>
    [expr, minute, { labels: "{}", value: is }] as const;

  it("give every name of the reference its meaning, with the labels that it has there", async () => {
    const named = (name: string, is: number) =>
      [`${name}{cluster="blue"}`, 20, { labels: `${name}{${BLUE}}`, value: is }] as const;
    await expect(
      HEALTHY,
      named("nats_core_total_connections", 60),
      named("nats_core_connection_count", 150),
      named("nats_core_msg_in_count", 36_000),
      named("nats_core_msg_out_count", 72_000),
      named("nats_core_msg_bytes_in", 3_600_000),
      named("nats_core_msg_bytes_out", 7_200_000),
      named("nats_jetstream_streams", 6),
      named("nats_jetstream_consumers", 1),
      named("nats_core_cluster_size", 3),
      named("nats_core_routes", 2),
      [
        'nats_jetstream_storage_bytes{cluster="blue",stream="metrics.v1"}',
        20,
        {
          labels: `nats_jetstream_storage_bytes{account="TFDC", ${BLUE}, ${METRICS_STREAM}}`,
          value: 50 * GIBIBYTE,
        },
      ],
      [
        'nats_jetstream_consumer_num_pending{cluster="blue"}',
        20,
        {
          labels: `nats_jetstream_consumer_num_pending{account="TFDC", ${BLUE}, consumer_name="defender-consumer", ${METRICS_STREAM}}`,
          value: 5,
        },
      ],
    );
  });

  it("count a stream once, though three servers show it", async () => {
    await expect(HEALTHY, value('count(nats_jetstream_storage_bytes{cluster="blue"})', 20, 6));
  });

  it("count the consumers of a cluster without any as none, and do not end", async () => {
    const series = HEALTHY.filter(({ metric }) => !metric.startsWith("nats_consumer"));
    await expect(series, value('sum(nats_jetstream_consumers{cluster="blue"})', 20, 0));
  });

  it("count the living servers, though the meta group and the exporter know the dead one", async () => {
    const dead = { server_id: "nats-blue-2" };
    const series = [
      ...change(
        HEALTHY,
        /^nats_(?!varz)/,
        dead,
        during(30, 60, () => undefined),
      ),
      also(
        "nats_varz_jetstream_meta_cluster_size",
        { nats_cluster: "nats-blue", color: "blue", ...dead },
        () => 3,
      ),
    ];
    await expect(
      change(
        series,
        "nats_varz_remotes",
        dead,
        during(30, 60, () => 0),
      ),
      value('sum(nats_core_cluster_size{cluster="blue"})', 29, 3),
      value('sum(nats_core_cluster_size{cluster="blue"})', 31, 2),
      value('sum(nats_core_routes{cluster="blue"})', 31, 2),
      value('sum(nats_core_cluster_size{cluster="blue"})', 61, 3),
    );
  });

  it("take the consumer leader's word for what is pending, and not a follower's", async () => {
    await expect(
      HEALTHY,
      value("max(nats_consumer_num_pending)", 20, 70_000),
      value("max(nats_jetstream_consumer_num_pending)", 20, 5),
    );
  });

  it("do not count a server without JetStream as meta leader, though it calls itself one", async () => {
    const alone = (labels: Readonly<Record<string, string>>, from: number, to: number) =>
      also("nats_server_jetstream_disabled", labels, (m) => (m >= from && m < to ? 1 : undefined));
    const labels = {
      nats_cluster: "nats-blue",
      color: "blue",
      server_id: "nats-blue-2",
      meta_leader: "",
      is_meta_leader: "true",
    };
    const series = change(
      HEALTHY,
      "nats_server_jetstream_disabled",
      { server_id: "nats-blue-2" },
      during(30, 60, () => undefined),
    );
    await expect(
      [...series, alone(labels, 30, 60)],
      value(
        'count(nats_server_jetstream_disabled{is_meta_leader="true",nats_cluster="nats-blue"})',
        31,
        2,
      ),
      value('sum(nats:server_is_meta_leader:bool{nats_cluster="nats-blue"})', 31, 1),
    );
  });

  it("keep a rate steady while a server restarts, which the reference's own expression cannot", async () => {
    const restarted = change(HEALTHY, "nats_varz_in_msgs", { server_id: "nats-blue-0" }, (_, m) =>
      m < 30 ? m * 600 : (m - 30) * 600,
    );
    await expect(
      restarted,
      value('sum(nats:in_msgs:rate5m{nats_cluster="nats-blue"}) <= bool 30', 32, 1),
      value('sum(rate(nats_core_msg_in_count{cluster="blue"}[5m])) > bool 100', 32, 1),
    );
  });

  it("are not led astray by a target label `cluster` that renames the exporter's own", async () => {
    const renamed = HEALTHY.map((one) =>
      one.metric.startsWith("nats_")
        ? { ...one, labels: { ...one.labels, cluster: "prod-eu", exported_cluster: "nats" } }
        : one,
    );
    await expect(renamed, value('sum(nats_core_cluster_size{cluster="blue"})', 20, 3));
  });
});
