import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterCertificates } from "../../components/provider";
import { openLink } from "../../components/provider/cluster-link";
import { servedFingerprint } from "../../components/provider/kubernetes/rollout/served-certificate";
import { reach } from "../../components/provider/reach";
import { Authority, tlsSecret } from "../support/kubernetes/certificates";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

describe("a colour with TLS for clients and routes", function () {
  this.timeout(240_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;
  let folder: string;
  let authority: Authority;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("tls", { restricted: true });
    folder = join(kubernetes.folder, "tls");
    mkdirSync(folder);
    authority = new Authority(folder);
    await issue("server");
    colour = new KubernetesColour(kubernetes, namespace, {
      tls: {
        clients: { secretName: "nats-tls", caFile: authority.certificate },
        routes: { secretName: "nats-tls" },
      },
    });
    await colour.up();
  });

  /** Puts a new certificate into the Secret, as whoever renews them does. */
  async function issue(name: string): Promise<void> {
    const issued = authority.issue(name, "/CN=nats", [
      `nats-blue-client.${namespace}.svc.cluster.local`,
      `*.nats-blue.${namespace}.svc.cluster.local`,
    ]);
    await kubernetes.apply(tlsSecret(namespace, authority, issued));
  }

  after(() => kubernetes.removeNamespace(namespace));

  it("lets the provider in, which knows the servers by the name of their Service", async () => {
    const link = await openLink(colour.connection);
    assert.ok(await link.ask("$JS.API.INFO", undefined, 5_000));
    await link.close();
  });

  it("shows a renewed certificate after the next update, and no pod restarts", async () => {
    const uids = async () =>
      (await kubernetes.pods(namespace, "app=nats,cluster=blue")).map(
        ({ metadata }) => metadata.uid,
      );
    const before = await uids();
    const declared = colour.inputsOf("nats-blue-certificates");
    const { inputs: noted } = await clusterCertificates.check({}, declared);
    await issue("renewed");
    const { inputs: seen } = await clusterCertificates.check(noted, declared);
    assert.match(
      String(seen.rotated),
      /^certificate of secret nats-tls rotated \(expires \d{4}-\d\d-\d\d\)$/,
    );

    colour.states = { "nats-blue-certificates": { certificates: seen.certificates } };
    const shown = await colour.up();
    for (const index of [0, 1, 2]) {
      assert.match(shown, new RegExp(`nats-blue-${index} loaded it at 20`));
    }
    const path = await reach("the colour of a test", colour.connection);
    const { fingerprint256 } = new X509Certificate(readFileSync(join(folder, "renewed.crt")));
    assert.equal(await servedFingerprint(path.servers[0] ?? "", true), fingerprint256);
    await path.close();
    assert.deepEqual(await uids(), before);
  });

  it("is refused by a client that knows another authority", async () => {
    mkdirSync(join(folder, "other"));
    const { certificate } = new Authority(join(folder, "other"), "another authority");
    const { connection } = colour;
    const tls = { ...connection.tls, caFile: certificate };
    await assert.rejects(openLink({ ...connection, tls }), {
      name: "Unreachable",
      message: /certificate/,
    });
  });
});
