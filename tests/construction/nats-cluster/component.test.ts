import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import type { Service } from "../../../components/kubernetes/manifests";
import type { NatsClusterComponentArgs } from "../../../components/nats-cluster-args";
import { ARGS, DeclaredCluster } from "../../support/declared-cluster";
import { resolved } from "../../support/registrations";

async function reasons(args: Partial<NatsClusterComponentArgs>): Promise<string[]> {
  try {
    await DeclaredCluster.make(args);
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.replace(/^- /, ""));
  }
  return [];
}

describe("NatsClusterComponent", () => {
  it("makes these objects and steps, and no others", async () => {
    const cluster = await DeclaredCluster.make();
    assert.deepEqual(cluster.names, [
      ["nats-blue", "tfdc-nats:index:NatsClusterComponent"],
      ["nats-blue-client", "kubernetes:core/v1:Service"],
      ["nats-blue-config", "kubernetes:core/v1:ConfigMap"],
      ["nats-blue-credentials", "kubernetes:core/v1:Secret"],
      ["nats-blue-disruption-budget", "kubernetes:policy/v1:PodDisruptionBudget"],
      ["nats-blue-headless", "kubernetes:core/v1:Service"],
      ["nats-blue-kubernetes", "pulumi:providers:kubernetes"],
      ["nats-blue-kubernetes-sharing", "pulumi:providers:kubernetes"],
      ["nats-blue-login", "kubernetes:core/v1:Secret"],
      ["nats-blue-members", "pulumi-nodejs:dynamic/tfdc:NatsClusterMembers"],
      ["nats-blue-namespace", "kubernetes:core/v1:Namespace"],
      ["nats-blue-network-policy", "kubernetes:networking.k8s.io/v1:NetworkPolicy"],
      ["nats-blue-reload", "command:local:Command"],
      ["nats-blue-revision", "pulumi-nodejs:dynamic/tfdc:NatsClusterRevision"],
      ["nats-blue-roll", "command:local:Command"],
      ["nats-blue-service-account", "kubernetes:core/v1:ServiceAccount"],
      ["nats-blue-settled", "command:local:Command"],
      ["nats-blue-shape", "pulumi-nodejs:dynamic/tfdc:NatsClusterShape"],
      ["nats-blue-stateful-set", "kubernetes:apps/v1:StatefulSet"],
    ]);
  });

  it("hands on what others compose with", async () => {
    const { component } = await DeclaredCluster.make({ access: { context: "production" } });
    assert.deepEqual(component.connection, {
      kubernetes: { namespace: "tfdc", service: "nats-blue-client", context: "production" },
      user: "tfdc_provisioner",
      password: "p",
      inboxPrefix: "_INBOX_tfdc_provisioner",
      cluster: "blue",
      system: { user: "tfdc_system", password: "s" },
      domain: "blue",
    });
    assert.deepEqual(component.capacity, {
      servers: ["nats-blue-0", "nats-blue-1", "nats-blue-2"],
      maxFileStore: "170GiB",
      maxMemoryStore: "2GiB",
      serverVersion: "2.10.29",
      upgradedFirst: true,
    });
    assert.equal(component.clientUrl, "nats://nats-blue-client.tfdc.svc.cluster.local:4222");
    assert.equal(component.headlessName, "nats-blue.tfdc.svc.cluster.local");
    assert.equal(component.podHosts[2], "nats-blue-2.nats-blue.tfdc.svc.cluster.local");
    assert.deepEqual(component.loginSecret, {
      namespace: "tfdc",
      name: "nats-blue-login",
      keys: { url: "url", user: "user", password: "password" },
    });
    assert.equal(await resolved(component.ready), "blue");
  });

  it("reaches the servers directly where it is told their addresses", async () => {
    const { component } = await DeclaredCluster.make({ servers: ["nats.example.com:4222"] });
    assert.deepEqual(component.connection.servers, ["nats.example.com:4222"]);
    assert.equal(component.connection.kubernetes, undefined);
  });

  it("uses the provider that it is given, unless its arguments name an API server", async () => {
    const given = () => ({ providers: [new kubernetes.Provider("given", {})] });
    const hasItsOwn = async (args: Partial<NatsClusterComponentArgs>) =>
      (await DeclaredCluster.make(args, given)).names.some(
        ([name]) => name === "nats-blue-kubernetes",
      );
    assert.equal(await hasItsOwn({}), false);
    assert.equal(await hasItsOwn({ access: { context: "production" } }), true);
  });

  it("changes objects where they are, over the API server that it is told", async () => {
    const access = { kubeconfig: "kubeconfig.yaml", context: "production" };
    const cluster = await DeclaredCluster.make({ access });
    assert.deepEqual(cluster.inputsOf("nats-blue-kubernetes"), {
      ...access,
      enableConfigMapMutable: "true",
      enableSecretMutable: "true",
      enablePatchForce: "true",
    });
    assert.deepEqual(cluster.inputsOf("nats-blue-kubernetes-sharing"), {
      ...access,
      upsertExistingObjects: "true",
      enablePatchForce: "true",
    });
  });

  it("leaves the namespace to others where that is asked for", async () => {
    const cluster = await DeclaredCluster.make({ createNamespace: false });
    assert.ok(!cluster.names.some(([name]) => name === "nats-blue-namespace"));
  });

  it("gives every object a last word", async () => {
    const cluster = await DeclaredCluster.make({
      transform: {
        clientService: (service) => ({
          ...service,
          spec: { ...service.spec, type: "LoadBalancer" },
        }),
        statefulSet: (set) => {
          if (set.spec?.template.spec !== undefined) {
            set.spec.template.spec.dnsPolicy = "ClusterFirst";
          }
          return undefined;
        },
      },
    });
    const inputs = cluster.inputsOf<{ spec: { type: string; ports: unknown[] } }>(
      "nats-blue-client",
    );
    assert.equal(inputs.spec.type, "LoadBalancer");
    assert.equal(inputs.spec.ports.length, 1);
    const { spec } = cluster.inputsOf<{ spec: { template: { spec: { dnsPolicy: string } } } }>(
      "nats-blue-stateful-set",
    );
    assert.equal(spec.template.spec.dnsPolicy, "ClusterFirst");
  });

  it("refuses what an API server would refuse of a Service's ports only when it is applied", async () => {
    const clientService = (service: Service): Service => ({
      ...service,
      spec: {
        ...service.spec,
        ports: [...(service.spec?.ports ?? []), { name: "client", port: 443 }],
      },
    });
    assert.deepEqual(await reasons({ transform: { clientService } }), [
      "'transform.clientService' names the ports 4222 and 443 'client': a name stands for one port of a Service; give each its own",
    ]);
  });

  it("refuses everything that is wrong at once", async () => {
    assert.deepEqual(
      await reasons({
        replicas: 2,
        storageClass: "Fast SSD",
        maxFileStore: "190GiB",
        passwords: { ...ARGS.passwords, client: "", system: { env: "TFDC_TEST_NOT_SET" } },
      }),
      [
        `'storageClass' is "Fast SSD": it must be the name of a StorageClass; use "fast-ssd"`,
        "'replicas' is 2: a JetStream cluster needs an odd number of servers; use 3",
        `'maxFileStore' is "190GiB": a volume of 200Gi has room for 90 % of its size, because the disk would be full before the limit is reached; use 180GiB or less, or a larger 'volumeSize'`,
        "'passwords.client' is not set: nobody is let in without a password; give a secret, { config: key }, { env: name } or { file: path }",
        "'passwords.system' is not set: it is to come from the environment variable TFDC_TEST_NOT_SET, which is not set; export TFDC_TEST_NOT_SET before running pulumi.",
      ],
    );
  });

  it("is not loaded with the Kubernetes packages before it is used", () => {
    const script = `require("@tfdc/pulumi-nats"); require("@tfdc/pulumi-nats/provider");
      console.log(Object.keys(require.cache).filter((file) => /@pulumi.(kubernetes|command)|client-node/.test(file)).length);`;
    const root = join(__dirname, "../../..");
    const count = execFileSync(process.execPath, ["--eval", script], { cwd: root }).toString();
    assert.equal(count.trim(), "0");
  });
});
