import { loadAlerts, serverAlerts } from "./cluster-alerts";
import type { MonitoredCluster } from "./monitored-cluster";
import { continuousRules, referenceRules } from "./recording-rules";
import type { Alert, AlertingRule, RuleGroup } from "./rule";
import { streamAlerts } from "./stream-alerts";

/**
 * Every rule of these clusters: what is recorded, and what alerts.
 *
 * @param runbooks - address of the folder with the runbooks, without a slash at its end
 */
export function ruleGroups(clusters: readonly MonitoredCluster[], runbooks: string): RuleGroup[] {
  return [
    { name: "nats-recording", rules: [...continuousRules(), ...referenceRules(clusters)] },
    ...clusters.flatMap((cluster) => [
      group(cluster, "servers", serverAlerts(cluster), runbooks),
      group(cluster, "load", loadAlerts(cluster), runbooks),
      group(
        cluster,
        "streams",
        cluster.assets.flatMap((asset) => streamAlerts(cluster, asset)),
        runbooks,
      ),
    ]),
  ].filter(({ rules }) => rules.length > 0);
}

/** The page of an alert. */
export function runbookOf(alert: string): string {
  return `${alert}.md`;
}

function group(
  cluster: MonitoredCluster,
  topic: string,
  alerts: readonly Alert[],
  runbooks: string,
): RuleGroup {
  return {
    name: `${cluster.name}-${topic}`,
    rules: alerts.map((alert) => toRule(cluster, alert, runbooks)),
  };
}

function toRule(cluster: MonitoredCluster, alert: Alert, runbooks: string): AlertingRule {
  return {
    alert: alert.name,
    expr: alert.expr,
    ...(alert.for === undefined ? {} : { for: alert.for }),
    labels: {
      severity: alert.severity,
      nats_cluster: cluster.name,
      color: cluster.color,
      ...alert.labels,
    },
    annotations: {
      summary: alert.summary,
      description: alert.description,
      runbook_url: `${runbooks}/${runbookOf(alert.name)}`,
    },
  };
}
