import type {
  GrafanaDashboard,
  GrafanaPanel,
} from "../../../components/monitoring/dashboard/grafana";

/** One series of a panel, over time. */
export interface DrawnSeries {
  readonly name: string;
  readonly points: readonly (readonly [time: number, value: number])[];
}

const WIDTH = 1600;
const UNIT = 30;
const GAP = 6;
const PALETTE = [
  "#7eb26d",
  "#eab839",
  "#6ed0e0",
  "#ef843c",
  "#e24d42",
  "#1f78c1",
  "#ba43a9",
  "#705da0",
];
const COLOURS: Readonly<Record<string, string>> = {
  green: "#3f8f4f",
  yellow: "#c9a227",
  orange: "#d9742b",
  red: "#c4353b",
  blue: "#2f5d9b",
};

interface Defaults {
  readonly unit: string;
  readonly decimals?: number;
  readonly noValue?: string;
  readonly mappings: readonly { readonly options: Record<string, { readonly text: string }> }[];
  readonly thresholds: {
    readonly steps: readonly { readonly value: number | null; readonly color: string }[];
  };
}

/**
 * A drawing of a dashboard: its layout, and in each panel the data that its queries gave. It is no
 * Grafana, and says so; it shows whether the panels tell something.
 */
export function drawDashboard(
  board: GrafanaDashboard,
  dataOf: (panel: GrafanaPanel) => readonly DrawnSeries[],
  range: readonly [from: number, to: number],
): string {
  const bottom = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const panels = board.panels.map((panel) => box(panel, content(panel, dataOf(panel), range)));
  return `<!doctype html><meta charset="utf-8"><title>${asHtml(board.title)}</title><style>
    body{margin:0;background:#111217;color:#ccccdc;font:12px sans-serif;width:${WIDTH}px}
    header{padding:10px 12px;font-size:16px}header small{color:#8e8ea0;font-size:12px;margin-left:12px}
    main{position:relative;height:${bottom * UNIT}px}
    .panel{position:absolute;box-sizing:border-box;background:#181b1f;border:1px solid #2c2f36;overflow:hidden}
    .row{position:absolute;font-size:14px;padding:6px 10px}h2{font-size:12px;margin:4px 8px;font-weight:600}
    .stats{display:flex;gap:4px;padding:0 6px 6px;height:calc(100% - 30px)}
    .stat{flex:1;display:flex;flex-direction:column;justify-content:center;align-items:center;color:#fff;font-size:24px}
    .stat small{font-size:12px}.legend{font-size:11px;padding:0 8px;white-space:nowrap;color:#a8a8b8}
    svg text{fill:#8e8ea0;font-size:10px}</style>
    <header>${asHtml(board.title)}<small>drawn by the project's own renderer from the data of a test run, not by Grafana</small></header>
    <main>${panels.join("\n")}</main>`;
}

function box({ type, title, gridPos }: GrafanaPanel, inner: string): string {
  const column = WIDTH / 24;
  const place = `left:${gridPos.x * column + GAP / 2}px;top:${gridPos.y * UNIT + GAP / 2}px;width:${gridPos.w * column - GAP}px;height:${gridPos.h * UNIT - GAP}px`;
  return type === "row"
    ? `<div class="row" style="${place}">▾ ${asHtml(title)}</div>`
    : `<div class="panel" style="${place}"><h2>${asHtml(title)}</h2>${inner}</div>`;
}

function content(
  panel: GrafanaPanel,
  data: readonly DrawnSeries[],
  range: readonly [number, number],
): string {
  const size = [
    panel.gridPos.w * (WIDTH / 24) - GAP - 16,
    panel.gridPos.h * UNIT - GAP - 46,
  ] as const;
  switch (panel.type) {
    case "row":
      return "";
    case "stat":
      return stats(panel, data);
    case "state-timeline":
      return states(defaultsOf(panel), data, range, size);
    default:
      return lines(defaultsOf(panel), data, range, size);
  }
}

function defaultsOf({ fieldConfig }: GrafanaPanel): Defaults {
  return (fieldConfig as { readonly defaults: Defaults }).defaults;
}

function stats(panel: GrafanaPanel, data: readonly DrawnSeries[]): string {
  const defaults = defaultsOf(panel);
  const { textMode } = panel.options as { readonly textMode: string };
  const figures = data.map(({ name, points }) => {
    const value = points.at(-1)?.[1] ?? 0;
    const whole = defaults.decimals === 0 ? Math.round(value) : value;
    const text = textMode === "name" ? name : show(whole, defaults.unit);
    const below = textMode === "name" ? "" : `<small>${asHtml(name)}</small>`;
    const size = text.length > 8 ? 13 : 24;
    return `<div class="stat" style="font-size:${size}px;background:${colourOf(value, defaults)}">${asHtml(text)}${below}</div>`;
  });
  const none = `<div class="stat">${asHtml(defaults.noValue ?? "No data")}</div>`;
  return `<div class="stats">${figures.length > 0 ? figures.join("") : none}</div>`;
}

