import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuleGroup } from "../../../components/monitoring/rule";
import { type Result, run } from "../../../scripts/toolchain/processes";
import { ensurePrometheus } from "../../../scripts/toolchain/prometheus";
import type { Series } from "./series";

/** What must be true at a moment: the series that an expression gives. */
export interface Expectation {
  readonly expr: string;
  /** Minutes since the beginning. */
  readonly minute: number;
  readonly samples: readonly { readonly labels: string; readonly value: number }[];
}

/** Runs promtool over rules, in a folder of its own. */
async function promtool(
  groups: readonly RuleGroup[],
  words: (rules: string, tests: string) => readonly string[],
  tests: unknown = {},
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-nats-promtool-"));
  try {
    const files = [join(folder, "rules.json"), join(folder, "tests.json")] as const;
    writeFileSync(files[0], JSON.stringify({ groups }));
    writeFileSync(files[1], JSON.stringify(tests));
    return await run(join(await ensurePrometheus(), "promtool"), words(...files));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `promtool check rules` says. */
export function checkRules(groups: readonly RuleGroup[]): Promise<Result> {
  return promtool(groups, (rules) => ["check", "rules", "--lint=all", "--lint-fatal", rules]);
}

/** Plays series, a sample a minute, and holds expectations against what the rules make of them. */
export async function expectRules(
  groups: readonly RuleGroup[],
  series: readonly Series[],
  expectations: readonly Expectation[],
): Promise<void> {
  const tests = {
    rule_files: ["rules.json"],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: series.map(({ metric, labels, values }) => ({
          series: `${metric}${show(labels)}`,
          values: notation(values),
        })),
        promql_expr_test: expectations.map(({ expr, minute, samples }) => ({
          expr,
          eval_time: `${minute}m`,
          exp_samples: samples,
        })),
      },
    ],
  };
  const { code, stdout, stderr } = await promtool(
    groups,
    (_, file) => ["test", "rules", file],
    tests,
  );
  if (code !== 0) {
    throw new Error(`${stdout}${stderr}`.slice(0, 4000));
  }
}

function show(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(",")}}`;
}

/** Values as promtool reads them; where a series ends, Prometheus marks it stale at once. */
function notation(values: readonly (number | undefined)[]): string {
  return values
    .map((value, minute) =>
      value === undefined
        ? minute > 0 && values[minute - 1] !== undefined
          ? "stale"
          : "_"
        : value,
    )
    .join(" ");
}
