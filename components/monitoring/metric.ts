/** What a metric counts in: the unit that Grafana shows it in. */
export type MetricUnit =
  | "count"
  | "bytes"
  | "percent"
  | "boolean"
  | "seconds"
  | "milliseconds"
  | "nanoseconds";

/** Where a metric comes from. */
export interface MetricSource {
  /** What serves it. */
  readonly server: "exporter" | "kubelet" | "kube-state-metrics" | "Prometheus";
  /** Flag of prometheus-nats-exporter that brings it. */
  readonly flag?: string;
  /** Page of the NATS server's monitoring port that the exporter reads. */
  readonly endpoint?: string;
  /**
   * Whether the exporter goes on showing the last values when the server is gone. Such a metric
   * never tells whether the server lives.
   */
  readonly sticks: boolean;
}

/** One metric that rules and panels may use. */
export interface Metric {
  /** Its name, prefix included. */
  readonly name: string;
  readonly source: MetricSource;
  /** Its own labels; every one has the target's labels `nats_cluster` and `color` besides. */
  readonly labels: readonly string[];
  readonly unit: MetricUnit;
  /** One line, without a full stop. */
  readonly meaning: string;
}
