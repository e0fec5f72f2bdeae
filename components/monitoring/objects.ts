import { dashboard } from "./dashboard/dashboard";
import { EXPORTER_PORT_NAME } from "./exporter";
import type { MonitoredCluster } from "./monitored-cluster";
import { ruleGroups } from "./rule-groups";
import { prometheusConfig, RULES_FILE, targetLabels } from "./scrape-config";

/** What the monitoring of all clusters is made from. */
export interface MonitoringSettings {
  readonly clusters: readonly MonitoredCluster[];
  readonly runbooks: string;
  readonly namespace: string;
  /** Whether the objects are those of the Prometheus operator. */
  readonly operator: boolean;
  /** Labels by which the operator's Prometheus chooses its objects. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels by which Grafana's sidecar finds a dashboard. */
  readonly dashboardLabels: Readonly<Record<string, string>>;
}

/** An object of Kubernetes, as plain data. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

const OWN_LABELS = { "app.kubernetes.io/part-of": "tfdc-nats" };
const OPERATOR = "monitoring.coreos.com/v1";
const CONFIG_MAP = "prometheus-nats-exporter";

/** Every object of the monitoring, by the name that its resource gets. */
export function monitoringObjects(settings: MonitoringSettings): Record<string, KubernetesObject> {
  return {
    ...(settings.operator ? operatorObjects(settings) : { config: configMap(settings) }),
    dashboard: dashboardMap(settings),
  };
}

/** The reference's ConfigMap: prometheus.yml, and the rules that it names. */
function configMap({ clusters, runbooks, namespace }: MonitoringSettings): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: CONFIG_MAP, namespace, labels: OWN_LABELS },
    data: {
      "prometheus.yml": yaml(prometheusConfig(clusters)),
      [RULES_FILE]: yaml({ groups: ruleGroups(clusters, runbooks) }),
    },
  };
}

function operatorObjects(settings: MonitoringSettings): Record<string, KubernetesObject> {
  const { clusters, runbooks, namespace } = settings;
  const labels = { ...OWN_LABELS, ...settings.labels };
  return {
    ...Object.fromEntries(
      clusters.map((cluster) => [`pods-${cluster.color}`, podMonitor(cluster, namespace, labels)]),
    ),
    rules: {
      apiVersion: OPERATOR,
      kind: "PrometheusRule",
      metadata: { name: "nats", namespace, labels },
      spec: { groups: ruleGroups(clusters, runbooks) },
    },
  };
}

function podMonitor(
  cluster: MonitoredCluster,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): KubernetesObject {
  return {
    apiVersion: OPERATOR,
    kind: "PodMonitor",
    metadata: { name: cluster.name, namespace, labels },
    spec: {
      namespaceSelector: { matchNames: [cluster.namespace] },
      // The pods' labels of the reference.
      selector: { matchLabels: { app: "nats", cluster: cluster.color } },
      podMetricsEndpoints: [
        {
          port: EXPORTER_PORT_NAME,
          path: "/metrics",
          interval: "30s",
          relabelings: Object.entries(targetLabels(cluster)).map(([targetLabel, replacement]) => ({
            targetLabel,
            replacement,
          })),
        },
      ],
    },
  };
}

/** One board for all colours: two with one uid would keep Grafana from updating either. */
function dashboardMap({
  clusters,
  namespace,
  dashboardLabels,
}: MonitoringSettings): KubernetesObject {
  const servers = Math.max(...clusters.map((cluster) => cluster.servers));
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "nats-dashboard",
      namespace,
      labels: { ...OWN_LABELS, ...dashboardLabels },
    },
    data: { "nats-blue-green.json": JSON.stringify(dashboard(servers), null, 2) },
  };
}

/**
 * Long expressions stay on one line: a folded one reads as another text. The library is loaded by
 * the first text, because a program without monitoring is not to wait for its seventy modules.
 */
function yaml(value: unknown): string {
  const { stringify } = require("yaml") as typeof import("yaml");
  return stringify(value, { lineWidth: 0 });
}
