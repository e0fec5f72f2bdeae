import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConnectionArgs } from "../../components/connection-args";
import { type ClusterLink, openLink } from "../../components/provider/cluster-link";
import { servedFingerprint } from "../../components/provider/kubernetes/rollout/served-certificate";
import { closeLinks } from "../../components/provider/link-pool";
import { reach } from "../../components/provider/reach";
import { Authority, tlsSecret } from "../support/kubernetes/certificates";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { type Pod, until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesProgram, passwordOf } from "../support/kubernetes-program";
import type { Step } from "../support/pulumi-project";

const SELECTOR = "app=nats,cluster=blue";
const STREAM = "metrics_v1";
const NEWER = "2.11.17";
const ASK_TIMEOUT = 5_000;
const AT_ONCE = 50;
/**
 * What a preview of another number of servers shows: a reload for the routes, no restart, and nothing
 * that an earlier update has left to do.
 */
const ANOTHER_SIZE = [
  "blue-guard update",
  "nats-blue-credentials update",
  "nats-blue-members update",
  "nats-blue-reload replace",
  "nats-blue-roll update",
  "nats-blue-settled replace",
  "nats-blue-shape update",
  "nats-blue-stateful-set update",
];
const isReady = ({ status }: Pod) => status.containerStatuses?.every(({ ready }) => ready) === true;
const byNumber = (one: number, other: number) => one - other;

