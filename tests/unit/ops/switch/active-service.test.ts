import { strict as assert } from "node:assert";
import { urlOf } from "../../../../ops/switch/active";
import { activeOf, serviceOf } from "../../../../ops/switch/active-service";

const ACTIVE = {
  colour: "green",
  servers: ["nats-active.tfdc.svc:4222"],
  since: "2026-03-01T12:00:00.000Z",
  before: "blue",
};

describe("the Service that clients follow", () => {
  it("selects the pods of the active colour, and has its port where the colours' own have it", () => {
    const { metadata, spec } = serviceOf(ACTIVE, "tfdc");
    assert.deepEqual([metadata?.name, metadata?.namespace], ["nats-active", "tfdc"]);
    assert.deepEqual(spec?.selector, { app: "nats", cluster: "green" });
    assert.deepEqual(spec?.ports, [
      { name: "client", port: 4222, targetPort: "client", appProtocol: "tcp" },
    ]);
  });

  it("is read back as what was made active", () => {
    assert.deepEqual(activeOf(serviceOf(ACTIVE, "tfdc"), "tfdc"), ACTIVE);
    const { before: _, ...first } = ACTIVE;
    assert.deepEqual(activeOf(serviceOf(first, "tfdc"), "tfdc"), first);
    assert.equal(urlOf(ACTIVE), "nats://nats-active.tfdc.svc:4222");
  });

  it("is somebody else's where it selects no colour", () => {
    assert.throws(
      () => activeOf({ spec: { selector: { app: "other" } } }, "tfdc"),
      /^UserError: the Service nats-active in namespace tfdc selects no colour \(selector {"app":"other"}\): somebody else has made it; delete it, or rename it, and switch again\.$/,
    );
  });
});
