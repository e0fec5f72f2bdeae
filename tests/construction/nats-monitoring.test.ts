import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { parse } from "yaml";
import { NatsMonitoring, type NatsMonitoringArgs, PropertyProblems } from "../../components/index";
import { dashboard } from "../../components/monitoring/dashboard/dashboard";
import { ruleGroups } from "../../components/monitoring/rule-groups";
import { buckets, streams } from "../../topology";
import { colour, RUNBOOKS } from "../support/monitoring/test-clusters";
import { type Registration, recordRegistrations } from "../support/registrations";

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const POD_MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";
const RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule";

const ARGS: NatsMonitoringArgs = {
  clusters: [
    { colour: "blue", streams, buckets },
    { colour: "green", streams, buckets },
  ],
  runbooks: RUNBOOKS,
};
const GROUPS = ruleGroups([colour("blue"), colour("green")], RUNBOOKS);

const PROMETHEUS_YML = `rule_files:
  - nats.rules.yml
scrape_configs:
  - job_name: nats-blue
    static_configs:
      - targets:
          - nats-blue-0.nats-blue.tfdc.svc.cluster.local:7777
          - nats-blue-1.nats-blue.tfdc.svc.cluster.local:7777
          - nats-blue-2.nats-blue.tfdc.svc.cluster.local:7777
        labels:
          nats_cluster: nats-blue
          color: blue
    metrics_path: /metrics
  - job_name: nats-green
    static_configs:
      - targets:
          - nats-green-0.nats-green.tfdc.svc.cluster.local:7777
          - nats-green-1.nats-green.tfdc.svc.cluster.local:7777
          - nats-green-2.nats-green.tfdc.svc.cluster.local:7777
        labels:
          nats_cluster: nats-green
          color: green
    metrics_path: /metrics
`;

