import assert from "node:assert/strict";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { reach } from "../../components/provider/reach";
import type { KubernetesObject } from "../support/kubernetes/api";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesProgram, passwordOf } from "../support/kubernetes-program";
import { tfdcNats } from "../support/ops-command";
import type { Step } from "../support/pulumi-project";

const NAMESPACE = "colours";

describe("the program on Kubernetes", function () {
  this.timeout(600_000);
  let cluster: Kubernetes;
  let blue: KubernetesProgram;
  let green: KubernetesProgram;

  const object = (kind: string, name: string, apiVersion = "v1"): KubernetesObject => {
    return { apiVersion, kind, metadata: { name, namespace: NAMESPACE } };
  };
  const paths = (step: Step | undefined) => Object.keys(step?.detailedDiff ?? {}).sort();
  const claims = async (colour: string) =>
    (await cluster.list<{ metadata: { name: string } }>("v1", "PersistentVolumeClaim", NAMESPACE))
      .map(({ metadata }) => metadata.name)
      .filter((name) => name.includes(`nats-${colour}-`));
  const outputs = async ({ project }: KubernetesProgram) =>
    JSON.parse((await project.ok("stack", "output", "--json")).stdout) as {
      streams: string[];
      buckets: string[];
    };

  before(async () => {
    cluster = await sharedKubernetes();
    blue = await KubernetesProgram.create(cluster, NAMESPACE, { colour: "blue" });
    green = await KubernetesProgram.create(cluster, NAMESPACE, {
      colour: "green",
      volumeRetention: "delete",
    });
  });

  after(async () => {
    blue?.remove();
    green?.remove();
    await cluster?.removeNamespace(NAMESPACE);
  });

  /** Does something as the provisioner, through a port-forward of the package's own. */
  async function asProvisioner<T>(
    colour: string,
    work: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<T>,
  ): Promise<T> {
    const path = await reach("a test", {
      kubernetes: {
        namespace: NAMESPACE,
        service: `nats-${colour}-client`,
        kubeconfig: cluster.kubeconfig,
      },
    });
    const connection = await connect({
      servers: [...path.servers],
      user: "tfdc_provisioner",
      pass: passwordOf("provisioner"),
      inboxPrefix: "_INBOX_tfdc_provisioner",
      ignoreClusterUpdates: true,
    });
    try {
      return await work(await jetstreamManager(connection, { domain: colour }));
    } finally {
      await connection.close();
      await path.close();
    }
  }

  it("makes a colour, in a restricted namespace, and then its streams in one update", async () => {
    await blue.project.ok("up", "--yes", "--skip-preview");
    const namespace = await cluster.get<{ metadata: { labels: Record<string, string> } }>({
      kind: "Namespace",
      metadata: { name: NAMESPACE },
    });
    assert.equal(namespace?.metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    const pods = await cluster.waitReady(NAMESPACE, "cluster=blue", 3);
    assert.deepEqual(pods.map(({ spec }) => spec.nodeName).sort(), ["node-0", "node-1", "node-2"]);
    const { streams, buckets } = await outputs(blue);
    const live = await asProvisioner("blue", async (manager) => {
      const found: string[] = [];
      for await (const { config } of manager.streams.list()) {
        found.push(config.name);
      }
      return found.sort();
    });
    assert.deepEqual(live, [...streams, ...buckets.map((bucket) => `KV_${bucket}`)].sort());
  });

  it("makes the other colour beside it in the same namespace", async () => {
    await green.project.ok("up", "--yes", "--skip-preview");
    assert.equal((await cluster.waitReady(NAMESPACE, "app=nats", 6)).length, 6);
  });

  it("finds nothing to do afterwards", async () => {
    for (const { project } of [blue, green]) {
      const { code, stdout } = await project.run("preview", "--diff", "--expect-no-changes");
      assert.equal(code, 0, stdout);
    }
  });

  it("sends clients to a colour by one Service, once that colour is healthy and equal", async () => {
    blue.adopt(green);
    const { directory: cwd, env } = blue.project;
    const switched = (...words: string[]) => tfdcNats(["switch", ...words], { cwd, env });
    const selected = async () =>
      (await cluster.get<{ spec: { selector: object } }>(object("Service", "nats-active")))?.spec
        .selector;

    const none = await switched();
    assert.match(none.stderr, /no colour has been made active yet/);
    const first = await switched("blue");
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stdout,
      /^blue is active since .+: nats:\/\/nats-active\.colours\.svc:4222$/m,
    );
    assert.deepEqual(await selected(), { app: "nats", cluster: "blue" });

    await asProvisioner("green", (manager) => manager.streams.delete("alerts_v1"));
    const refused = await switched("green");
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /not switched to green: blue stays active/);
    assert.deepEqual(await selected(), { app: "nats", cluster: "blue" });

    await green.project.ok("up", "--yes", "--skip-preview");
    const second = await switched("green");
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(await selected(), { app: "nats", cluster: "green" });
    const back = await switched("--back");
    assert.equal(back.code, 0, back.stderr);
    assert.match((await switched()).stdout, /^blue is active since /);
    assert.deepEqual(await selected(), { app: "nats", cluster: "blue" });

    await cluster.edit(object("Service", "nats-active"), {
      spec: { selector: { cluster: "green" } },
    });
    const held = await switched("blue");
    assert.equal(held.code, 1, held.stderr);
    assert.match(
      held.stderr,
      /the Service nats-active in namespace colours is not changed: the API server \S+ answers 409: .*conflict/,
    );
  });

  it("restarts one pod after the other, the meta leader last, where nothing was changed", async () => {
    const { directory: cwd, env } = blue.project;
    const uids = async () => (await cluster.pods(NAMESPACE, "cluster=blue")).map(podUid);
    const before = await uids();
    const plan = await tfdcNats(["roll", "blue", "--dry-run"], { cwd, env });
    assert.match(plan.stdout, /3\. nats-blue-\d \(meta leader\)/);
    const rolled = await tfdcNats(["roll", "blue", "--yes", "-o", "json"], { cwd, env });
    assert.equal(rolled.code, 0, rolled.stderr);
    assert.deepEqual((JSON.parse(rolled.stdout) as { restarted: string[] }).restarted.sort(), [
      "nats-blue-0",
      "nats-blue-1",
      "nats-blue-2",
    ]);
    const after = await uids();
    assert.deepEqual([after.length, after.filter((uid) => before.includes(uid))], [3, []]);
    const { code, stdout } = await blue.project.run("preview", "--diff", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("shows drift of a stream and of an object in one preview, property by property, and repairs both", async () => {
    const [stream = ""] = (await outputs(blue)).streams;
    const before = await asProvisioner("blue", async (manager) => {
      const { config } = await manager.streams.info(stream);
      await manager.streams.update(stream, { max_age: config.max_age + 3_600_000_000_000 });
      return config.max_age;
    });
    await cluster.edit(object("PodDisruptionBudget", "nats-blue", "policy/v1"), {
      spec: { maxUnavailable: 2 },
    });
    await cluster.edit(object("Service", "nats-blue-client"), {
      metadata: { labels: { cluster: "red" } },
    });
    const changes = await blue.project.changes();
    const names = [...changes.keys()].sort();
    const streamResource = names.find((name) => !name.startsWith("nats-blue"));
    assert.deepEqual(
      names.filter((name) => name.startsWith("nats-blue")),
      ["nats-blue-client", "nats-blue-disruption-budget"],
    );
    assert.equal(names.length, 3);
    assert.deepEqual(paths(changes.get(streamResource ?? "")), ["maxAge"]);
    assert.deepEqual(paths(changes.get("nats-blue-client")), ["metadata.labels.cluster"]);
    assert.deepEqual(paths(changes.get("nats-blue-disruption-budget")), ["spec.maxUnavailable"]);

    await blue.project.ok("up", "--yes", "--skip-preview");
    const budget = await cluster.get<{ spec: { maxUnavailable: number } }>(
      object("PodDisruptionBudget", "nats-blue", "policy/v1"),
    );
    assert.equal(budget?.spec.maxUnavailable, 1);
    const now = await asProvisioner("blue", (manager) => manager.streams.info(stream));
    assert.equal(now.config.max_age, before);
  });

  it("reloads the servers where a setting allows it, and changes the ConfigMap in place", async () => {
    const uid = async () =>
      (await cluster.get<{ metadata: { uid: string } }>(object("ConfigMap", "nats-blue-config")))
        ?.metadata.uid;
    const pods = async () => (await cluster.pods(NAMESPACE, "cluster=blue")).map(podUid);
    const [configMap, servers] = [await uid(), await pods()];
    blue.configure({ maxPayload: "5MiB" });
    const changes = await blue.project.changes();
    assert.deepEqual([...changes].map(([name, { op }]) => `${name} ${op}`).sort(), [
      "nats-blue-config update",
      "nats-blue-reload replace",
      "nats-blue-settled replace",
    ]);
    await blue.project.ok("up", "--yes", "--skip-preview");
    assert.deepEqual([await uid(), await pods()], [configMap, servers]);
  });

  it("takes a colour down and leaves its volumes, unless told to delete them, and the other one alone", async () => {
    assert.equal((await claims("blue")).length, 3);
    assert.equal((await claims("green")).length, 3);
    await blue.project.ok("destroy", "--yes", "--skip-preview");
    assert.equal((await claims("blue")).length, 3);
    assert.equal((await cluster.waitReady(NAMESPACE, "app=nats", 3)).length, 3);
    await green.project.ok("destroy", "--yes", "--skip-preview");
    await until("green's claims are gone", async () => (await claims("green")).length === 0);
    assert.equal((await claims("blue")).length, 3);
    assert.ok(
      (await cluster.get({ kind: "Namespace", metadata: { name: NAMESPACE } })) !== undefined,
    );
  });
});

function podUid({ metadata }: { metadata: { uid: string } }): string {
  return metadata.uid;
}
