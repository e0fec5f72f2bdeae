import { checkAssets, type Declarations } from "../../components/jetstream/assets-check";
import { dashboard } from "../../components/monitoring/dashboard/dashboard";
import { METRICS } from "../../components/monitoring/metric-catalogue";
import { referenceRules } from "../../components/monitoring/recording-rules";
import type { AlertingRule } from "../../components/monitoring/rule";
import { ruleGroups } from "../../components/monitoring/rule-groups";
import { buckets, streams } from "../../topology";

/** Streams beside the platform's whose alerts none of those has. */
const BOUNDED = {
  copy: { mirror: { name: "metrics_v1" }, replicas: 3 },
  gathered: { sources: [{ name: "alerts_v1" }], replicas: 3 },
  orders: { discard: "new", maxBytes: "1GiB", replicas: 3 },
};

const BLUE = {
  name: "nats-blue",
  color: "blue",
  namespace: "tfdc",
  servers: 3,
  assets: checkAssets({ ...streams, ...BOUNDED } as Declarations, buckets as Declarations).assets,
  backup: { cronJob: "nats-backup-blue", maxAge: "26h" },
};

/** docs/monitoring.md with every part that is derived as it must be. */
export function monitoringPage(page: string): string {
  return Object.entries({ metrics, recorded, alerts }).reduce((text, [part, table]) => {
    const pattern = new RegExp(`(<!-- ${part} -->\n)[^]*?(<!-- /${part} -->)`);
    // A function, for `$` means something in a replacement.
    return text.replace(pattern, (_, begin, end) => `${begin}\n${table()}\n\n${end}`);
  }, page);
}

/** docs/dashboards/nats-blue-green.json. */
export function dashboardFile(): string {
  return `${JSON.stringify(dashboard(), null, 2)}\n`;
}

function metrics(): string {
  return table(
    ["Metric", "Meaning", "Unit", "From", "Labels"],
    METRICS.map(({ name, meaning, unit, source, labels }) => [
      `\`${name}\``,
      meaning,
      unit,
      source.flag === undefined
        ? source.server
        : `\`${source.flag}\`${source.sticks ? ", sticks" : ""}`,
      labels.map((label) => `\`${label}\``).join(" "),
    ]),
  );
}

function recorded(): string {
  return table(
    ["Name", "Expression"],
    referenceRules([BLUE]).map(({ record, expr }) => [`\`${record}\``, `\`${expr}\``]),
  );
}

function alerts(): string {
  const rules = ruleGroups([BLUE], "runbooks")
    .flatMap((group) => group.rules)
    .filter((rule): rule is AlertingRule => "alert" in rule);
  const names = [...new Set(rules.map(({ alert }) => alert))];
  return table(
    ["Alert", "Severity", "After", "What it means"],
    names.map((name) => {
      const own = rules.filter(({ alert }) => alert === name);
      const severities = [...new Set(own.map(({ labels }) => labels.severity))];
      return [
        `[${name}](runbooks/${name}.md)`,
        severities.join(", "),
        own[0]?.for ?? "at once",
        own[0]?.annotations.description.replace(/\{\{ \$value \}\}/g, "n") ?? "",
      ];
    }),
  );
}

/** A table with its columns aligned, as the project's formatter wants it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[], filling: string) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0, filling)).join(" | ")} |`;
  const [first = [], ...others] = cells.map((row) => line(row, " "));
  return [
    first,
    line(
      head.map(() => ""),
      "-",
    ),
    ...others,
  ].join("\n");
}
