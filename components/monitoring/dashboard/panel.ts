/** How a panel draws: as big figures, lines, or bars of states over time. */
export type PanelKind = "stat" | "timeseries" | "state-timeline";

/** What a panel asks Prometheus. */
export interface Query {
  readonly expr: string;
  /** Name of a series, with labels in braces: `{{color}} {{stream}}`. */
  readonly legend: string;
}

/** A colour from a value on. */
export interface Step {
  readonly from: number | null;
  readonly color: "green" | "yellow" | "orange" | "red" | "blue";
}

/** One panel: what it asks, and how it shows the answer. */
export interface Panel {
  readonly title: string;
  /** What it shows and when to worry; it stands behind the panel's (i). */
  readonly description: string;
  readonly kind: PanelKind;
  /** Width in the 24 columns of the grid. */
  readonly width: number;
  readonly queries: readonly Query[];
  /** Unit as Grafana names it. */
  readonly unit: "short" | "bytes" | "percentunit" | "cps" | "Bps" | "s" | "none";
  /** Colours of values; they colour the figure of a stat and the states of a timeline. */
  readonly steps?: readonly Step[];
  /** Words for values, such as `1` for "healthy". */
  readonly words?: Readonly<Record<number, string>>;
  /** Show the name of the series as the figure: a leader, a version. */
  readonly showName?: boolean;
  /** What stands where Prometheus has nothing. */
  readonly noValue?: string;
}

/** Panels under a heading. */
export interface Row {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly Panel[];
}
