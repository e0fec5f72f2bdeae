import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { KeyValue, Stream, type StreamArgs } from "../../components/index";
import {
  type Registration,
  recordRegistrations,
  registeredAll,
  resolved,
  secret,
} from "../support/registrations";

const PROVIDER = 'exports.handler = () => require("@tfdc/pulumi-nats/provider").stream;';

const MARK = {
  "io.tfdc.project": "tfdc-nats",
  "io.tfdc.stack": "blue",
  "io.tfdc.colour": "nats-blue",
};

const connection = {
  servers: ["127.0.0.1:14222", "127.0.0.1:14223"],
  user: "tfdc_provisioner",
  password: { config: "tfdc-nats:provisionerPassword" },
  tls: { caFile: "ca.pem" },
  cluster: "nats-blue",
  domain: "blue",
  inboxPrefix: "_INBOX_p",
};

describe("Stream", () => {
  let registered: Registration[];

  beforeEach(async () => {
    registered = await recordRegistrations("tfdc-nats", "blue");
  });

  async function made(args: StreamArgs): Promise<Registration> {
    const stream = new Stream("metrics", args);
    await registeredAll([stream]);
    assert.equal(registered.length, 1);
    const [only] = registered;
    assert.ok(only);
    return only;
  }

  it("has the lines of one call stack looked up in the sources, not one for each promise", async () => {
    const before = Error.prepareStackTrace;
    const limit = Error.stackTraceLimit;
    // Node's own: mocha has none.
    Error.stackTraceLimit = 10;
    let lookedUp = 0;
    Error.prepareStackTrace = (error, sites) => {
      lookedUp++;
      return [String(error), ...sites.map((site) => `    at ${site}`)].join("\n");
    };
    try {
      const stream = new Stream("metrics", { connection, name: "metrics" });
      const inTheConstructor = lookedUp;
      await registeredAll([stream]);
      assert.equal(inTheConstructor, 1);
    } finally {
      Error.prepareStackTrace = before;
      Error.stackTraceLimit = limit;
    }
  });

  it("registers one dynamic resource, with all that it was given", async () => {
    const settings = {
      name: "metrics_v1",
      subjects: ["metrics.>"],
      maxAge: "168h",
      maxBytes: 1024,
      replicas: 3,
      mirror: { name: "origin", external: { api: "$JS.green.API" } },
      adopt: "always",
      deletionPolicy: "retain",
    } as const;
    assert.deepEqual(await made({ ...settings, subjects: ["metrics.>"], connection }), {
      type: "pulumi-nodejs:dynamic/tfdc:Stream",
      name: "metrics",
      inputs: { ...settings, connection, metadata: MARK, __provider: PROVIDER },
    });
  });

  it("stands for its provider by one line, whatever it is given", async () => {
    const { inputs } = await made({ name: "a", connection: { servers: ["elsewhere:1"] } });
    assert.equal(inputs.__provider, PROVIDER);
  });

  it("marks its owner beside the user's own labels, and never lets them stand in for it", async () => {
    const metadata = { team: "tfdc", "io.tfdc.stack": "somebody-else" };
    const { inputs } = await made({ name: "a", connection, metadata });
    assert.deepEqual(inputs.metadata, { team: "tfdc", ...MARK });
  });

  it("marks no colour where the cluster has no name", async () => {
    const { inputs } = await made({ name: "a", connection: { servers: ["a:1"] } });
    assert.deepEqual(inputs.metadata, { ...MARK, "io.tfdc.colour": "" });
  });

  it("waits for metadata that comes from another resource", async () => {
    const metadata = pulumi.output(Promise.resolve({ team: "later" }));
    const { inputs } = await made({ name: "a", connection, metadata });
    assert.deepEqual(inputs.metadata, { team: "later", ...MARK });
  });

  it("keeps a reference to a secret as the reference that it is", async () => {
    const { inputs } = await made({ name: "a", connection });
    assert.deepEqual(inputs.connection, connection);
  });

  it("keeps a secret secret, with the whole connection around it", async () => {
    const given = { ...connection, password: pulumi.secret("s3cret") };
    const { inputs } = await made({ name: "a", connection: given });
    assert.deepEqual(inputs.connection, secret({ ...connection, password: "s3cret" }));
    const { connection: _, ...rest } = inputs;
    assert.doesNotMatch(JSON.stringify(rest), /s3cret/);
  });

  it("keeps a secret label secret", async () => {
    const metadata = pulumi.secret({ team: "hidden" });
    const { inputs } = await made({ name: "a", connection, metadata });
    assert.deepEqual(inputs.metadata, secret({ team: "hidden", ...MARK }));
  });

  it("has its name on the server for an output", async () => {
    const stream = new Stream("metrics", { name: "metrics_v1", connection });
    assert.equal(await resolved(stream.name), "metrics_v1");
  });

  it("shares no type with a bucket", async () => {
    const all = [
      new Stream("a", { name: "a", connection }),
      new KeyValue("a", { bucket: "a", connection }),
    ];
    await registeredAll(all);
    assert.equal(new Set(registered.map(({ type }) => type)).size, 2);
  });
});
