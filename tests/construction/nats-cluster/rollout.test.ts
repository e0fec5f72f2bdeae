import { strict as assert } from "node:assert";
import type { NatsClusterComponentArgs } from "../../../components/nats-cluster-args";
import { ARGS, DeclaredCluster } from "../../support/declared-cluster";

interface Step {
  readonly create: string;
  readonly interpreter: readonly string[];
  readonly environment: { readonly TFDC_NATS_ROLLOUT: string };
  readonly triggers: readonly string[];
}

const STEPS = ["roll", "reload", "settled"] as const;

/** The steps that a change makes run again. */
async function changed(args: Partial<NatsClusterComponentArgs>): Promise<string[]> {
  const triggers = async (more: Partial<NatsClusterComponentArgs>) => {
    const cluster = await DeclaredCluster.make(more);
    return STEPS.map((step) => cluster.inputsOf<Step>(`nats-blue-${step}`).triggers);
  };
  const [before, after] = [await triggers({}), await triggers(args)];
  return STEPS.filter((_, index) => String(before[index]) !== String(after[index]));
}

describe("the rollout of NatsClusterComponent", () => {
  it("reloads where the servers can take a change over", async () => {
    for (const args of [
      { maxPayload: "5MiB" },
      { maxConnections: 500 },
      { writeDeadline: "20s" },
      { pingInterval: "1m" },
      { passwords: { ...ARGS.passwords, client: "another" } },
      { users: [{ user: "reader", password: "r" }] },
    ]) {
      assert.deepEqual(await changed(args), ["reload", "settled"], JSON.stringify(args));
    }
  });

  it("restarts where they cannot, or where the pods change", async () => {
    for (const args of [
      { maxFileStore: "100GiB" },
      { maxMemoryStore: "1GiB" },
      { durability: "strict" as const },
      { maxPending: "128MiB" },
      { maxSubscriptions: 500 },
      { serverVersion: "2.10.30" },
      { resources: { requests: { cpu: "50m" } } },
      { priorityClassName: "high" },
    ]) {
      assert.deepEqual(await changed(args), ["roll", "settled"], JSON.stringify(args));
    }
  });

  it("does neither for what is no business of running servers", async () => {
    for (const args of [
      { clientLabels: { app: "worker" } },
      { monitoringNamespace: "observability" },
      { volumeRetention: "delete" as const },
    ]) {
      assert.deepEqual(await changed(args), [], JSON.stringify(args));
    }
  });

  it("runs node itself, with a plan that holds no secret", async () => {
    const cluster = await DeclaredCluster.make({
      access: { kubeconfig: "kubeconfig.yaml", context: "test" },
    });
    const step = cluster.inputsOf<Step>("nats-blue-reload");
    assert.deepEqual(step.interpreter, ["node", "--eval"]);
    assert.equal(step.create, 'require("@tfdc/pulumi-nats/rollout").run("reload");');
    assert.deepEqual(JSON.parse(step.environment.TFDC_NATS_ROLLOUT), {
      namespace: "tfdc",
      statefulSet: "nats-blue",
      colour: "blue",
      pods: ["nats-blue-0", "nats-blue-1", "nats-blue-2"],
      settleSeconds: 300,
      kubeconfig: "kubeconfig.yaml",
      context: "test",
      marks: [`tfdc.configuration.${step.triggers[0]}`, `tfdc.credentials.${step.triggers[1]}`],
    });
  });

  it("leaves restarting to Kubernetes where that is asked for", async () => {
    const cluster = await DeclaredCluster.make({ rollout: "kubernetes" });
    const { spec } = cluster.inputsOf<{ spec: { updateStrategy: unknown } }>(
      "nats-blue-stateful-set",
    );
    assert.deepEqual(spec.updateStrategy, { type: "RollingUpdate" });
    assert.deepEqual(
      cluster.names.filter(([, type]) => type === "command:local:Command").map(([name]) => name),
      ["nats-blue-reload", "nats-blue-settled"],
    );
  });

  it("reloads where the certificate of a Secret is another one", async () => {
    const tls = { clients: { secretName: "nats-tls" }, routes: { secretName: "nats-tls" } };
    const declare = async (fingerprint: string) => {
      const certificate = { expires: "2027-01-02", fingerprint, authority: "a" };
      const states = { "nats-blue-certificates": { certificates: { "nats-tls": certificate } } };
      const cluster = await DeclaredCluster.make({ tls }, undefined, states);
      const { namespace, secrets } = cluster.inputsOf("nats-blue-certificates");
      assert.deepEqual([namespace, secrets], ["tfdc", ["nats-tls"]]);
      return STEPS.map((step) => cluster.inputsOf<Step>(`nats-blue-${step}`));
    };
    const [before, after] = [await declare("AA:BB"), await declare("CC:DD")];
    const triggers = (steps: Step[]) => steps.map((step) => String(step.triggers));
    assert.deepEqual(
      STEPS.filter((_, index) => triggers(before)[index] !== triggers(after)[index]),
      ["reload"],
    );
    const plan = JSON.parse(after[1]?.environment.TFDC_NATS_ROLLOUT ?? "");
    const shown = { secretName: "nats-tls", expires: "2027-01-02", fingerprint: "CC:DD" };
    assert.deepEqual(plan.certificates, [
      { port: 4222, ...shown, authority: "a" },
      { port: 6222, ...shown, authority: "a" },
    ]);
  });

  it("restarts again where a pod was found that is not as declared", async () => {
    const declare = async (states: Readonly<Record<string, object>>) => {
      const cluster = await DeclaredCluster.make({}, undefined, states);
      return STEPS.map((step) => cluster.inputsOf<Step>(`nats-blue-${step}`).triggers);
    };
    const none = await declare({ "nats-blue-revision": { rolls: 0 } });
    const found = await declare({ "nats-blue-revision": { rolls: 2 } });
    assert.deepEqual(found, [[none[0]?.[0], "2"], none[1], none[2]]);
  });

  it("lets servers leave before the StatefulSet takes their pods away", async () => {
    const cluster = await DeclaredCluster.make({ access: { context: "test" } });
    const { servers, home, stallSeconds, connection } = cluster.inputsOf("nats-blue-members");
    assert.deepEqual(servers, ["nats-blue-0", "nats-blue-1", "nats-blue-2"]);
    assert.deepEqual(home, { namespace: "tfdc", statefulSet: "nats-blue", context: "test" });
    assert.equal(stallSeconds, 300);
    assert.deepEqual(connection, cluster.component.connection);
  });
});
