import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import {
  clusterProblems,
  LocalNatsCluster,
  type LocalNatsClusterArgs,
} from "../../components/local-nats-cluster";

const PASSWORDS = {
  client: { file: "client" },
  provisioner: { file: "provisioner" },
  system: { file: "system" },
  cluster: { file: "cluster" },
};

const ARGS: LocalNatsClusterArgs = { colour: "blue", passwords: PASSWORDS };

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

describe("LocalNatsCluster", () => {
  const registered: Registered[] = [];

  before(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          registered.push({ type, name, inputs });
          return { id: name, state: inputs };
        },
        call: () => {
          throw new Error("no function is called");
        },
      },
      "tfdc-nats",
      "test",
    );
  });

  beforeEach(() => {
    registered.length = 0;
  });

  it("makes one server resource each, named after the cluster", async () => {
    const cluster = new LocalNatsCluster("nats", ARGS);
    await waitFor(4);
    assert.deepEqual(
      registered.map(({ type, name }) => [type, name]),
      [
        ["tfdc-nats:index:LocalNatsCluster", "nats"],
        ["pulumi-nodejs:dynamic/tfdc:LocalNatsServer", "nats-0"],
        ["pulumi-nodejs:dynamic/tfdc:LocalNatsServer", "nats-1"],
        ["pulumi-nodejs:dynamic/tfdc:LocalNatsServer", "nats-2"],
      ],
    );
    assert.deepEqual(cluster.servers, ["127.0.0.1:14222", "127.0.0.1:14223", "127.0.0.1:14224"]);
    assert.deepEqual(cluster.monitoring[0], "http://127.0.0.1:18222");
    assert.deepEqual([cluster.clusterName, cluster.domain], ["blue", "blue"]);
  });

  it("gives each server the seed's limits, in canonical form, and its own ports", async () => {
    new LocalNatsCluster("nats", { ...ARGS, maxFileStore: "80GB", writeDeadline: "60s" });
    await waitFor(4);
    const { inputs } = registered[2] as Registered;
    assert.equal(inputs.name, "nats-blue-1");
    assert.equal(inputs.directory, ".local/nats/blue/nats-blue-1");
    assert.deepEqual(inputs.restartOnly, {
      version: "2.10.29",
      host: "127.0.0.1",
      clientPort: 14223,
      monitoringPort: 18223,
      clusterPort: 16223,
      domain: "blue",
      maxFileStore: "80GiB",
      maxMemoryStore: "2GiB",
      syncInterval: "2m",
      maxSubscriptions: 10000,
      maxPending: "256MiB",
      lameDuckGracePeriod: "1s",
      lameDuckDuration: "30s",
    });
    assert.deepEqual(inputs.reloadable, {
      maxConnections: 10000,
      maxPayload: "10MiB",
      writeDeadline: "1m",
      pingInterval: "2m",
    });
    assert.deepEqual(inputs.passwords, PASSWORDS);
    assert.equal(
      inputs.__provider,
      'exports.handler = () => require("@tfdc/pulumi-nats/provider").localServer;',
    );
  });

  it("hands on how it is reached and what it offers as plain data", () => {
    const cluster = new LocalNatsCluster("nats", ARGS);
    assert.deepEqual(cluster.connection, {
      servers: cluster.servers,
      user: "tfdc_provisioner",
      password: { file: "provisioner" },
      inboxPrefix: "_INBOX_tfdc_provisioner",
      cluster: "blue",
      system: { user: "tfdc_system", password: { file: "system" } },
      domain: "blue",
    });
    assert.deepEqual(cluster.capacity, {
      servers: ["nats-blue-0", "nats-blue-1", "nats-blue-2"],
      maxFileStore: "170GiB",
      maxMemoryStore: "2GiB",
      serverVersion: "2.10.29",
      upgradedFirst: true,
    });
  });

  it("refuses everything that is wrong at once", () => {
    assert.throws(
      () => new LocalNatsCluster("nats", { ...ARGS, replicas: 2, writeDeadline: "soon" }),
      (error: Error) => {
        assert.equal(
          error.message,
          [
            "the cluster 'nats' has 2 problems:",
            "- 'replicas' is 2: a JetStream cluster needs an odd number of servers; use 3",
            `- 'writeDeadline' is "soon": it must be a duration; use "10s" or the like`,
          ].join("\n"),
        );
        return true;
      },
    );
  });

  async function waitFor(count: number): Promise<void> {
    for (let tries = 0; registered.length < count && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(registered.length, count);
  }
});

describe("clusterProblems", () => {
  const reasons = (args: Partial<LocalNatsClusterArgs>) =>
    clusterProblems({ ...ARGS, ...args }).map(({ reason }) => reason);

  it("accepts one, three and five servers, and every default", () => {
    for (const replicas of [undefined, 1, 3, 5]) {
      assert.deepEqual(reasons({ replicas }), []);
    }
    assert.deepEqual(reasons({ syncInterval: "always" }), []);
  });

  it("refuses a colour that is no name", () => {
    assert.deepEqual(reasons({ colour: "Blue!" }), [
      `'colour' is "Blue!": a colour is lower-case letters, digits and '-'; use "blue"`,
    ]);
  });

  it("refuses a server that is too old, or none", () => {
    for (const serverVersion of ["2.9.25", "newest"]) {
      assert.deepEqual(reasons({ serverVersion }), [
        `'serverVersion' is "${serverVersion}": it must be nats-server 2.10.0 or newer; use "2.10.29"`,
      ]);
    }
  });

  it("refuses ports that meet, or that are none", () => {
    assert.deepEqual(reasons({ clientPort: 16_220 }), [
      "'clusterPort' is 16222: its 3 consecutive ports meet those of clientPort (16220); keep them 3 or more apart",
    ]);
    assert.deepEqual(reasons({ monitoringPort: 65_534 }), [
      "'monitoringPort' is 65534: it must be a port from 1 to 65533; use another one",
    ]);
  });

  it("refuses limits that are no size, duration or count", () => {
    assert.deepEqual(reasons({ maxPayload: "big", syncInterval: "never", maxConnections: 0 }), [
      `'maxPayload' is "big": it must be a size; use "10MiB" or the like`,
      "'maxConnections' is 0: it must be a whole number from 1; use 10000",
      `'syncInterval' is "never": it must be a duration; use "10s" or the like`,
    ]);
  });

  it("refuses a version that is a path, a host that is no address, and no directory", () => {
    assert.deepEqual(reasons({ serverVersion: "2.10.29/../x", host: "::1", directory: "" }), [
      `'serverVersion' is "2.10.29/../x": it must be nats-server 2.10.0 or newer; use "2.10.29"`,
      `'host' is "::1": the ports are bound to an IPv4 address of this machine; use "127.0.0.1"`,
      `'directory' is "": it must be a path; use ".local/nats/blue"`,
    ]);
  });

  it("refuses a message that is larger than what may wait for a client", () => {
    assert.deepEqual(reasons({ maxPayload: "300MB" }), [
      `'maxPayload' is "300MB": a message must fit what may wait for a client (maxPending, 256MiB); use 256MiB or less`,
    ]);
  });

  it("refuses a user without a password", () => {
    const passwords = { ...PASSWORDS, client: "", system: undefined as unknown as string };
    const rest =
      "is not set: nobody is let in without a password; give a secret, { config: key }, { env: name } or { file: path }";
    assert.deepEqual(reasons({ passwords }), [
      `'passwords.client' ${rest}`,
      `'passwords.system' ${rest}`,
    ]);
  });
});
