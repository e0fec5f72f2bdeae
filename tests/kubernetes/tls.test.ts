import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openLink } from "../../components/provider/cluster-link";
import { Authority } from "../support/kubernetes/certificates";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

describe("a colour with TLS for clients and routes", function () {
  this.timeout(240_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;
  let folder: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("tls", { restricted: true });
    folder = join(kubernetes.folder, "tls");
    mkdirSync(folder);
    const authority = new Authority(folder);
    const { certificate, key } = authority.issue("server", "/CN=nats", [
      `nats-blue-client.${namespace}.svc.cluster.local`,
      `*.nats-blue.${namespace}.svc.cluster.local`,
    ]);
    const base64 = (path: string) => readFileSync(path).toString("base64");
    await kubernetes.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "nats-tls", namespace },
      type: "kubernetes.io/tls",
      data: {
        "tls.crt": base64(certificate),
        "tls.key": base64(key),
        "ca.crt": base64(authority.certificate),
      },
    });
    colour = new KubernetesColour(kubernetes, namespace, {
      tls: {
        clients: { secretName: "nats-tls", caFile: authority.certificate },
        routes: { secretName: "nats-tls" },
      },
    });
    await colour.up();
  });

  after(() => kubernetes.removeNamespace(namespace));

  it("lets the provider in, which knows the servers by the name of their Service", async () => {
    const link = await openLink(colour.connection);
    assert.ok(await link.ask("$JS.API.INFO", undefined, 5_000));
    await link.close();
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