function lines(
  { unit }: Defaults,
  data: readonly DrawnSeries[],
  [from, to]: readonly [number, number],
  [width, height]: readonly [number, number],
): string {
  const top = Math.max(...data.flatMap(({ points }) => points.map(([, value]) => value)), 0) || 1;
  const left = 56;
  const x = (time: number) => left + ((time - from) / (to - from)) * (width - left);
  const y = (value: number) => height - 14 - (value / top) * (height - 22);
  const grid = [0, 0.5, 1].map((part) => {
    const at = y(part * top);
    return `<line x1="${left}" x2="${width}" y1="${at}" y2="${at}" stroke="#2c2f36"/><text x="${left - 4}" y="${at + 3}" text-anchor="end">${asHtml(show(part * top, unit))}</text>`;
  });
  const axis = [from, to].map(
    (time, index) =>
      `<text x="${x(time)}" y="${height - 2}" text-anchor="${index === 0 ? "start" : "end"}">${index === 0 ? `-${Math.round(to - from)} s` : "now"}</text>`,
  );
  const drawn = data.map(({ points }, index) => {
    const stroke = PALETTE[index % PALETTE.length];
    return runs(points).map(
      (run) =>
        `<polyline fill="none" stroke="${stroke}" stroke-width="1.5" points="${run.map(([time, value]) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(" ")}"/>`,
    );
  });
  return `<svg width="${width}" height="${height}" style="margin:0 8px">${grid.join("")}${axis.join("")}${drawn.flat().join("")}</svg>${legend(data)}`;
}

function states(
  defaults: Defaults,
  data: readonly DrawnSeries[],
  [from, to]: readonly [number, number],
  [width, height]: readonly [number, number],
): string {
  const left = 90;
  const row = height / Math.max(data.length, 1);
  const second = (width - left) / (to - from);
  const bars = [...data]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(({ name, points }, index) => {
      const cells = points.map(
        ([time, value]) =>
          `<rect x="${left + (time - from) * second}" y="${index * row + 2}" width="${second + 0.5}" height="${row - 4}" fill="${colourOf(value, defaults)}"/>`,
      );
      return `<text x="${left - 6}" y="${index * row + row / 2 + 3}" text-anchor="end">${asHtml(name)}</text>${cells.join("")}`;
    });
  const words = Object.values(defaults.mappings[0]?.options ?? {}).map(({ text }) => text);
  return `<svg width="${width}" height="${height}" style="margin:0 8px">${bars.join("")}</svg><div class="legend">${asHtml(words.join(" / "))}</div>`;
}

function legend(data: readonly DrawnSeries[]): string {
  const names = data.map(
    ({ name }, index) =>
      `<span style="color:${PALETTE[index % PALETTE.length]}">▬</span> ${asHtml(name)}`,
  );
  return `<div class="legend">${names.join(" &nbsp; ")}</div>`;
}

/** The points without the gaps: where a series was away, no line is drawn. */
function runs(points: DrawnSeries["points"]): DrawnSeries["points"][] {
  const found: (readonly [number, number])[][] = [];
  for (const point of points) {
    const last = found.at(-1)?.at(-1);
    if (last !== undefined && point[0] - last[0] <= 1.5) {
      found.at(-1)?.push(point);
    } else {
      found.push([point]);
    }
  }
  return found;
}

function colourOf(value: number, { thresholds }: Defaults): string {
  const step = thresholds.steps.findLast((one) => one.value === null || value >= one.value);
  return COLOURS[step?.color ?? "blue"] ?? "#2f5d9b";
}

function show(value: number, unit: string): string {
  if (unit === "percentunit") {
    return `${Number((value * 100).toPrecision(3))} %`;
  }
  const suffix = { bytes: "B", Bps: "B/s", cps: "/s", s: " s" }[unit] ?? "";
  const base = unit === "bytes" || unit === "Bps" ? 1024 : 1000;
  const power = Math.min(Math.floor(Math.log(Math.max(Math.abs(value), 1)) / Math.log(base)), 4);
  const scaled = value / base ** power;
  const prefix = ["", "k", "M", "G", "T"][power] ?? "";
  return `${Number(scaled.toPrecision(3))}${prefix === "" ? "" : ` ${prefix}`}${suffix}`;
}

function asHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
