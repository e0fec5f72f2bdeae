import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { KeyValue } from "../../components/index";
import {
  type Registration,
  recordRegistrations,
  registeredAll,
  resolved,
  secret,
} from "../support/registrations";

const PROVIDER = 'exports.handler = () => require("@tfdc/pulumi-nats/provider").keyValue;';

const MARK = {
  "io.tfdc.project": "tfdc-nats",
  "io.tfdc.stack": "green",
  "io.tfdc.colour": "nats-green",
};

const connection = {
  servers: ["127.0.0.1:24222"],
  user: "tfdc_provisioner",
  token: { env: "NATS_TOKEN" },
  cluster: "nats-green",
};

describe("KeyValue", () => {
  let registered: Registration[];

  beforeEach(async () => {
    registered = await recordRegistrations("tfdc-nats", "green");
  });

  it("registers one dynamic resource, with all that it was given", async () => {
    const settings = {
      bucket: "workers_v1",
      history: 20,
      ttl: "60s",
      maxValueSize: "100KiB",
      limitMarkerTtl: "1h",
      adopt: "never",
      deletionPolicy: "delete",
    } as const;
    const metadata = { team: "tfdc" };
    await registeredAll([new KeyValue("workers", { ...settings, metadata, connection })]);
    assert.deepEqual(registered, [
      {
        type: "pulumi-nodejs:dynamic/tfdc:KeyValue",
        name: "workers",
        inputs: {
          ...settings,
          connection,
          metadata: { ...metadata, ...MARK },
          __provider: PROVIDER,
        },
      },
    ]);
  });

  it("keeps a secret secret", async () => {
    const given = { ...connection, token: pulumi.secret("s3cret") };
    await registeredAll([new KeyValue("workers", { bucket: "w", connection: given })]);
    const [{ inputs } = { inputs: {} as Registration["inputs"] }] = registered;
    assert.deepEqual(inputs.connection, secret({ ...connection, token: "s3cret" }));
    const { connection: _, ...rest } = inputs;
    assert.doesNotMatch(JSON.stringify(rest), /s3cret/);
  });

  it("has its name for an output, and that of the stream that holds it", async () => {
    const bucket = new KeyValue("workers", { bucket: "workers_v1", connection });
    assert.equal(await resolved(bucket.bucket), "workers_v1");
    assert.equal(await resolved(bucket.streamName), "KV_workers_v1");
  });
});
