import { strict as assert } from "node:assert";
import { FakeKubernetes } from "../../support/fake-kubernetes";
import { PulumiProject } from "../../support/pulumi-project";

const SET = "/apis/apps/v1/namespaces/tfdc/statefulsets/nats-blue";
const PODS = "/api/v1/namespaces/tfdc/pods";

/** A program that declares something of the pods. */
const declaring = (template: string) => `
const { NatsClusterRevision } = require("@tfdc/pulumi-nats/internal/nats-cluster-revision");
const watched = new NatsClusterRevision("blue-revision", {
  namespace: "tfdc",
  statefulSet: "nats-blue",
  template: "${template}",
  kubeconfig: "kubeconfig.json",
});
exports.rolls = watched.rolls;
`;

describe("the revision of the pods of a colour", function () {
  this.timeout(180_000);
  let project: PulumiProject;
  let kubernetes: FakeKubernetes;

  before(async () => {
    kubernetes = await FakeKubernetes.start();
    project = new PulumiProject(declaring("first"));
    kubernetes.writeKubeconfig(`${project.directory}/kubeconfig.json`);
    await project.init();
  });

  after(async () => {
    project.remove();
    await kubernetes.stop();
  });

  /** What the API server has: the revision of the StatefulSet; what was declared of each pod, and its revision. */
  function live(
    updateRevision: string,
    pods: readonly (readonly [string, string])[],
    generation = 1,
  ): void {
    kubernetes.objects.set(SET, {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "nats-blue", generation },
      spec: { selector: { matchLabels: { app: "nats" } } },
      status: { updateRevision, observedGeneration: 1 },
    });
    const items = pods.map(([template, revision], index) => ({
      metadata: {
        name: `nats-blue-${index}`,
        labels: { "controller-revision-hash": revision },
        annotations: { "tfdc.io/declared-template": template },
      },
    }));
    kubernetes.objects.set(`${PODS}?labelSelector=app%3Dnats`, { kind: "PodList", items });
  }

  /** How many rolls were due, after an update. */
  async function rolls(): Promise<unknown> {
    await project.ok("up", "--yes", "--skip-preview");
    const { stdout } = await project.ok("stack", "output", "--json");
    return (JSON.parse(stdout) as { rolls: unknown }).rolls;
  }

  const FIRST = ["first", "r1"] as const;
  const SECOND = ["second", "r2"] as const;

  it("asks for no roll before there is a pod, nor while every pod is as declared", async () => {
    assert.equal(await rolls(), 0);
    live("r1", [FIRST, FIRST, FIRST]);
    await project.ok("preview", "--expect-no-changes");
  });

  it("asks for a roll where another thing is declared, says so beforehand, and once", async () => {
    project.write("index.js", declaring("second"));
    const { stdout } = await project.ok("preview", "--diff");
    assert.match(stdout, /~ rolls *: 0 => 1\n/);
    assert.match(stdout, /due *: \[\n.*"nats-blue-0"\n.*"nats-blue-1"\n.*"nats-blue-2"/);
    assert.equal(await rolls(), 1);
    live("r2", [SECOND, SECOND, SECOND]);
    await project.ok("preview", "--expect-no-changes");
  });

  it("asks for another one where a roll stopped half way, and what it was for is taken back", async () => {
    live("r2", [FIRST, SECOND, FIRST]);
    project.write("index.js", declaring("first"));
    assert.equal(await rolls(), 2);
    live("r1", [FIRST, SECOND, FIRST]);
    assert.equal(await rolls(), 3);
    live("r1", [FIRST, FIRST, FIRST]);
    await project.ok("preview", "--expect-no-changes");
  });

  it("asks for one where a pod was made while somebody else had edited the StatefulSet", async () => {
    live("r1", [FIRST, ["first", "r4"], FIRST]);
    const { stdout } = await project.ok("preview", "--diff");
    assert.match(stdout, /due *: \[\n.*"nats-blue-1"\n *\]/);
    assert.equal(await rolls(), 4);
  });

  it("asks for none where the API server is away or has not noticed a change yet", async () => {
    live("r1", [FIRST, ["first", "r4"], FIRST], 2);
    await project.ok("preview", "--expect-no-changes");
    kubernetes.objects.clear();
    await project.ok("preview", "--expect-no-changes");
  });
});
