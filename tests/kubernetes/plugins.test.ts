import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { TOOLS_IMAGE } from "../support/kubernetes/images";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { installPlugins } from "../support/plugins/install";
import { PulumiProject, type Step } from "../support/pulumi-project";

/** Declares what spec.json says, so that a test changes data and not code. */
const PROGRAM = `
const k8s = require("@pulumi/kubernetes");
const { local } = require("@pulumi/command");
const pulumi = require("@pulumi/pulumi");
const spec = JSON.parse(require("node:fs").readFileSync("spec.json", "utf8"));
const provider = new k8s.Provider("cluster", {
  kubeconfig: spec.kubeconfig, namespace: spec.namespace, enableConfigMapMutable: spec.mutable,
  enablePatchForce: spec.force,
});
const options = { provider };
const config = new k8s.core.v1.ConfigMap("config", { metadata: { name: "config" }, data: spec.data }, options);
new k8s.core.v1.Secret("secret", {
  metadata: { name: "secret" }, stringData: { password: pulumi.secret("hunter2") },
}, options);
const labels = { app: "set" };
const service = new k8s.core.v1.Service("service", {
  metadata: { name: "set", annotations: { note: "of a test" } },
  spec: { clusterIP: "None", selector: labels, ports: [{ name: "any", port: 7777, targetPort: 7777 }] },
}, options);
const set = new k8s.apps.v1.StatefulSet("set", {
  metadata: { name: "set" },
  spec: {
    serviceName: service.metadata.name, replicas: spec.replicas ?? 1, podManagementPolicy: "Parallel",
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{
          name: "main", image: spec.image, args: ["exporter"],
          resources: { requests: { cpu: "1000m", memory: "16Mi" }, limits: { cpu: "1000m" } },
          readinessProbe: { httpGet: { path: "/metrics", port: 7777 }, periodSeconds: 1 },
        }],
      },
    },
  },
}, { ...options, customTimeouts: spec.timeout && { create: spec.timeout, update: spec.timeout } });
const command = new local.Command("command", {
  create: 'echo "create $WHAT" >> log; echo "made $WHAT"; echo noise >&2',
  update: spec.update,
  delete: 'echo "delete of $PULUMI_COMMAND_STDOUT" >> log',
  environment: { WHAT: spec.what },
  triggers: [spec.trigger],
}, { dependsOn: set });
exports.stdout = command.stdout;
exports.configName = config.metadata.name;
`;

