import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { METRICS } from "../../../components/monitoring/metric-catalogue";
import { dashboardFile, monitoringPage } from "../../../scripts/docs/monitoring-page";

const DOCS = resolve(__dirname, "../../../docs");

describe("The page about monitoring", () => {
  const page = readFileSync(join(DOCS, "monitoring.md"), "utf8");

  it("shows the metrics, the recorded names and the alerts as they are (npm run docs writes them)", () => {
    assert.equal(page, monitoringPage(page));
  });

  it("has a row for each metric of the catalogue", () => {
    for (const { name } of METRICS) {
      assert.ok(page.includes(`| \`${name}\``), name);
    }
  });

  it("stands beside the dashboard as one imports it (npm run docs writes it)", () => {
    const file = readFileSync(join(DOCS, "dashboards", "nats-blue-green.json"), "utf8");
    assert.equal(file, dashboardFile());
  });
});
