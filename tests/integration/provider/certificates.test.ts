import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeKubernetes } from "../../support/fake-kubernetes";
import { Authority } from "../../support/kubernetes/certificates";
import { PulumiProject } from "../../support/pulumi-project";

const PROGRAM = `
const { NatsClusterCertificates } = require("@tfdc/pulumi-nats/internal/nats-cluster-certificates");
const watched = new NatsClusterCertificates("blue-certificates", {
  namespace: "tfdc",
  secrets: ["nats-tls"],
  kubeconfig: "kubeconfig.json",
});
exports.trigger = watched.certificates.apply(JSON.stringify);
`;
const SECRET = "/api/v1/namespaces/tfdc/secrets/nats-tls";

describe("the certificate of a Secret that somebody else renews", function () {
  this.timeout(180_000);
  let project: PulumiProject;
  let kubernetes: FakeKubernetes;
  let folder: string;
  let authority: Authority;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-certificates-"));
    authority = new Authority(folder);
    kubernetes = await FakeKubernetes.start();
    project = new PulumiProject(PROGRAM);
    kubernetes.writeKubeconfig(join(project.directory, "kubeconfig.json"));
    await project.init();
  });

  after(async () => {
    project.remove();
    rmSync(folder, { recursive: true });
    await kubernetes.stop();
  });

  function issue(name: string): void {
    const { certificate } = authority.issue(name, "/CN=nats", ["nats.local"]);
    const base64 = (path: string) => readFileSync(path).toString("base64");
    const data = { "tls.crt": base64(certificate), "ca.crt": base64(authority.certificate) };
    kubernetes.objects.set(SECRET, { kind: "Secret", apiVersion: "v1", data });
  }

  it("is noted, and says nothing while it stays", async () => {
    issue("first");
    await project.ok("up", "--yes", "--skip-preview");
    await project.ok("preview", "--expect-no-changes");
  });

  it("is a change in the next preview, which says why and knows what will be declared", async () => {
    issue("second");
    const shown = (await project.ok("preview", "--diff")).stdout;
    assert.match(
      shown,
      /rotated +: \[\n.*"certificate of secret nats-tls rotated \(expires \d{4}-\d\d-\d\d\)"/,
    );
    assert.match(shown, /~ trigger: \(json\) \{[\s\S]*~ fingerprint: "[0-9A-F:]+" => "[0-9A-F:]+"/);
    const run = await project.run("preview", "--expect-no-changes");
    assert.notEqual(run.code, 0);
    await project.ok("up", "--yes", "--skip-preview");
    await project.ok("preview", "--expect-no-changes");
  });

  it("is missed in so many words where the Secret is gone", async () => {
    kubernetes.objects.delete(SECRET);
    const shown = (await project.ok("preview", "--diff")).stdout;
    assert.match(shown, /problem +: "the API server .* answers 404: .*nats-tls is not found"/);
  });
});
