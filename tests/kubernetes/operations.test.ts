import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NatsConnection } from "nats";
import { checkBackup } from "../../components/backup/check";
import { backupStream } from "../../components/provider/backup/backup-stream";
import { deleteLive, findLive } from "../../components/provider/backup/live";
import { restoreStream } from "../../components/provider/backup/restore-stream";
import { openConnection } from "../../components/provider/cluster-link";
import type { Cluster } from "../../ops/cluster/cluster";
import { findings } from "../../ops/health/findings";
import { observe } from "../../ops/observe/observe";
import { readViews } from "../../ops/observe/routes";
import { rollPlan } from "../../ops/roll/plan";
import { diagnose } from "../../ops/split-brain/views";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

const MESSAGES = 200;

/** The commands' parts over nothing but the API server: port-forwards and the system account. */
describe("the operations of a colour on Kubernetes", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let namespace: string;
  let cluster: Cluster;
  let client: NatsConnection;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("operations", { restricted: true });
    const colour = new KubernetesColour(kubernetes, namespace);
    await colour.up();
    const { inboxPrefix: _, ...connection } = colour.connection;
    cluster = {
      name: "blue",
      connection: { ...connection, user: "tfdc_client", password: "c" },
      system: { ...connection, user: "tfdc_system", password: "s" },
      monitoring: [],
      declared: { servers: 3, streams: ["metrics"], buckets: [] },
    };
    client = await openConnection(cluster.connection);
    const stream = { name: "metrics", subjects: ["metrics.>"], num_replicas: 3 };
    await client.request("$JS.API.STREAM.CREATE.metrics", JSON.stringify(stream), {
      timeout: 10_000,
    });
    for (let index = 0; index < MESSAGES; index++) {
      await client.request(`metrics.${index % 5}`, `message ${index}`, { timeout: 5_000 });
    }
  });

  after(async () => {
    await client?.close();
    await kubernetes.removeNamespace(namespace);
  });

  const look = async () =>
    findings({ cluster, observation: await observe(cluster), now: new Date() });

  it("health asks every server through the system account, and finds nothing wrong", async () => {
    await until("health finds nothing", async () => (await look()).length === 0);
    const { servers } = await observe(cluster);
    assert.deepEqual(servers.map(({ name }) => name).sort(), [
      "nats-blue-0",
      "nats-blue-1",
      "nats-blue-2",
    ]);
  });

  it("split-brain and the plan of a roll see the servers as they see each other", async () => {
    const observation = await observe(cluster);
    assert.deepEqual(diagnose(await readViews(cluster, observation), 3).findings, []);
    assert.deepEqual(
      rollPlan(observation).map(({ role }) => role),
      ["follower", "follower", "meta leader"],
    );
  });

  it("a stream is backed up and restored over a port-forward", async () => {
    const folder = join(mkdtempSync(join(tmpdir(), "tfdc-backup-")), "metrics");
    const options = { signal: new AbortController().signal, onBytes: () => undefined };
    const origin = { tool: "test", cluster: "blue", serverVersion: "2.10.29" };
    try {
      const manifest = await backupStream(client, "metrics", folder, origin, {
        ...options,
        withConsumers: true,
      });
      assert.equal(manifest.messages, MESSAGES);
      await deleteLive(client, "metrics");
      const checked = await checkBackup(folder);
      assert.deepEqual(checked.problems, []);
      const { notes } = await restoreStream(client, checked, {}, options);
      assert.deepEqual(notes, []);
      assert.equal((await findLive(client, "metrics"))?.state.messages, MESSAGES);
    } finally {
      rmSync(join(folder, ".."), { recursive: true, force: true });
    }
  });
});
