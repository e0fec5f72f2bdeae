import { EXPORTER_PORT } from "./exporter";
import type { MonitoredCluster } from "./monitored-cluster";

/** One job of Prometheus, as `scrape_configs` holds it. */
export interface ScrapeJob {
  readonly job_name: string;
  readonly static_configs: readonly {
    readonly targets: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  }[];
  readonly metrics_path: string;
}

/** A configuration of Prometheus. */
export interface PrometheusConfig {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly ScrapeJob[];
}

/** The file of the rules, beside prometheus.yml. */
export const RULES_FILE = "nats.rules.yml";

/** The labels that every series of a cluster gets from its target. */
export function targetLabels({ name, color }: MonitoredCluster): Record<string, string> {
  return { nats_cluster: name, color };
}

/**
 * The reference's prometheus.yml: a job for each colour, by the stable names of its pods.
 *
 * @param addresses - where the exporters of a cluster are
 */
export function prometheusConfig(
  clusters: readonly MonitoredCluster[],
  addresses: (cluster: MonitoredCluster) => readonly string[] = podAddresses,
): PrometheusConfig {
  return {
    rule_files: [RULES_FILE],
    scrape_configs: clusters.map((cluster) => ({
      job_name: cluster.name,
      static_configs: [{ targets: addresses(cluster), labels: targetLabels(cluster) }],
      metrics_path: "/metrics",
    })),
  };
}

function podAddresses({ name, namespace, servers }: MonitoredCluster): string[] {
  return Array.from(
    { length: servers },
    (_, index) => `${name}-${index}.${name}.${namespace}.svc.cluster.local:${EXPORTER_PORT}`,
  );
}
