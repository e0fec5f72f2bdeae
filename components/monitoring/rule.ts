/** A rule of Prometheus that records a series. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A rule of Prometheus that alerts. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the fault must last. Left out, the first evaluation that sees it alerts. */
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

/** Rules that are evaluated together, in their order. */
export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** How soon somebody has to look: at once, or in working hours. */
export type Severity = "critical" | "warning";

/** An alert of one cluster, before it becomes a rule. */
export interface Alert {
  /** Name, which is that of its page in docs/runbooks as well. */
  readonly name: string;
  readonly severity: Severity;
  readonly expr: string;
  readonly for?: string;
  /** What is wrong, in a few words; it ends up in a pager. */
  readonly summary: string;
  /** What it means and what it will lead to. */
  readonly description: string;
  readonly labels?: Readonly<Record<string, string>>;
}
