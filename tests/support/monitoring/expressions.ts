import type { GrafanaDashboard } from "../../../components/monitoring/dashboard/grafana";
import type { RuleGroup } from "../../../components/monitoring/rule";

/** Every expression of rules, with where it stands. */
export function ruleExpressions(groups: readonly RuleGroup[]): [where: string, expr: string][] {
  return groups.flatMap(({ rules }) =>
    rules.map((rule): [string, string] => [
      "alert" in rule ? `alert ${rule.alert}` : `record ${rule.record}`,
      rule.expr,
    ]),
  );
}

/** Every expression of a dashboard's panels, for all colours at once. */
export function panelExpressions(board: GrafanaDashboard): [where: string, expr: string][] {
  return board.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [
      `panel ${title}`,
      expr.replaceAll("$color", ".*"),
    ]),
  );
}

/** The metrics that an expression names: whatever is followed neither by `(` nor by `=`. */
export function metricsOf(expr: string): string[] {
  const bare = expr
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\b(by|on|ignoring|without)\s*\([^)]*\)/g, "");
  const names = bare.matchAll(/(?<![\w:$])([a-zA-Z_][\w:]*)(?![\w:]|\s*(?:\(|=|!=))/g);
  const words = new Set(["and", "or", "unless", "offset", "bool", "on", "by", "m", "h"]);
  return [...names].map(([, name = ""]) => name).filter((name) => !words.has(name));
}
