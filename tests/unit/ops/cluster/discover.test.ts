import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../../../ops/cluster/cluster";
import { findCluster, findClusters } from "../../../../ops/cluster/discover";
import { clusterOfStack } from "../../../../ops/cluster/from-stack";
import { clusterOfContext } from "../../../../ops/cluster/nats-context";
import { checkoutWith } from "../../../support/ops-command";

describe("the clusters of a command line", () => {
  const before = process.cwd();
  const folders: string[] = [];

  afterEach(() => {
    process.chdir(before);
    for (const folder of folders.splice(0)) {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  function cluster(name: string): Cluster {
    return {
      name,
      connection: { servers: ["127.0.0.1:1", "127.0.0.1:2"] },
      monitoring: ["http://127.0.0.1:3", "http://127.0.0.1:4"],
      declared: { servers: 2, streams: ["a"], buckets: ["b"] },
    };
  }

  function enter(folder: string): string {
    folders.push(folder);
    process.chdir(folder);
    return folder;
  }

  it("are both colours' local stacks where nothing is named, from any folder of the checkout", () => {
    const folder = enter(checkoutWith({ blue: cluster("blue"), green: cluster("green") }));
    mkdirSync(join(folder, "docs"));
    process.chdir("docs");
    assert.deepEqual(
      findClusters({}).map(({ name, stack }) => [name, stack]),
      [
        ["blue", "local-blue"],
        ["green", "local-green"],
      ],
    );
  });

  it("are the one that a colour or a stack names, with what it declares", () => {
    enter(checkoutWith({ blue: cluster("blue"), green: cluster("green") }));
    for (const found of [findCluster({}, "green"), findCluster({ stack: ["local-green"] })]) {
      assert.deepEqual(found, {
        ...cluster("green"),
        stack: "local-green",
        connection: { ...cluster("green").connection, cluster: "green" },
      });
    }
  });

  it("are servers that are named, with or without a scheme, and their monitoring", () => {
    const found = findCluster({
      server: "nats://a:4222, b:4222",
      user: "u",
      "password-file": "p",
      monitoring: "http://a:8222/",
      "system-user": "s",
      "system-password-file": "sp",
    });
    assert.deepEqual(found, {
      name: "a:4222",
      connection: { servers: ["a:4222", "b:4222"], user: "u", password: { file: "p" } },
      monitoring: ["http://a:8222"],
      system: { servers: ["a:4222", "b:4222"], user: "s", password: { file: "sp" } },
    });
  });

  it("cannot be named in two ways", () => {
    assert.throws(() => findClusters({ server: "a", stack: ["b"] }, ["blue"]), {
      name: "UsageError",
      message: "--stack and --server and blue name different clusters; name them in one way only.",
    });
  });

  it("have to be named where there is no checkout", () => {
    enter(mkdtempSync(join(tmpdir(), "tfdc-nowhere-")));
    assert.throws(() => findClusters({}), {
      message: /^there is no Pulumi project here .*--server/,
    });
  });

  it("are one only where a command works on one", () => {
    enter(checkoutWith({ blue: cluster("blue"), green: cluster("green") }));
    assert.throws(() => findCluster({}), {
      message: /^this command works on one cluster; name it/,
    });
  });

  it("are not there while a stack has not come up", () => {
    assert.throws(() => clusterOfStack("/p", "local-blue", []), {
      message:
        "the stack 'local-blue' has no cluster: its last update did not come to its end, or it was taken down; bring it up first (a local one with: npm start).",
    });
  });

  it("carry the paths of a local stack as absolute ones, and its system account", () => {
    const passwords = { system: { file: ".local/secrets/blue/system" }, client: "given" };
    const found = clusterOfStack("/p", "local-blue", [
      {
        type: "pulumi:pulumi:Stack",
        outputs: { colour: "blue", servers: ["a", "b"], user: "u", passwordFile: ".local/c" },
      },
      {
        type: "pulumi-nodejs:dynamic/tfdc:LocalNatsServer",
        outputs: { name: "nats-blue-0", directory: ".local/nats/blue/nats-blue-0", passwords },
      },
    ]);
    assert.deepEqual(found.connection.password, { file: "/p/.local/c" });
    assert.deepEqual(found.system?.password, { file: "/p/.local/secrets/blue/system" });
    assert.equal(found.processes?.[0]?.directory, "/p/.local/nats/blue/nats-blue-0");
    assert.equal(found.processes?.[0]?.passwords.client, "given");
  });

  it("are reached through the API server where their stack puts them on Kubernetes", () => {
    const resources = [
      {
        type: "pulumi:pulumi:Stack",
        outputs: { colour: "blue", podHosts: ["a", "b", "c"], streams: ["s"], user: "tfdc_client" },
      },
      {
        type: "pulumi-nodejs:dynamic/tfdc:Stream",
        outputs: {
          connection: {
            kubernetes: { namespace: "tfdc", service: "nats-blue-client", kubeconfig: "k/config" },
            cluster: "blue",
            user: "tfdc_provisioner",
            password: { config: "tfdc-nats:provisionerPassword" },
            inboxPrefix: "_INBOX_tfdc_provisioner",
          },
        },
      },
    ];
    const found = clusterOfStack("/p", "blue", resources, (key) => `of ${key}`);
    const kubernetes = {
      namespace: "tfdc",
      service: "nats-blue-client",
      kubeconfig: "/p/k/config",
    };
    assert.deepEqual(found.connection, {
      kubernetes,
      cluster: "blue",
      user: "tfdc_client",
      password: "of tfdc-nats:clientPassword",
    });
    assert.deepEqual(found.system, {
      ...found.connection,
      user: "tfdc_system",
      password: "of tfdc-nats:systemPassword",
    });
    assert.deepEqual(found.declared, { servers: 3, streams: ["s"], buckets: [] });
    assert.throws(() => clusterOfStack("/p", "blue", resources), {
      message:
        "the stack 'blue' has no tfdc-nats:clientPassword in its configuration; set it with: pulumi config set --secret tfdc-nats:clientPassword -s blue.",
    });
  });

  it("are those of a context of the nats command line", () => {
    const folder = enter(mkdtempSync(join(tmpdir(), "tfdc-contexts-")));
    const write = (name: string, context: object) =>
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(context));
    write("ops", { url: "nats://a:4222,b:4222", user: "u", password: "p", nkey: "", ca: "/ca" });
    write("url", { url: "nats://u:p@a:4222", inbox_prefix: "_I" });
    write("nkey", { url: "a", nkey: "/seed" });
    assert.deepEqual(clusterOfContext("ops", folder).connection, {
      servers: ["a:4222", "b:4222"],
      user: "u",
      password: "p",
      tls: { caFile: "/ca" },
    });
    assert.deepEqual(clusterOfContext("url", folder).connection, {
      servers: ["a:4222"],
      user: "u",
      password: "p",
      inboxPrefix: "_I",
    });
    assert.throws(() => clusterOfContext("nkey", folder), { message: /NKey alone/ });
    assert.throws(() => clusterOfContext("gone", folder), {
      name: "UsageError",
      message: `there is no context 'gone' in ${folder}; there are: nkey, ops, url.`,
    });
  });
});