describe("Pulumi's Kubernetes and Command plugins, or what stands in for them", function () {
  this.timeout(300_000);
  let cluster: Kubernetes;
  let namespace: string;
  let project: PulumiProject;
  let spec: Record<string, unknown>;

  const change = (changes: Record<string, unknown>) => {
    spec = { ...spec, ...changes };
    project.write("spec.json", JSON.stringify(spec));
  };
  const paths = (step: Step | undefined) => Object.keys(step?.detailedDiff ?? {}).sort();
  const object = (kind: string, name: string, apiVersion = "v1") => {
    return { apiVersion, kind, metadata: { name, namespace } };
  };

  before(async () => {
    cluster = await sharedKubernetes();
    namespace = await cluster.namespace("plugins");
    project = new PulumiProject(PROGRAM);
    installPlugins(project);
    change({
      kubeconfig: cluster.kubeconfig,
      namespace,
      mutable: true,
      data: { colour: "blue", "a.key": "1" },
      image: TOOLS_IMAGE,
      what: "first",
      trigger: 1,
    });
    await project.init();
  });

  after(() => project?.remove());

  it("say on preview what would be made, and touch nothing", async () => {
    const changes = await project.changes();
    assert.deepEqual(
      [...changes.values()].map(({ op }) => op),
      Array(7).fill("create"),
    );
    assert.equal(await cluster.get(object("ConfigMap", "config")), undefined);
    assert.equal(existsSync(join(project.directory, "log")), false);
  });

  it("make every object, wait for the pods, and run the command", async () => {
    await project.ok("up", "--yes", "--skip-preview");
    const [pod] = await cluster.pods(namespace, "app=set");
    assert.equal(pod?.status.containerStatuses?.[0]?.ready, true);
    const outputs = JSON.parse((await project.ok("stack", "output", "--json")).stdout);
    assert.deepEqual(outputs, { stdout: "made first", configName: "config" });
    const secret = await cluster.get<{ data: object }>(object("Secret", "secret"));
    assert.deepEqual(secret?.data, { password: Buffer.from("hunter2").toString("base64") });
  });

  it("keep no secret in the state that is not encrypted", async () => {
    const state = await project.state();
    assert.doesNotMatch(state, /hunter2/);
    assert.doesNotMatch(state, new RegExp(Buffer.from("hunter2").toString("base64")));
  });

  it("find nothing to do afterwards, though the API server writes quantities its own way", async () => {
    const { code, stdout } = await project.run("preview", "--diff", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("refuse to overwrite a field that another manager has set, and say which", async () => {
    await cluster.edit(object("Service", "set"), {
      metadata: { annotations: { note: "edited" } },
      spec: { ports: [{ name: "any", port: 7777, targetPort: 7778 }] },
    });
    await cluster.edit(object("ConfigMap", "config"), { data: { "a.key": null } });
    const { code, stdout } = await project.run("preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /Server-Side Apply field conflict detected/);
    assert.match(stdout, /conflicts? with "kubectl-edit"/);
  });

  it("show what somebody edited behind Pulumi's back, property by property, where they may overwrite it", async () => {
    change({ force: true });
    const changes = await project.changes();
    assert.deepEqual([...changes.keys()].sort(), ["cluster", "config", "service"]);
    assert.deepEqual(paths(changes.get("service")), [
      "metadata.annotations.note",
      "spec.ports[0].targetPort",
    ]);
    assert.deepEqual(paths(changes.get("config")), ['data["a.key"]']);
    const { stdout } = await project.ok("up", "--yes", "--skip-preview", "--diff");
    assert.match(stdout, /~ targetPort\s*: 7778 => 7777/);
    const service = await cluster.get<{ spec: { ports: { targetPort: number }[] } }>(
      object("Service", "set"),
    );
    assert.deepEqual(
      service?.spec.ports.map(({ targetPort }) => targetPort),
      [7777],
    );
  });

  it("change a ConfigMap in place where told that it may, and replace it otherwise", async () => {
    change({ data: { colour: "green" } });
    assert.deepEqual(
      [(await project.changes()).get("config")].map((step) => [step?.op, paths(step)]),
      [["update", ["data.colour", 'data["a.key"]']]],
    );
    change({ mutable: false });
    const changes = await project.changes();
    assert.deepEqual(changes.get("config")?.detailedDiff?.["data.colour"]?.kind, "update-replace");
    change({ mutable: true });
  });

  it("run a command again as its inputs and triggers say", async () => {
    const log = () => readFileSync(join(project.directory, "log"), "utf8").trim().split("\n");
    change({ what: "second" });
    await project.ok("up", "--yes", "--skip-preview");
    assert.deepEqual(log(), ["create first", "create second"]);
    change({ trigger: 2 });
    assert.match((await project.changes()).get("command")?.op ?? "", /replace/);
    await project.ok("up", "--yes", "--skip-preview");
    assert.deepEqual(log().slice(2), ["create second", "delete of made second"]);
    const update = 'echo "update $WHAT after $PULUMI_COMMAND_STDOUT" >> log; echo "made $WHAT"';
    change({ update, what: "third" });
    await project.ok("up", "--yes", "--skip-preview");
    assert.deepEqual(log().slice(4), ["update third after made second"]);
  });

  it("name a field that Kubernetes does not know already on preview", async () => {
    project.write("index.js", PROGRAM.replace("replicas: spec", "replicaz: 1, replicas: spec"));
    const { code, stdout } = await project.run("preview");
    project.write("index.js", PROGRAM);
    assert.notEqual(code, 0);
    assert.match(stdout, /unknown field "spec.replicaz"/);
  });

  it("explain within the time limit which pod does not become ready, and go on once it does", async () => {
    change({ image: "docker.io/tfdc/nowhere:1", timeout: "10s" });
    const { code, stdout } = await project.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /'set' timed out waiting to be Ready/);
    assert.match(stdout, /0 out of 1 replicas succeeded readiness checks/);
    assert.match(
      stdout,
      /\[Pod plugins-\d+\/set-0\]: container main: (ErrImagePull|ImagePullBackOff)/,
    );
    assert.match(stdout, /last event: (Failed|BackOff)/);
    change({ image: TOOLS_IMAGE, timeout: undefined });
    // A StatefulSet never replaces a pod that was never ready.
    await cluster.deletePod(namespace, "set-0", 0);
    await project.ok("up", "--yes", "--skip-preview");
  });

  it("delete everything, and run the command's last words", async () => {
    await project.ok("destroy", "--yes");
    assert.deepEqual(await cluster.pods(namespace), []);
    assert.equal(await cluster.get(object("Service", "set")), undefined);
    assert.match(readFileSync(join(project.directory, "log"), "utf8"), /delete of made third\n$/);
  });
});
