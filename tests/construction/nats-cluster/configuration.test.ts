import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DeclaredCluster, LABELS } from "../../support/declared-cluster";
import { secret } from "../../support/registrations";

const NATS_CONF = readFileSync(join(__dirname, "../../fixtures/kubernetes-nats.conf"), "utf8");

/** The text behind a Secret's base64. */
function textOf(cluster: DeclaredCluster, name: string, key: string): string {
  const { data } = cluster.inputsOf<{ data: { value: Record<string, string> } }>(name);
  return Buffer.from(data.value[key] ?? "", "base64").toString();
}

function natsConfOf(cluster: DeclaredCluster): string {
  return cluster.inputsOf<{ data: Record<string, string> }>("nats-blue-config").data[
    "nats.conf"
  ] as string;
}

describe("the configuration of NatsClusterComponent", () => {
  it("is one nats.conf for all pods, without a secret", async () => {
    const cluster = await DeclaredCluster.make();
    assert.deepEqual(cluster.inputsOf("nats-blue-config"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "nats-blue-config", namespace: "tfdc", labels: LABELS },
      data: { "nats.conf": NATS_CONF },
    });
  });

  it("includes the credentials from a Secret, where every pod is a route", async () => {
    const cluster = await DeclaredCluster.make();
    const text = textOf(cluster, "nats-blue-credentials", "credentials.conf");
    assert.deepEqual(cluster.inputsOf("nats-blue-credentials"), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "nats-blue-credentials", namespace: "tfdc", labels: LABELS },
      type: "Opaque",
      data: secret({ "credentials.conf": Buffer.from(text).toString("base64") }),
    });
    const host = (index: number) =>
      `  "nats-route://cluster_user:r@nats-blue-${index}.nats-blue.tfdc.svc.cluster.local:6222"`;
    assert.match(text, /\nCREDENTIALS_MARK: "tfdc\.credentials\.[0-9a-f]{16}"\n$/);
    assert.deepEqual(text.split("\n").slice(0, -2), [
      'CLIENT_PASSWORD: "c"',
      'PROVISIONER_PASSWORD: "p"',
      'SYSTEM_PASSWORD: "s"',
      'CLUSTER_PASSWORD: "r"',
      "CLUSTER_ROUTES: [",
      host(0),
      host(1),
      host(2),
      "]",
    ]);
  });

  it("gives applications a Secret of their own, with nobody else's password", async () => {
    const cluster = await DeclaredCluster.make();
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    assert.deepEqual(cluster.inputsOf("nats-blue-login"), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "nats-blue-login", namespace: "tfdc", labels: LABELS },
      type: "Opaque",
      data: secret({
        url: base64("nats://nats-blue-client.tfdc.svc.cluster.local:4222"),
        user: base64("tfdc_client"),
        password: base64("c"),
      }),
    });
  });

  it("forces every message to disk where durability is strict", async () => {
    const cluster = await DeclaredCluster.make({ durability: "strict" });
    assert.match(natsConfOf(cluster), /sync_interval: "always"/);
  });

  it("is no cluster with one server, and has no routes", async () => {
    const cluster = await DeclaredCluster.make({ replicas: 1 });
    assert.doesNotMatch(natsConfOf(cluster), /\ncluster/);
    assert.doesNotMatch(textOf(cluster, "nats-blue-credentials", "credentials.conf"), /CLUSTER/);
    assert.equal(cluster.component.connection.cluster, undefined);
  });

  it("has further users and accounts, whose passwords are in the credentials", async () => {
    const cluster = await DeclaredCluster.make({
      users: [{ user: "reader", password: "r1", publish: [], subscribe: ["metrics.>"] }],
      accounts: { BILLING: { jetstream: true, users: [{ user: "billing", password: "b1" }] } },
    });
    const conf = natsConfOf(cluster);
    assert.match(conf, /user: "reader"\n\s+password: \$EXTRA_PASSWORD_0\n/);
    assert.match(
      conf,
      /BILLING \{\n {4}jetstream: enabled\n {4}users: \[\n {6}\{\n {8}user: "billing"/,
    );
    const text = textOf(cluster, "nats-blue-credentials", "credentials.conf");
    assert.match(text, /\nEXTRA_PASSWORD_0: "r1"\nEXTRA_PASSWORD_1: "b1"\n/);
  });

  it("takes certificates from existing Secrets, and asks routes for theirs", async () => {
    const cluster = await DeclaredCluster.make({
      tls: { clients: { secretName: "nats-tls", caFile: "ca.crt" }, routes: { secretName: "r" } },
    });
    const tls = (kind: string, indent: string, isVerified: boolean) =>
      [
        `${indent}tls {`,
        `${indent}  cert_file: "/etc/nats-tls/${kind}/tls.crt"`,
        `${indent}  key_file: "/etc/nats-tls/${kind}/tls.key"`,
        `${indent}  ca_file: "/etc/nats-tls/${kind}/ca.crt"`,
        `${indent}  verify: ${isVerified}`,
        `${indent}}`,
        "",
      ].join("\n");
    assert.ok(natsConfOf(cluster).includes(tls("clients", "", false)));
    assert.ok(natsConfOf(cluster).includes(tls("routes", "  ", true)));
    const { spec } = cluster.inputsOf<{
      spec: { template: { spec: { volumes: unknown[] } } };
    }>("nats-blue-stateful-set");
    assert.deepEqual(spec.template.spec.volumes.slice(-2), [
      { name: "tls-clients", secret: { secretName: "nats-tls", defaultMode: 0o440 } },
      { name: "tls-routes", secret: { secretName: "r", defaultMode: 0o440 } },
    ]);
    assert.equal(cluster.component.clientUrl, "tls://nats-blue-client.tfdc.svc.cluster.local:4222");
    assert.deepEqual(cluster.component.connection.tls, {
      caFile: "ca.crt",
      serverName: "nats-blue-client.tfdc.svc.cluster.local",
    });
  });
});