describe("a stack on Kubernetes with TLS and messages in its streams", function () {
  this.timeout(600_000);
  let cluster: Kubernetes;
  let blue: KubernetesProgram;
  let namespace: string;
  let folder: string;
  let authority: Authority;
  let client: ClusterLink;
  /** Messages that the servers have acknowledged. */
  let acknowledged = 0;

  before(async () => {
    cluster = await sharedKubernetes();
    namespace = await cluster.namespace("changes", { restricted: true });
    folder = join(cluster.folder, "changes");
    mkdirSync(folder);
    authority = new Authority(folder);
    await issue("first");
    blue = await KubernetesProgram.create(cluster, namespace, {
      tls: { clients: { secretName: "nats-tls", caFile: authority.certificate } },
    });
    await blue.project.ok("up", "--yes", "--skip-preview");
    client = await openLink(as("tfdc_client", "client"));
  });

  after(async () => {
    await client?.close();
    await closeLinks();
    blue?.remove();
    await cluster?.removeNamespace(namespace);
  });

  /** Puts a new certificate into the Secret, as whoever renews them does. */
  async function issue(name: string): Promise<void> {
    const issued = authority.issue(name, "/CN=nats", [
      `nats-blue-client.${namespace}.svc.cluster.local`,
    ]);
    await cluster.apply(tlsSecret(namespace, authority, issued));
  }

  function as(user: string, password: Parameters<typeof passwordOf>[0]): ConnectionArgs {
    return {
      kubernetes: { namespace, service: "nats-blue-client", kubeconfig: cluster.kubeconfig },
      user,
      password: passwordOf(password),
      cluster: "blue",
      tls: {
        caFile: authority.certificate,
        serverName: `nats-blue-client.${namespace}.svc.cluster.local`,
      },
    };
  }

  /** Publishes one message after the other until the update has ended. */
  async function updateUnderLoad(): Promise<string> {
    let isRunning = true;
    const update = blue.project.ok("up", "--yes", "--skip-preview").finally(() => {
      isRunning = false;
    });
    const publishing = (async () => {
      while (isRunning) {
        // Whoever is not answered sends the same again, and has it counted once.
        await until("a message is acknowledged", async () => {
          await client.ask("metrics.changes", { number: acknowledged }, ASK_TIMEOUT);
          return true;
        });
        acknowledged += 1;
        await new Promise((done) => setTimeout(done, 100));
      }
    })();
    const [{ stdout }] = await Promise.all([update, publishing]);
    return stdout;
  }

  /** Every acknowledged message is in the stream; one that was sent twice counts once. */
  async function nothingIsLost(): Promise<void> {
    const { state } = await client.ask<{ state: { first_seq: number; last_seq: number } }>(
      `$JS.API.STREAM.INFO.${STREAM}`,
      undefined,
      ASK_TIMEOUT,
    );
    const kept = new Set<number>();
    for (let start = state.first_seq; start <= state.last_seq; start += AT_ONCE) {
      const count = Math.min(AT_ONCE, state.last_seq - start + 1);
      const found = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          client.ask<{ message: { data: string } }>(
            `$JS.API.STREAM.MSG.GET.${STREAM}`,
            { seq: start + index },
            ASK_TIMEOUT,
          ),
        ),
      );
      for (const { message } of found) {
        const text = Buffer.from(message.data, "base64").toString();
        kept.add((JSON.parse(text) as { number: number }).number);
      }
    }
    assert.ok(acknowledged > 0);
    assert.deepEqual([...kept].sort(byNumber), [...Array(acknowledged).keys()]);
  }

  const uids = async () =>
    (await cluster.pods(namespace, SELECTOR)).map(({ metadata }) => metadata.uid);
  const steps = (changes: ReadonlyMap<string, Step>) =>
    [...changes].map(([name, { op }]) => `${name} ${op}`).sort();

  it("shows a renewed certificate in the preview, and reloads it under a client's feet", async () => {
    const before = await uids();
    await issue("renewed");
    const changes = await blue.project.changes();
    assert.deepEqual(steps(changes), ["nats-blue-certificates update", "nats-blue-reload replace"]);
    assert.match(
      String(changes.get("nats-blue-certificates")?.newState?.inputs.rotated),
      /^certificate of secret nats-tls rotated \(expires \d{4}-\d\d-\d\d\)$/,
    );

    await updateUnderLoad();
    const { fingerprint256 } = new X509Certificate(readFileSync(join(folder, "renewed.crt")));
    const path = await reach("the colour of a test", as("tfdc_client", "client"));
    assert.equal(await servedFingerprint(path.servers[0] ?? "", true), fingerprint256);
    await path.close();
    const verifying = await openLink(as("tfdc_client", "client"));
    await verifying.close();
    assert.deepEqual(await uids(), before);
    await nothingIsLost();
  });

  it("takes in two servers, and restarts none for it", async () => {
    const before = await uids();
    blue.configure({ replicas: 5 });
    const changes = await blue.project.changes();
    assert.deepEqual(steps(changes), ANOTHER_SIZE);
    await updateUnderLoad();
    const after = await uids();
    assert.deepEqual([after.length, after.slice(0, 3)], [5, before]);
    await nothingIsLost();
  });

  it("says beforehand what moves off the servers that leave, and keeps every message", async () => {
    const system = await openLink(as("tfdc_system", "system"));
    const move = `$JS.API.ACCOUNT.STREAM.MOVE.TFDC.${STREAM}`;
    await system.ask(move, { server: "nats-blue-0" }, ASK_TIMEOUT);
    await system.close();
    const before = await uids();
    await until("a server that is to leave holds a replica", async () => {
      const { cluster: group } = await client.ask<{
        cluster: { leader: string; replicas: { name: string; current: boolean }[] };
      }>(`$JS.API.STREAM.INFO.${STREAM}`, undefined, ASK_TIMEOUT);
      const names = [group.leader, ...group.replicas.map(({ name }) => name)];
      return names.length === 3 && !names.includes("nats-blue-0");
    });
    blue.configure({ replicas: 3 });
    const changes = await blue.project.changes();
    assert.deepEqual(steps(changes), ANOTHER_SIZE);
    assert.match(
      String(changes.get("nats-blue-members")?.newState?.inputs.moves),
      /metrics_v1 \(account TFDC\): 1 of 3 off nats-blue-[34], /,
    );
    await updateUnderLoad();
    assert.deepEqual(await uids(), before.slice(0, 3));
    await nothingIsLost();
    const { code, stdout } = await blue.project.run("preview", "--diff", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("says of servers that come back at once when NATS lets them in again", async () => {
    blue.configure({ replicas: 5 });
    const changes = await blue.project.changes();
    blue.configure({ replicas: 3 });
    assert.match(
      String(changes.get("nats-blue-members")?.newState?.inputs.waits),
      /^nats-blue-3 and nats-blue-4 left less than five minutes ago: NATS lets them in again at /,
    );
  });

  it("restarts the one pod that was made while somebody had edited the StatefulSet", async () => {
    const seconds = async () =>
      (await cluster.pods(namespace, SELECTOR)).map(
        ({ spec }) => spec.terminationGracePeriodSeconds,
      );
    const set = {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "nats-blue", namespace },
    };
    await cluster.edit(set, {
      spec: { template: { spec: { terminationGracePeriodSeconds: 55 } } },
    });
    const before = await uids();
    await cluster.deletePod(namespace, "nats-blue-2");
    const isBack = async () => {
      const made = (await cluster.pods(namespace, SELECTOR))[2];
      return made !== undefined && !before.includes(made.metadata.uid) && isReady(made);
    };
    await until("the pod is there again", isBack, 120_000);
    assert.deepEqual(await seconds(), [60, 60, 55]);
    assert.deepEqual(steps(await blue.project.changes()), [
      "nats-blue-revision update",
      "nats-blue-roll replace",
      "nats-blue-stateful-set update",
    ]);
    await updateUnderLoad();
    assert.deepEqual(await seconds(), [60, 60, 60]);
    assert.deepEqual((await uids()).slice(0, 2), before.slice(0, 2));
    await nothingIsLost();
    const { code, stdout } = await blue.project.run("preview", "--diff", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("brings another nats-server and then a stream's setting that needs it in one update", async () => {
    blue.configure({ serverVersion: NEWER });
    const topology = join(blue.project.directory, "topology.ts");
    const subjects = '    subjects: ["metrics.>"],\n';
    writeFileSync(
      topology,
      readFileSync(topology, "utf8").replace(subjects, `${subjects}    allowMsgTtl: true,\n`),
    );
    const preview = await blue.project.ok("preview");
    const said = preview.stdout.replace(/\s+/g, " ");
    assert.ok(
      said.includes(
        `warning: allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: 2.10.29 => ${NEWER}`,
      ),
      preview.stdout,
    );
    await updateUnderLoad();
    const { config } = await client.ask<{ config: { allow_msg_ttl?: boolean } }>(
      `$JS.API.STREAM.INFO.${STREAM}`,
      undefined,
      ASK_TIMEOUT,
    );
    assert.equal(config.allow_msg_ttl, true);
    const pods: Pod[] = await cluster.pods(namespace, SELECTOR);
    assert.deepEqual(
      pods.map(({ spec }) => spec.containers[0]?.image),
      Array.from({ length: 3 }, () => `nats:${NEWER}`),
    );
    await nothingIsLost();
    const { code, stdout } = await blue.project.run("preview", "--diff", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });
});
