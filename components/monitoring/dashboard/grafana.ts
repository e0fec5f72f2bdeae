import type { Panel, Row, Step } from "./panel";

/** Columns of Grafana's grid. */
const COLUMNS = 24;

const DATASOURCE = { type: "prometheus", uid: "$datasource" } as const;

/** The dashboard as the JSON that Grafana imports. */
export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly GrafanaPanel[];
  readonly [property: string]: unknown;
}

/** A panel or the heading of a row, as Grafana reads it. */
export interface GrafanaPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly [property: string]: unknown }[];
  readonly [property: string]: unknown;
}

/** Lays rows out from top to bottom, their panels from left to right. */
export function layOut(rows: readonly Row[]): GrafanaPanel[] {
  const panels: GrafanaPanel[] = [];
  let y = 0;
  for (const { title, height, panels: members } of rows) {
    const place = { x: 0, y, w: COLUMNS, h: 1 };
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      gridPos: place,
      collapsed: false,
      panels: [],
    });
    y += 1;
    let x = 0;
    for (const panel of members) {
      if (x + panel.width > COLUMNS) {
        x = 0;
        y += height;
      }
      const gridPos = { x, y, w: panel.width, h: height };
      panels.push({ id: panels.length + 1, gridPos, ...grafanaPanel(panel) });
      x += panel.width;
    }
    y += height;
  }
  return panels;
}

function grafanaPanel(panel: Panel) {
  const isNow = panel.kind === "stat";
  return {
    type: panel.kind,
    title: panel.title,
    description: panel.description,
    datasource: DATASOURCE,
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(isNow ? { instant: true, range: false } : { instant: false, range: true }),
    })),
    options: OPTIONS[panel.kind](panel),
    fieldConfig: { defaults: defaults(panel), overrides: [] },
  };
}

const LEGEND = { showLegend: true, displayMode: "list", placement: "bottom", calcs: [] };
const TOOLTIP = { mode: "multi", sort: "desc" };

const OPTIONS: Readonly<Record<Panel["kind"], (panel: Panel) => Record<string, unknown>>> = {
  stat: ({ showName }) => ({
    reduceOptions: { values: false, calcs: ["lastNotNull"], fields: "" },
    orientation: "vertical",
    textMode: showName === true ? "name" : "value_and_name",
    colorMode: "background",
    graphMode: "none",
    justifyMode: "auto",
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: "standard",
  }),
  timeseries: () => ({ legend: LEGEND, tooltip: TOOLTIP }),
  "state-timeline": () => ({
    mergeValues: true,
    showValue: "auto",
    alignValue: "left",
    rowHeight: 0.9,
    legend: LEGEND,
    tooltip: TOOLTIP,
  }),
};

function defaults({ kind, unit, steps, words, noValue }: Panel): Record<string, unknown> {
  return {
    unit,
    // Whole things: an increase is extrapolated, and 2.01 clients would be none.
    ...(kind === "stat" && unit === "short" ? { decimals: 0 } : {}),
    ...(noValue === undefined ? {} : { noValue }),
    mappings:
      words === undefined
        ? []
        : [
            {
              type: "value",
              options: Object.fromEntries(
                Object.entries(words).map(([value, text], index) => [value, { text, index }]),
              ),
            },
          ],
    thresholds: { mode: "absolute", steps: (steps ?? PLAIN).map(step) },
    color: { mode: kind === "timeseries" ? "palette-classic" : "thresholds" },
    custom: CUSTOM[kind],
    ...(kind === "timeseries" ? { min: 0 } : {}),
  };
}

const PLAIN: readonly Step[] = [{ from: null, color: "blue" }];

function step({ from, color }: Step): { value: number | null; color: string } {
  return { value: from, color };
}

const CUSTOM: Readonly<Record<Panel["kind"], Record<string, unknown>>> = {
  stat: {},
  timeseries: {
    drawStyle: "line",
    lineWidth: 1,
    fillOpacity: 10,
    showPoints: "never",
    spanNulls: false,
    stacking: { mode: "none", group: "A" },
  },
  "state-timeline": { lineWidth: 0, fillOpacity: 80 },
};
