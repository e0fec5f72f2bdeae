import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import {
  JetStreamAssets,
  type JetStreamAssetsArgs,
  PropertyProblems,
} from "../../components/index";
import { buckets, streams } from "../../topology";
import {
  type Registration,
  recordRegistrations,
  registeredAll,
  resolved,
  secret,
} from "../support/registrations";

const STREAM = "pulumi-nodejs:dynamic/tfdc:Stream";
const BUCKET = "pulumi-nodejs:dynamic/tfdc:KeyValue";
const ASSETS = "tfdc-nats:index:JetStreamAssets";
const GUARD = "pulumi-nodejs:dynamic/tfdc:JetStreamGuard";

const MARK = {
  "io.tfdc.project": "tfdc-nats",
  "io.tfdc.stack": "blue",
  "io.tfdc.colour": "nats-blue",
};

const connection = {
  servers: ["127.0.0.1:14222"],
  user: "tfdc_provisioner",
  password: { config: "tfdc-nats:provisionerPassword" },
  cluster: "nats-blue",
  domain: "blue",
};

const capacity = {
  servers: ["nats-blue-0", "nats-blue-1", "nats-blue-2"],
  maxFileStore: "170GiB",
  maxMemoryStore: "2GiB",
  serverVersion: "2.10.29",
};

