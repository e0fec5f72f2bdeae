import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { AckPolicy, jetstream, jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "nats";
import { dashboard } from "../../../components/monitoring/dashboard/dashboard";
import { METRICS } from "../../../components/monitoring/metric-catalogue";
import { ruleGroups } from "../../../components/monitoring/rule-groups";
import { type DrawnSeries, drawDashboard } from "../../support/monitoring/dashboard-picture";
import { panelExpressions, ruleExpressions } from "../../support/monitoring/expressions";
import { BOUNDED, colour, RUNBOOKS } from "../../support/monitoring/test-clusters";
import {
  type FiringAlert,
  hastened,
  until,
  WatchedClusters,
} from "../../support/monitoring/watched-clusters";

const CLUSTERS = [colour("blue", { streams: BOUNDED }), colour("green")];
const GROUPS = hastened(ruleGroups(CLUSTERS, RUNBOOKS));
const [BLUE, GREEN] = [0, 1];
/** 161 GiB are reserved on blue by its declaration, and this is left for what has no limit. */
const LEFT = 8 * 2 ** 20;
/** Prometheus, exporters and servers share a machine with whatever else runs on it. */
const PATIENCE = 60_000;

describe("A real Prometheus that scrapes six real servers", function () {
  this.timeout(360_000);
  let watched: WatchedClusters;
  const clients: NatsConnection[] = [];

  before(async function () {
    this.timeout(300_000);
    watched = await WatchedClusters.start(CLUSTERS, ({ color }) => ({
      domain: color,
      jetstream:
        color === "blue"
          ? `max_file_store: ${161 * 2 ** 30 + LEFT}\nmax_memory_store: 1GB`
          : "max_file_store: 170GB\nmax_memory_store: 1GB",
      extra: "max_pending: 8MB",
    }));
    clients.push(...(await Promise.all(watched.clusters.map((cluster) => cluster.client()))));
    await consume(GREEN);
    await consume(BLUE);
  });

  after(async () => {
    await Promise.all(clients.map((client) => client.close().catch(() => {})));
    await watched?.stop();
  });

  const client = (index: number) => clients[index] as NatsConnection;
  const streamsOf = async (index: number) => (await jetstreamManager(client(index))).streams;

  /** A message in each stream, and a durable consumer that has got some and waits for none. */
  async function consume(index: number): Promise<void> {
    const { consumers } = await jetstreamManager(client(index));
    const js = jetstream(client(index));
    await consumers.add("metrics_v1", {
      durable_name: "defender-consumer",
      ack_policy: AckPolicy.Explicit,
    });
    await Promise.all(
      ["metrics.a", "metrics.b", "alerts.a", "events.a"].map((subject) => js.publish(subject, "x")),
    );
    const consumer = await js.consumers.get("metrics_v1", "defender-consumer");
    for (let count = 0; count < 2; count++) {
      (await consumer.next())?.ack();
    }
  }

  /** Waits until nothing has fired for a while: between two faults there may be a pause. */
  async function silence(within = PATIENCE): Promise<void> {
    const now = async () => (await watched.firing()).map(nameOf);
    let quietSince = Date.now();
    await until(
      "nothing fires",
      within,
      async () => {
        if ((await now()).length > 0) {
          quietSince = Date.now();
        }
        return Date.now() - quietSince > 6_000;
      },
      now,
    );
  }

  /** Waits until all of these have fired, by color, name and stream; nothing else may meanwhile. */
  async function fire(...wanted: readonly string[]): Promise<void> {
    await fireAmong(wanted);
  }

  /** The same, where some others may fire as well. */
  async function fireAmong(
    wanted: readonly string[],
    may: (name: string) => boolean = () => false,
  ): Promise<void> {
    const seen = new Set<string>();
    await until(
      `these alerts fire: ${wanted.join(", ")}`,
      PATIENCE,
      async () => {
        const firing = await watched.firing();
        for (const alert of firing) {
          assert.ok(wanted.includes(nameOf(alert)) || may(nameOf(alert)), JSON.stringify(alert));
          assert.doesNotMatch(JSON.stringify(alert.annotations), /\{\{|no value|error expanding/);
          seen.add(nameOf(alert));
        }
        return wanted.every((name) => seen.has(name));
      },
      async () => [...seen],
    );
  }

  function nameOf({ labels }: FiringAlert): string {
    const { alertname, color, stream } = labels;
    return [color, alertname, stream].filter((part) => part !== undefined).join(" ");
  }

  it("gets an answer of every exporter, by the reference's jobs", async () => {
    const up = { health: "up" };
    const wanted = ["nats-blue", "nats-green"].flatMap((job) => Array(3).fill({ job, ...up }));
    const sorted = async () => (await watched.targets()).sort((a, b) => a.job.localeCompare(b.job));
    await until(
      "all targets are up",
      PATIENCE,
      async () => JSON.stringify(await sorted()) === JSON.stringify(wanted),
      sorted,
    );
  });

  it("finds every metric of the catalogue at the exporter, with exactly the labels that it names", async () => {
    for (const { name, labels, source } of METRICS) {
      if (source.server === "exporter") {
        const found = await watched.query(name);
        assert.ok(found.length > 0, name);
        const own = Object.keys(found[0]?.metric ?? {}).filter(
          (label) => !["__name__", "nats_cluster", "color", "job", "instance"].includes(label),
        );
        // Prometheus keeps no label that is empty, such as the description of a consumer, or where the
        // API of an origin is that is on the same servers.
        const named = labels.filter((label) => !/^consumer_desc$|_(api|deliver)$/.test(label));
        assert.deepEqual(own.sort(), [...named].sort(), name);
      }
    }
  });

  for (const [where, expr] of [
    ...ruleExpressions(GROUPS).filter(([title]) => title.startsWith("record")),
    ...panelExpressions(dashboard()),
  ]) {
    it(`gets data for: ${where}`, async () => {
      await until(expr, PATIENCE, async () => (await watched.query(expr)).length > 0);
    });
  }

  it("gets data for every selector of every alert, but those of Kubernetes and of what is away", async () => {
    const selectors = new Set(
      ruleExpressions(GROUPS).flatMap(([, expr]) => expr.match(/[a-z_:]+\{[^}]*\}/g) ?? []),
    );
    for (const selector of selectors) {
      if (!selector.startsWith("kube")) {
        await until(selector, PATIENCE, async () => (await watched.query(selector)).length > 0);
      }
    }
  });

  it("fires nothing on health", async () => {
    await silence();
  });

  it("fires for a stream that is gone, one with a replica less, one that is full, and failed requests", async () => {
    const green = await streamsOf(GREEN);
    const deleted = (await green.info("events_v1")).config;
    const { config } = await green.info("KV_heartbeats");
    await green.delete("events_v1");
    await green.update("KV_heartbeats", { ...config, num_replicas: 1 });
    const js = jetstream(client(BLUE));
    await Promise.all(Array.from({ length: 950 }, () => js.publish("jobs", "x")));
    const failing = setInterval(() => {
      client(GREEN)
        .request("$JS.API.STREAM.INFO.nowhere", "", { timeout: 5000 })
        .catch(() => {});
    }, 50);
    try {
      await fire(
        "green NatsStreamMissing events.v1",
        "green NatsStreamReplicaMissing heartbeats",
        "blue NatsStreamNearLimit jobs",
        "green NatsApiErrors",
      );
    } finally {
      clearInterval(failing);
    }
    await green.add(deleted as StreamConfig);
    await green.update("KV_heartbeats", config);
    await (await streamsOf(BLUE)).purge("jobs");
    await silence();
  });

  it("fires for storage that fills and for what is reserved undeclared, and for who reads too slowly or not at all", async () => {
    const [blue, green] = [await streamsOf(BLUE), await streamsOf(GREEN)];
    const js = jetstream(client(BLUE));
    for (let count = 0; count < 16; count++) {
      await js.publish(`$KV.assignments_v1.big-${count}`, Buffer.alloc(500_000));
    }
    await green.add({ name: "undeclared", max_bytes: 9 * 2 ** 30, num_replicas: 3 });
    await jetstream(client(GREEN)).publish("metrics.c", "nobody asks for it");
    const [address = ""] = watched.clusters[GREEN]?.servers ?? [];
    const slow = await slowReader(address);
    // On the same server, so that no route carries it.
    const loud = await connect({ servers: address, ignoreClusterUpdates: true });
    const flood = setInterval(() => {
      for (let count = 0; count < 20; count++) {
        loud.publish("flood", Buffer.alloc(200_000));
      }
    }, 100);
    try {
      await fire(
        "blue NatsStorageHigh",
        "green NatsStorageReserved",
        "green NatsSlowConsumers",
        "green NatsConsumerStalled metrics.v1",
      );
    } finally {
      clearInterval(flood);
      await loud.close();
      slow.destroy();
    }
    await blue.purge("KV_assignments_v1");
    await green.delete("undeclared");
    const consumer = await jetstream(client(GREEN)).consumers.get(
      "metrics_v1",
      "defender-consumer",
    );
    (await consumer.next())?.ack();
    await silence();
  });

  it("fires for a server that is gone, of which only what sticks is left, then for the quorum, until all are back", async () => {
    const blue = watched.clusters[BLUE];
    await blue?.kill(2);
    // An election takes as long as ever, and so does a mirror that reads from another leader then:
    // that is minutes to these rules.
    const elects = (name: string) => /^blue Nats(Stream|NoMeta|Mirror|Source)/.test(name);
    await fireAmong(["blue NatsServersMissing"], elects);
    for (const { name, source } of METRICS.filter((one) => one.source.server === "exporter")) {
      const left = await watched.query(`${name}{server_id="nats-blue-2"}`);
      assert.equal(left.length > 0, source.sticks, `${name} of a server that is gone`);
    }
    await blue?.kill(1);
    await fireAmong(
      [
        "blue NatsQuorumLost",
        "blue NatsServersMissing",
        "blue NatsNoMetaLeader",
        "blue NatsServerUnhealthy",
      ],
      elects,
    );
    blue?.startServer(1);
    blue?.startServer(2);
    await blue?.settled(2 * PATIENCE);
    await silence(2 * PATIENCE);
  });

  it("fires for a server of another version, and for one whose JetStream is disabled", async () => {
    const blue = watched.clusters[BLUE];
    // A restart costs elections, and these rules count in seconds what others count in minutes.
    const restarts = (name: string) =>
      /^blue Nats(Stream|NoMeta|Meta|Mirror|Source|Servers|ServerUnhealthy|Route)/.test(name);
    await blue?.kill(2);
    blue?.startServer(2, "2.10.22");
    await fireAmong(["blue NatsVersionSkew"], restarts);
    let before = "";
    await blue?.kill(2);
    blue?.reconfigure(2, (conf) => {
      before = conf;
      return conf.replace(/jetstream \{[^}]*\}/, "");
    });
    blue?.startServer(2);
    await fireAmong(
      ["blue NatsJetStreamDisabled"],
      (name) => name === "blue NatsVersionSkew" || restarts(name),
    );
    await blue?.kill(2);
    blue?.reconfigure(2, () => before);
    blue?.startServer(2);
    await blue?.settled(2 * PATIENCE);
    await silence(2 * PATIENCE);
  });

  it("draws every panel from the data of all this", async () => {
    const board = dashboard();
    const seconds = 150;
    const drawn = new Map<string, DrawnSeries[]>();
    for (const { title, type, targets = [] } of board.panels) {
      const series = targets.map(async ({ expr, legendFormat }) =>
        (await watched.queryRange(expr.replaceAll("$color", ".*"), seconds)).map(
          ({ metric, values }): DrawnSeries => ({
            name: String(legendFormat).replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? ""),
            points: values.map(([time, value]) => [time, Number(value)]),
          }),
        ),
      );
      // A figure is of now: who led before is no leader.
      const isNow = (one: DrawnSeries) => (one.points.at(-1)?.[0] ?? 0) > Date.now() / 1000 - 3;
      const all = (await Promise.all(series)).flat();
      drawn.set(title, type === "stat" ? all.filter(isNow) : all);
      assert.ok(targets.length === 0 || (drawn.get(title) ?? []).length > 0, title);
    }
    const now = Date.now() / 1000;
    const html = drawDashboard(board, ({ title }) => drawn.get(title) ?? [], [now - seconds, now]);
    assert.doesNotMatch(html, /NaN|undefined|No data/);
    if (process.env.TFDC_NATS_PICTURE !== undefined) {
      writeFileSync(process.env.TFDC_NATS_PICTURE, html);
    }
  });

  it("fires once where nothing of a cluster answers any more", async () => {
    await watched.stopExporters(GREEN);
    await fire("green NatsMetricsMissing");
  });
});

/** A client that subscribes and never reads. */
async function slowReader(address: string): Promise<Socket> {
  const [host = "", port] = address.split(":");
  const socket = connectTcp({ host, port: Number(port) });
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  socket.write('CONNECT {"verbose":false}\r\nSUB flood 1\r\nPING\r\n');
  socket.on("error", () => {});
  return socket;
}
