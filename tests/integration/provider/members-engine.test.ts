import { strict as assert } from "node:assert";
import { join } from "node:path";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { replicaServers } from "../../../components/jetstream/replica-agreement";
import { APP_AND_SYSTEM } from "../../support/accounts";
import { FakeKubernetes } from "../../support/fake-kubernetes";
import { PulumiProject } from "../../support/pulumi-project";
import { retried } from "../../support/retried";
import { TestCluster } from "../../support/test-cluster";

const PROGRAM = `
const { NatsClusterMembers } = require("@tfdc/pulumi-nats/internal/nats-cluster-members");
const { connection, servers } = JSON.parse(require("node:fs").readFileSync("spec.json", "utf8"));
new NatsClusterMembers("blue-members", {
  connection,
  servers,
  home: { namespace: "tfdc", statefulSet: "test", kubeconfig: "kubeconfig.json" },
  stallSeconds: 60,
});
`;
const STATEFUL_SET = "/apis/apps/v1/namespaces/tfdc/statefulsets/test";
const SERVERS = ["test-0", "test-1", "test-2", "test-3", "test-4"];

/** A StatefulSet stands in for itself here: a patch ends the processes that it has no room for. */
describe("servers that leave, in a stack", function () {
  this.timeout(300_000);
  let cluster: TestCluster;
  let kubernetes: FakeKubernetes;
  let project: PulumiProject;
  let client: NatsConnection;
  let manager: JetStreamManager;
  let isBroken = true;

  before(async () => {
    cluster = await TestCluster.start({ size: 5, extra: APP_AND_SYSTEM });
    client = await cluster.client();
    manager = await jetstreamManager(client);
    for (const [name, replicas] of [
      ["ONE", 1],
      ["OTHER", 1],
      ["THIRD", 1],
      ["THREE", 3],
      ["TRIPLE", 3],
    ] as const) {
      const config = { name, subjects: [`${name}.>`], num_replicas: replicas };
      await retried(() => manager.streams.add(config));
    }
    kubernetes = await FakeKubernetes.start();
    kubernetes.objects.set("/api/v1/namespaces/tfdc/pods", { kind: "PodList", items: [] });
    setReplicas(5);
    kubernetes.onPatch = async (_path, body) => {
      if (isBroken) {
        throw new Error("the storage of the API server is full");
      }
      const { replicas } = body.spec as { replicas: number };
      await cluster.kill(replicas, "SIGTERM");
      setReplicas(replicas);
    };
    project = new PulumiProject(PROGRAM);
    kubernetes.writeKubeconfig(join(project.directory, "kubeconfig.json"));
    declare(5);
    await project.init();
    await project.ok("up", "--yes", "--skip-preview");
  });

  after(async () => {
    await client.close();
    project.remove();
    await kubernetes.stop();
    await cluster.stop();
  });

  function setReplicas(replicas: number): void {
    kubernetes.objects.set(STATEFUL_SET, {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "test", namespace: "tfdc" },
      spec: { replicas, template: { spec: { terminationGracePeriodSeconds: 60 } } },
    });
  }

  function declare(replicas: number): void {
    const connection = {
      servers: cluster.servers.slice(0, replicas),
      user: "app",
      password: "app",
      cluster: "test",
      system: { user: "sys", password: "sys" },
    };
    const spec = { connection, servers: SERVERS.slice(0, replicas) };
    project.write("spec.json", JSON.stringify(spec));
  }

  it("are told by a preview with all that moves", async () => {
    await project.ok("preview", "--expect-no-changes");
    declare(3);
    const shown = (await project.ok("preview", "--diff")).stdout;
    assert.match(shown, /- \[3\]: "test-3"/);
    assert.match(shown, /- \[4\]: "test-4"/);
    assert.match(shown, /"\w+ \(account APP\): .* off test-[34]/);
  });

  it("are refused by a preview, by name, while a stream needs them", async () => {
    const config = { name: "FIVE", subjects: ["FIVE.>"], num_replicas: 5 };
    await retried(() => manager.streams.add(config));
    const run = await project.run("preview");
    assert.notEqual(run.code, 0);
    assert.match(
      run.stdout + run.stderr,
      /'replicas' goes from 5 to 3: a stream has more replicas than servers would stay: FIVE \(account APP\) has 5; lower their replicas to 3/,
    );
    await retried(() => manager.streams.delete("FIVE"));
  });

  it("stay members where their pod cannot be ended, and the update says why", async () => {
    const run = await project.run("up", "--yes", "--skip-preview");
    assert.notEqual(run.code, 0);
    assert.match(
      run.stdout + run.stderr,
      /test-4 of namespace tfdc has not been ended: the API server .* answers 500: the storage of the API server is full\. It holds nothing any more; mend that and run the command again\./,
    );
    assert.doesNotMatch(run.stdout + run.stderr, / at .*\.[jt]s:\d+/);
  });

  it("leave with the next update, which tells how far it is", async () => {
    isBroken = false;
    const { stdout } = await project.ok("up", "--yes", "--skip-preview");
    assert.match(stdout, /test-4 has left; the cluster is 4 servers/);
    assert.match(stdout, /test-3 has left; the cluster is 3 servers/);
    await project.ok("preview", "--expect-no-changes");
    for (const name of ["ONE", "OTHER", "THIRD", "THREE", "TRIPLE"]) {
      const { cluster: at } = await retried(() => manager.streams.info(name));
      const servers = replicaServers(at);
      assert.ok(
        servers.every((one) => SERVERS.slice(0, 3).includes(one)),
        `${servers}`,
      );
    }
  });
});