describe("NatsMonitoring", function () {
  this.timeout(60_000);
  let registered: Registration[];

  beforeEach(async () => {
    registered = await recordRegistrations("tfdc-nats", "monitoring");
  });

  /** Makes the component and waits for its objects. */
  async function made(args: NatsMonitoringArgs): Promise<void> {
    const before = registered.length;
    new NatsMonitoring("nats", args);
    const wanted = args.operator === true ? 2 + args.clusters.length : 2;
    while (registered.length < before + wanted + 1) {
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  const inputsOf = (name: string) =>
    registered.find((one) => one.name === name)?.inputs as Record<string, unknown> | undefined;

  it("makes the reference's ConfigMap and the dashboard, and needs no operator", async () => {
    await made(ARGS);
    assert.deepEqual(registered.map(({ type, name }) => [type, name]).sort(), [
      [CONFIG_MAP, "nats-config"],
      [CONFIG_MAP, "nats-dashboard"],
      ["tfdc-nats:index:NatsMonitoring", "nats"],
    ]);
    const { data, ...rest } = inputsOf("nats-config") as { data: Record<string, string> };
    assert.deepEqual(rest, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "prometheus-nats-exporter",
        namespace: "monitoring",
        labels: { "app.kubernetes.io/part-of": "tfdc-nats" },
      },
    });
    assert.deepEqual(Object.keys(data).sort(), ["nats.rules.yml", "prometheus.yml"]);
    assert.equal(data["prometheus.yml"], PROMETHEUS_YML);
    assert.deepEqual(
      parse(data["nats.rules.yml"] ?? ""),
      JSON.parse(JSON.stringify({ groups: GROUPS })),
    );
  });

  it("ships the dashboard once for all colours, where Grafana's sidecar finds it", async () => {
    await made(ARGS);
    const { data, ...rest } = inputsOf("nats-dashboard") as { data: Record<string, string> };
    assert.deepEqual(rest, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "nats-dashboard",
        namespace: "monitoring",
        labels: { "app.kubernetes.io/part-of": "tfdc-nats", grafana_dashboard: "1" },
      },
    });
    assert.deepEqual(Object.keys(data), ["nats-blue-green.json"]);
    assert.deepEqual(JSON.parse(data["nats-blue-green.json"] ?? ""), dashboard());
    // The most that a ConfigMap holds.
    assert.ok(JSON.stringify(data).length < 1024 * 1024);
  });

  it("makes a PodMonitor for each colour and one PrometheusRule for the operator", async () => {
    const labels = { release: "kube-prometheus-stack" };
    await made({ ...ARGS, operator: true, namespace: "observability", labels });
    assert.deepEqual(registered.map(({ type, name }) => [type, name]).sort(), [
      [CONFIG_MAP, "nats-dashboard"],
      [POD_MONITOR, "nats-pods-blue"],
      [POD_MONITOR, "nats-pods-green"],
      [RULE, "nats-rules"],
      ["tfdc-nats:index:NatsMonitoring", "nats"],
    ]);
    const metadata = {
      namespace: "observability",
      labels: { "app.kubernetes.io/part-of": "tfdc-nats", ...labels },
    };
    assert.deepEqual(inputsOf("nats-pods-blue"), {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: { name: "nats-blue", ...metadata },
      spec: {
        namespaceSelector: { matchNames: ["tfdc"] },
        selector: { matchLabels: { app: "nats", cluster: "blue" } },
        podMetricsEndpoints: [
          {
            port: "metrics",
            path: "/metrics",
            interval: "30s",
            relabelings: [
              { targetLabel: "nats_cluster", replacement: "nats-blue" },
              { targetLabel: "color", replacement: "blue" },
            ],
          },
        ],
      },
    });
    assert.deepEqual(inputsOf("nats-rules"), {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: "nats", ...metadata },
      spec: JSON.parse(JSON.stringify({ groups: GROUPS })),
    });
  });

  it("refuses what it cannot watch, all of it at once", () => {
    const declare = () =>
      new NatsMonitoring("nats", {
        clusters: [
          { colour: "Blue", servers: 0, streams: { "a.b": { maxAge: "soon" } } },
          { colour: "green", backup: { cronJob: "Backup", maxAge: "often" } },
          { colour: "green" },
        ],
        runbooks: "docs/runbooks/",
      });
    assert.throws(declare, (error) => {
      assert.ok(error instanceof PropertyProblems);
      assert.deepEqual(
        error.errors?.map(({ propertyPath, reason }) => [propertyPath, reason]).slice(0, -1),
        [
          [
            "runbooks",
            `'runbooks' is "docs/runbooks/": it must be the address of a folder, without a slash at its end; use "https://git.example.com/tfdc/nats/docs/runbooks" or the like`,
          ],
          [
            "clusters[0].name",
            `'clusters[0].name' is "nats-Blue": it must be lower-case letters, digits and '-'; use "nats-blue"`,
          ],
          [
            "clusters[0].colour",
            `'clusters[0].colour' is "Blue": it must be lower-case letters, digits and '-'; use "blue"`,
          ],
          ["clusters[0].servers", "'clusters[0].servers' is 0: it must be a whole number; use 3"],
          [
            "clusters[1].backup.cronJob",
            `'clusters[1].backup.cronJob' is "Backup": it must be the name of a CronJob; correct it`,
          ],
          [
            "clusters[1].backup.maxAge",
            `'clusters[1].backup.maxAge' is "often": it must be a duration; use "26h"`,
          ],
          [
            "clusters[2].name",
            `'clusters[2].name' is "nats-green": another cluster has it, and their series would be mixed up; give each its own`,
          ],
        ],
      );
      assert.equal(error.errors?.at(-1)?.propertyPath, 'clusters[0].streams["a.b"].maxAge');
      return true;
    });
  });

  it("refuses to watch nothing", () => {
    assert.throws(
      () => new NatsMonitoring("nats", { ...ARGS, clusters: [] }),
      /'clusters' is \[\]: there is nothing to watch; name a cluster/,
    );
  });

  it("costs nobody another package than Pulumi's who imports ours for its streams", () => {
    const code = `require("@pulumi/pulumi");
      const pulumis = new Set(Object.keys(require.cache));
      require("@tfdc/pulumi-nats");
      const added = Object.keys(require.cache).filter((path) => !pulumis.has(path));
      console.log(added.length > 0, added.filter((path) => path.includes("node_modules")).join());`;
    const printed = execFileSync(process.execPath, ["-e", code], {
      cwd: resolve(__dirname, "../.."),
      encoding: "utf8",
    });
    assert.equal(printed.trim(), "true");
  });
});
