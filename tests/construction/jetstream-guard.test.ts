import { strict as assert } from "node:assert";
import { JetStreamGuard } from "../../components/index";
import { recordRegistrations, registeredAll } from "../support/registrations";

const connection = { servers: ["127.0.0.1:14222"], cluster: "blue" };

describe("JetStreamGuard", () => {
  it("registers the names of its streams, each with its policy, and the capacity if it is said", async () => {
    const registered = await recordRegistrations("tfdc-nats", "blue");
    const capacity = {
      servers: ["nats-blue-0"],
      maxFileStore: "1GiB",
      maxMemoryStore: "1GiB",
      serverVersion: "2.10.29",
    };
    const guard = new JetStreamGuard("guard", {
      connection,
      // A version that the assets are judged by is no change of the guard.
      capacity: { ...capacity, upgradedFirst: true },
      assets: { a: undefined, KV_b: "retain" },
    });
    await registeredAll([guard]);
    assert.deepEqual(registered, [
      {
        type: "pulumi-nodejs:dynamic/tfdc:JetStreamGuard",
        name: "guard",
        inputs: {
          connection,
          capacity,
          assets: { a: "refuseIfNotEmpty", KV_b: "retain" },
          __provider: 'exports.handler = () => require("@tfdc/pulumi-nats/provider").guard;',
        },
      },
    ]);
  });
});
