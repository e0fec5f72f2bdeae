import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitoringObjects } from "../../../components/monitoring/objects";
import { run } from "../../../scripts/toolchain/processes";
import { ensurePrometheus } from "../../../scripts/toolchain/prometheus";
import { BOUNDED, colour, RUNBOOKS } from "../../support/monitoring/test-clusters";

const BACKUP = { cronJob: "nats-backup-blue", maxAge: "26h" };

describe("The ConfigMap prometheus-nats-exporter", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-nats-config-map-"));
    const { config } = monitoringObjects({
      clusters: [colour("blue", { streams: BOUNDED, backup: BACKUP }), colour("green")],
      runbooks: RUNBOOKS,
      namespace: "monitoring",
      operator: false,
      labels: {},
      dashboardLabels: {},
    });
    for (const [name, text] of Object.entries(config?.data ?? {})) {
      writeFileSync(join(folder, name), text);
    }
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const check = async () =>
    run(join(await ensurePrometheus(), "promtool"), [
      "check",
      "config",
      "--lint=all",
      "--lint-fatal",
      join(folder, "prometheus.yml"),
    ]);

  it("is what Prometheus takes as its configuration, rules included, mounted as it is", async () => {
    const { code, stdout, stderr } = await check();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /SUCCESS: 1 rule files found/);
    assert.match(stdout, /SUCCESS: \d{2,3} rules found/);
  });

  it("would not pass with an expression that does not parse", async () => {
    const broken = { groups: [{ name: "a", rules: [{ record: "b", expr: "sum(" }] }] };
    writeFileSync(join(folder, "nats.rules.yml"), JSON.stringify(broken));
    assert.notEqual((await check()).code, 0);
  });
});
