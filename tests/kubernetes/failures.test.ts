import assert from "node:assert/strict";
import { freePorts } from "../support/free-ports";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { STORAGE_CLASS_OBJECT } from "../support/kubernetes/volumes";
import { KubernetesProgram, passwordOf } from "../support/kubernetes-program";
import { PulumiProject, SPEC_PROGRAM } from "../support/pulumi-project";

const LATE_CLASS = "late-ssd";

describe("the program on a Kubernetes that is not as it should be", function () {
  this.timeout(600_000);
  let cluster: Kubernetes;
  let namespace: string;
  let program: KubernetesProgram;

  before(async () => {
    cluster = await sharedKubernetes();
    namespace = await cluster.namespace("failures", { restricted: true, quota: { pods: "2" } });
    program = await KubernetesProgram.create(cluster, namespace, {
      storageClass: LATE_CLASS,
      image: "docker.io/library/nats:0.0.1",
      settleTimeout: "15s",
    });
  });

  after(async () => {
    program?.remove();
    await cluster?.removeNamespace(namespace);
    await cluster?.delete(lateClass());
  });

  /** Runs an update that has to fail, and returns what it says, on one line. */
  async function failing(): Promise<string> {
    const { code, stdout, seconds } = await program.project.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0, stdout);
    assert.ok(seconds < 180, `it took ${seconds} s`);
    assert.doesNotMatch(stdout, /^\s+at .*\.[jt]s:\d+/m);
    return stdout.replaceAll(/\s+/g, " ");
  }

  it("names the storage class that is missing, and the quota that forbids the third pod", async () => {
    const said = await failing();
    assert.match(said, /the servers of cluster 'blue' have not come up within 15 s/);
    // The pods are made at the same time, so any of the three may be the one without room.
    assert.match(said, /nats-blue-\d has no node: .*storageclass.*"late-ssd" not found/);
    assert.match(said, /nats-blue-\d does not exist/);
    assert.match(said, /exceeded quota: tests, requested: pods=1, used: pods=2, limited: pods=2/);
  });

  it("names the image that cannot be pulled, once the storage class is there", async () => {
    await cluster.apply(lateClass());
    const said = await failing();
    assert.match(
      said,
      /the container nats of nats-blue-\d does not start \((ErrImagePull|ImagePullBackOff)\)/,
    );
    assert.match(said, /nats:0\.0\.1/);
  });

  it("goes on where it stopped, once nothing is in the way", async () => {
    await cluster.removeQuota(namespace);
    program.configure({ image: undefined, settleTimeout: "3m" });
    await program.project.ok("up", "--yes", "--skip-preview");
    assert.equal((await cluster.waitReady(namespace, "app=nats", 3)).length, 3);
    const { code, stdout } = await program.project.run("preview", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  describe("and a stream of another project", () => {
    let project: PulumiProject;

    before(async () => {
      project = new PulumiProject(SPEC_PROGRAM);
      await project.init();
    });

    after(() => project?.remove());

    const declare = (kubeconfig: string, password: string) =>
      project.write(
        "spec.json",
        JSON.stringify({
          connection: {
            kubernetes: { kubeconfig, namespace, service: "nats-blue-client" },
            user: "tfdc_provisioner",
            password,
            inboxPrefix: "_INBOX_tfdc_provisioner",
            domain: "blue",
          },
          streams: { other: { subjects: ["other.>"] } },
        }),
      );

    it("says that the API server is away, and where it was looked for", async () => {
      const [port = 0] = await freePorts(1);
      project.write(
        "away.kubeconfig",
        JSON.stringify({
          apiVersion: "v1",
          kind: "Config",
          "current-context": "away",
          clusters: [{ name: "away", cluster: { server: `https://127.0.0.1:${port}` } }],
          users: [{ name: "away", user: { token: "none" } }],
          contexts: [{ name: "away", context: { cluster: "away", user: "away" } }],
        }),
      );
      declare(`${project.directory}/away.kubeconfig`, passwordOf("provisioner"));
      const { code, stdout } = await project.run("up", "--yes", "--skip-preview");
      assert.notEqual(code, 0);
      assert.match(stdout, new RegExp(`the API server https://127.0.0.1:${port} does not answer`));
      assert.doesNotMatch(stdout, /^\s+at .*\.[jt]s:\d+/m);
    });

    it("says that the password is wrong, and is made with the right one", async () => {
      declare(cluster.kubeconfig, "wrong");
      const { code, stdout } = await project.run("up", "--yes", "--skip-preview");
      assert.notEqual(code, 0);
      assert.match(stdout, /Authorization Violation; check the user and the password/);
      assert.doesNotMatch(stdout, /^\s+at .*\.[jt]s:\d+/m);
      declare(cluster.kubeconfig, passwordOf("provisioner"));
      await project.ok("up", "--yes", "--skip-preview");
      await project.ok("destroy", "--yes", "--skip-preview");
    });
  });
});

function lateClass() {
  return { ...STORAGE_CLASS_OBJECT, metadata: { name: LATE_CLASS } };
}
