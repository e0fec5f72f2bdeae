import { strict as assert } from "node:assert";
import { join } from "node:path";
import Ajv from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { dashboard } from "../../../components/monitoring/dashboard/dashboard";

const BOARD = dashboard();
const PANELS = BOARD.panels.filter(({ type }) => type !== "row");
const TYPES = join(__dirname, "../../support/monitoring/grafana-types.ts");

const generator = createGenerator({
  path: TYPES,
  tsconfig: join(__dirname, "../../tsconfig.json"),
  functions: "hide",
  skipTypeCheck: true,
  additionalProperties: false,
});

/** Holds a value against a type that Grafana publishes; a property that it does not know is wrong. */
function mismatches(type: string, value: unknown): string[] {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(
    generator.createSchema(`Grafana${type}`),
  );
  validate(value);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

describe("The dashboard", function () {
  this.timeout(60_000);

  it("has the reference's title and its four panels", () => {
    assert.equal(BOARD.title, "NATS - Blue/Green Clusters");
    const titles = PANELS.map(({ title }) => title);
    for (const title of [
      "Message Rate by Cluster",
      "Storage Usage by Stream",
      "Cluster Health",
      "Consumer Lag",
    ]) {
      assert.ok(titles.includes(title), title);
    }
  });

  it("shows what is wrong now before anything else", () => {
    assert.deepEqual(
      BOARD.panels.filter(({ gridPos }) => gridPos.y <= 1).map(({ title }) => title),
      [
        "Now",
        "Cluster Health",
        "Alerts",
        "Meta Leader",
        "Unhealthy Servers",
        "Storage Reserved",
        "Slow Clients (1 h)",
      ],
    );
  });

  it("gives each panel an id, a title of its own and a description", () => {
    const ids = BOARD.panels.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
    const titles = PANELS.map(({ title }) => title);
    assert.deepEqual([...new Set(titles)], titles);
    assert.deepEqual(
      PANELS.filter(({ description }) => !/^[A-Z].*\.$/.test(String(description))),
      [],
    );
  });

  it("lets no panel overlap another or leave the grid", () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of BOARD.panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!taken.has(`${x} ${y}`), `${title} at ${x}, ${y}`);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });

  it("asks the data source and the colours that the viewer has chosen, in every panel", () => {
    for (const { title, datasource, targets = [] } of PANELS) {
      assert.deepEqual(datasource, { type: "prometheus", uid: "$datasource" }, title);
      for (const { expr } of targets) {
        assert.match(expr, /color=~"\$color"/, title);
      }
    }
  });

  it("changes the figure that counts as healthy with the number of servers", () => {
    const steps = JSON.stringify(
      dashboard(5).panels.find(({ title }) => title === "Cluster Health"),
    );
    assert.match(steps, /\{"value":3,"color":"orange"\},\{"value":5,"color":"green"\}/);
  });

  it("is a dashboard as Grafana's own types describe it", () => {
    const { panels, ...board } = BOARD;
    assert.deepEqual(mismatches("Dashboard", { ...board, panels: [] }), []);
    for (const panel of panels) {
      const { targets = [], ...rest } = panel;
      const type = panel.type === "row" ? "RowPanel" : "Panel";
      assert.deepEqual(mismatches(type, rest), [], panel.title);
      for (const target of targets) {
        assert.deepEqual(mismatches("PrometheusQuery", target), [], panel.title);
      }
    }
  });

  it("gives every panel options and a field configuration as Grafana's own types describe them", () => {
    const names: Readonly<Record<string, string>> = {
      stat: "Stat",
      timeseries: "TimeSeries",
      "state-timeline": "StateTimeline",
    };
    for (const { title, type, options, fieldConfig } of PANELS) {
      const name = names[type] ?? "";
      assert.deepEqual(mismatches(`${name}Options`, options), [], title);
      if (type !== "stat") {
        const { defaults } = fieldConfig as { readonly defaults: { readonly custom: unknown } };
        assert.deepEqual(mismatches(`${name}FieldConfig`, defaults.custom), [], title);
      }
    }
  });

  it("would be refused with a property that Grafana does not know, or without one that it needs", () => {
    assert.match(mismatches("StatOptions", { graphMood: "none" }).join("\n"), /graphMood/);
    assert.match(mismatches("StatOptions", {}).join("\n"), /reduceOptions/);
  });
});
