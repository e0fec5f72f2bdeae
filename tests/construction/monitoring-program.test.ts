import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { monitoring } from "../../monitoring";
import { readMonitoringConfig } from "../../stack-config";
import { type Registration, recordRegistrations } from "../support/registrations";

const RUNBOOKS = "https://git.example.com/tfdc/nats/docs/runbooks";

describe("The stack that watches all colours", function () {
  this.timeout(60_000);
  let registered: Registration[];

  beforeEach(async () => {
    registered = await recordRegistrations("tfdc-nats", "monitoring");
  });

  afterEach(() => pulumi.runtime.setAllConfig({}));

  /** Runs the program with a configuration, until this many resources are there. */
  async function run(config: Readonly<Record<string, string>>, resources: number): Promise<void> {
    pulumi.runtime.setAllConfig({ "tfdc-nats:target": "monitoring", ...config });
    const read = readMonitoringConfig();
    assert.ok(read);
    monitoring(read);
    while (registered.length < resources) {
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  const text = () => JSON.stringify(registered);

  it("watches the platform's streams on both colours, for a Prometheus without operator", async () => {
    await run({ "tfdc-nats:runbooks": RUNBOOKS }, 3);
    assert.deepEqual(registered.map(({ name }) => name).sort(), [
      "nats",
      "nats-config",
      "nats-dashboard",
    ]);
    for (const part of ["nats-blue-0.nats-blue.tfdc.svc", "nats-green-2.nats-green.tfdc.svc"]) {
      assert.ok(text().includes(part), part);
    }
    assert.ok(text().includes(`${RUNBOOKS}/NatsStreamMissing.md`));
    assert.ok(text().includes("KV_assignments_v1"));
  });

  it("takes what a stack says otherwise", async () => {
    await run(
      {
        "tfdc-nats:runbooks": RUNBOOKS,
        "tfdc-nats:operator": "true",
        "tfdc-nats:colours": '["green"]',
        "tfdc-nats:prometheusLabels": '{"release":"prometheus"}',
        "tfdc-nats:monitoringNamespace": "watch",
        "tfdc-nats:namespace": "messaging",
        "tfdc-nats:replicas": "5",
      },
      4,
    );
    const { inputs } = registered.find(({ name }) => name === "nats-pods-green") ?? {};
    assert.deepEqual((inputs as { metadata: unknown }).metadata, {
      name: "nats-green",
      namespace: "watch",
      labels: { "app.kubernetes.io/part-of": "tfdc-nats", release: "prometheus" },
    });
    assert.ok(text().includes('"matchNames":["messaging"]'));
    assert.ok(text().includes("3 of 5"));
    assert.ok(!text().includes("nats-blue-0"));
  });

  it("says what is missing where it does not know the address of the runbooks", async () => {
    await assert.rejects(run({}, 1), /'runbooks' is "": it must be the address of a folder/);
  });

  it("is none of a stack with another target", () => {
    pulumi.runtime.setAllConfig({ "tfdc-nats:target": "local" });
    assert.equal(readMonitoringConfig(), undefined);
  });
});