describe("JetStreamAssets", () => {
  let registered: Registration[];

  beforeEach(async () => {
    registered = await recordRegistrations("tfdc-nats", "blue");
  });

  async function made(args: JetStreamAssetsArgs): Promise<JetStreamAssets> {
    const assets = new JetStreamAssets("blue", args);
    await registeredAll([
      assets,
      ...Object.values(assets.streams),
      ...Object.values(assets.buckets),
      assets.guard,
    ]);
    return assets;
  }

  const inputsOf = (name: string) => registered.find((one) => one.name === name)?.inputs;

  it("registers the platform's streams and buckets, and nothing else", async () => {
    await made({ connection, capacity, streams, buckets });
    assert.deepEqual(registered.map(({ type, name }) => [type, name]).sort(), [
      [GUARD, "blue-guard"],
      [BUCKET, "blue-assignments_v1"],
      [BUCKET, "blue-heartbeats"],
      [BUCKET, "blue-workers_v1"],
      [STREAM, "blue-alerts.v1"],
      [STREAM, "blue-events.v1"],
      [STREAM, "blue-metrics.v1"],
      [ASSETS, "blue"],
    ]);
  });

  it("has Pulumi keep one line of the program with each resource, itself included", async () => {
    const before = Error.prepareStackTrace;
    const kept: number[] = [];
    Error.prepareStackTrace = (error, sites) => {
      // For what it keeps with a resource Pulumi asks for the whole stack.
      if (!Number.isFinite(Error.stackTraceLimit)) {
        kept.push(sites.length);
      }
      return [String(error), ...sites.map((site) => `    at ${site}`)].join("\n");
    };
    const limit = Error.stackTraceLimit;
    // Node's own: mocha has none.
    Error.stackTraceLimit = 10;
    try {
      await made({ connection, capacity, streams, buckets });
    } finally {
      Error.prepareStackTrace = before;
      Error.stackTraceLimit = limit;
    }
    assert.deepEqual(
      kept,
      registered.map(() => 1),
    );
  });

  it("hands every asset its settings, the connection and the owner's mark", async () => {
    await made({ connection, capacity, streams, buckets });
    const shared = { connection, guarded: true, metadata: MARK };
    assert.deepEqual(inputsOf("blue-metrics.v1"), {
      ...shared,
      ...streams["metrics.v1"],
      name: "metrics_v1",
      description: "metrics.v1",
      __provider: 'exports.handler = () => require("@tfdc/pulumi-nats/provider").stream;',
    });
    assert.deepEqual(inputsOf("blue-heartbeats"), {
      ...shared,
      ...buckets.heartbeats,
      bucket: "heartbeats",
      __provider: 'exports.handler = () => require("@tfdc/pulumi-nats/provider").keyValue;',
    });
    assert.deepEqual(inputsOf("blue"), {});
  });

  it("has its assets judged by the version that an update brings first, where it does", async () => {
    const brought = { ...capacity, serverVersion: "2.11.17", upgradedFirst: true };
    const declared = { streams: { a: { allowMsgTtl: true } }, buckets: { b: {} } };
    await made({ connection, capacity: brought, ...declared });
    assert.equal(inputsOf("blue-a")?.serverVersion, "2.11.17");
    assert.equal(inputsOf("blue-b")?.serverVersion, "2.11.17");
    registered.length = 0;
    await made({ connection, capacity: { ...brought, upgradedFirst: undefined }, ...declared });
    assert.equal(inputsOf("blue-a")?.serverVersion, undefined);
  });

  it("hands its policies to every asset", async () => {
    const policies = { adopt: "always", deletionPolicy: "retain" } as const;
    await made({ connection, ...policies, streams: { a: {} }, buckets: { b: {} } });
    for (const name of ["blue-a", "blue-b"]) {
      assert.equal(inputsOf(name)?.adopt, "always");
      assert.equal(inputsOf(name)?.deletionPolicy, "retain");
    }
  });

  it("lets an asset have policies of its own", async () => {
    const a = { allowDataLoss: { upToMessages: 5 }, deletionPolicy: "delete" } as const;
    await made({ connection, deletionPolicy: "retain", streams: { a, b: {} } });
    assert.deepEqual(inputsOf("blue-a")?.allowDataLoss, { upToMessages: 5 });
    assert.equal(inputsOf("blue-a")?.deletionPolicy, "delete");
    assert.equal(inputsOf("blue-b")?.deletionPolicy, "retain");
    assert.deepEqual(inputsOf("blue-guard")?.assets, { a: "delete", b: "retain" });
  });

  it("has a guard that knows the streams of all assets, each with its policy", async () => {
    await made({ connection, streams: { "a.v1": {} }, buckets: { b: {} } });
    assert.deepEqual(inputsOf("blue-guard"), {
      connection,
      assets: { a_v1: "refuseIfNotEmpty", KV_b: "refuseIfNotEmpty" },
      __provider: 'exports.handler = () => require("@tfdc/pulumi-nats/provider").guard;',
    });
  });

  it("writes thresholds for the stock checks where it is told to, and a declaration's own win", async () => {
    const declared = {
      a: { replicas: 3, metadata: { "io.nats.monitor.peer-lag-critical": "50", team: "x" } },
    };
    await made({ connection, checkMetadata: true, streams: declared, buckets: { b: {} } });
    assert.deepEqual(inputsOf("blue-a")?.metadata, {
      ...MARK,
      "io.nats.monitor.enabled": "true",
      "io.nats.monitor.peer-expect": "3",
      "io.nats.monitor.peer-lag-critical": "50",
      "io.nats.monitor.peer-seen-critical": "10s",
      team: "x",
    });
    assert.deepEqual(inputsOf("blue-b")?.metadata, { ...MARK, "io.nats.monitor.enabled": "true" });
  });

  it("is the parent of its assets, which are found by their logical names", async () => {
    const assets = await made({ connection, streams: { "a.v1": {} }, buckets: { b: {} } });
    assert.deepEqual(Object.keys(assets.streams), ["a.v1"]);
    assert.deepEqual(Object.keys(assets.buckets), ["b"]);
    const { "a.v1": stream } = assets.streams;
    assert.ok(stream);
    assert.equal(await resolved(stream.name), "a_v1");
    assert.equal(
      await resolved(stream.urn),
      `urn:pulumi:blue::tfdc-nats::${ASSETS}$${STREAM}::blue-a.v1`,
    );
  });

  it("keeps the secret of its connection secret in every asset", async () => {
    const given = { ...connection, password: pulumi.secret("s3cret") };
    await made({ connection: given, streams: { a: {} }, buckets: { b: {} } });
    for (const name of ["blue-a", "blue-b"]) {
      const { connection: sent, ...rest } = inputsOf(name) ?? {};
      assert.deepEqual(sent, secret({ ...connection, password: "s3cret" }));
      assert.doesNotMatch(JSON.stringify(rest), /s3cret/);
    }
  });

  it("makes nothing of a declaration with problems, and names them all", async () => {
    const declare = () =>
      new JetStreamAssets("blue", {
        connection,
        capacity: { ...capacity, maxFileStore: "80GiB" },
        streams: { ...streams, "metrics.v2": { subjects: ["metrics.v2.>"], replicas: 5 } },
        buckets: { "bad name": {} },
      });
    assert.throws(declare, (error) => {
      assert.ok(error instanceof PropertyProblems);
      assert.match(error.message, /^the declaration of 'blue' has 4 problems:\n- /);
      assert.deepEqual(
        error.errors?.map(({ propertyPath }) => propertyPath),
        [
          'buckets["bad name"].bucket',
          'streams["metrics.v2"].subjects',
          'streams["metrics.v2"].replicas',
          "maxFileStore",
        ],
      );
      return true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(
      registered.map(({ type }) => type),
      [ASSETS],
    );
  });

  it("checks nothing of the cluster where its capacity is not said", async () => {
    await made({ connection, streams: { a: { replicas: 5, maxBytes: "9TiB" } } });
    assert.deepEqual(
      registered.map(({ name }) => name),
      ["blue", "blue-a", "blue-guard"],
    );
  });

  it("may be empty", async () => {
    const { streams: none, buckets: neither } = await made({ connection });
    assert.deepEqual([none, neither], [{}, {}]);
  });
});
