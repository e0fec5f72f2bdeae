import { strict as assert } from "node:assert";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import type { CronJob } from "../../components/kubernetes/manifests";
import { DeclaredCluster } from "../support/declared-cluster";
import type { KubernetesObject } from "../support/kubernetes/api";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { TOOLS_IMAGE } from "../support/kubernetes/images";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

const ROOT = join(__dirname, "../..");
const PROGRAM = join(ROOT, "ops", "bin", "tfdc-nats.js");
/** A node needs these of its machine, and nothing of an image. */
const MOUNTS = ["/usr", "/lib", "/lib64", ROOT];
const BACKUP = { image: TOOLS_IMAGE, claim: "nats-backups" };
const SELECTOR = "app.kubernetes.io/name=nats-backup";

describe("backups that Kubernetes makes", function () {
  this.timeout(300_000);
  let kubernetes: Kubernetes;
  let namespace: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("backups");
    await kubernetes.apply(claim());
    const colour = new KubernetesColour(kubernetes, namespace, {
      backup: { ...BACKUP, schedule: "* * * * *" },
      transform: {
        // No kube-proxy runs here, without which only the addresses of pods lead anywhere.
        clientService: (service) => ({ ...service, spec: { ...service.spec, clusterIP: "None" } }),
        backupCronJob: fromThisMachine,
      },
    });
    await colour.up();
    const { connection, path } = await colour.client();
    const { streams } = await jetstreamManager(connection);
    await until("a stream has a message", async () => {
      await streams.add({ name: "ORDERS", subjects: ["orders.>"], num_replicas: 3 });
      return (await connection.request("orders.new", "1", { timeout: 5_000 })).data.length > 0;
    });
    await connection.close();
    await path.close();
  });

  after(() => kubernetes.removeNamespace(namespace));

  function claim(): KubernetesObject {
    return {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: BACKUP.claim, namespace },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "fast-ssd",
        resources: { requests: { storage: "1Gi" } },
      },
    } as KubernetesObject;
  }

  /** The same pod with the node and the packages of this machine, whose files are its owner's. */
  function fromThisMachine(job: CronJob): CronJob {
    const changed = structuredClone(job);
    const pod = changed.spec?.jobTemplate.spec?.template.spec;
    const [container] = pod?.containers ?? [];
    assert.ok(pod && container);
    pod.securityContext = {};
    pod.volumes?.push(...MOUNTS.map((path, index) => ({ name: `m${index}`, hostPath: { path } })));
    container.command = [process.execPath, PROGRAM];
    container.volumeMounts?.push(
      ...MOUNTS.map((mountPath, index) => ({ name: `m${index}`, mountPath, readOnly: true })),
    );
    return changed;
  }

  const cronJob = () =>
    kubernetes.get<KubernetesObject & { status?: { lastSuccessfulTime?: string } }>({
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "nats-backup-blue", namespace },
    });

  it("save what the colour holds, and note the success that the alert waits for", async () => {
    let said = "";
    await until(
      "a backup has the stream",
      async () => {
        // The first one may have begun before the stream was there.
        const pods = await kubernetes.pods(namespace, SELECTOR);
        const done = pods.filter(({ status }) => status.phase === "Succeeded");
        const logs = done.map(({ metadata }) => kubernetes.logs(namespace, metadata.name));
        said = (await Promise.all(logs)).join("");
        return /1 stream,/.test(said);
      },
      240_000,
    );
    assert.match(
      said,
      /\/backup\/nats-blue-\d{8}-\d{6}: 1 stream, \d+ messages?, .*every record was checked/,
    );
    await until(
      "the CronJob has noted it",
      async () => (await cronJob())?.status?.lastSuccessfulTime !== undefined,
    );
  });

  it("are let in by a namespace of the restricted profile, as they are declared", async () => {
    const restricted = await kubernetes.namespace("restricted-backups", { restricted: true });
    try {
      const declared = await DeclaredCluster.make({ namespace: restricted, backup: BACKUP });
      const job = declared.inputsOf<CronJob>("nats-blue-backup");
      await kubernetes.apply(
        plain(declared.inputsOf("nats-blue-service-account")),
        plain(job as unknown as object),
        plain({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "backup", namespace: restricted },
          spec: job.spec?.jobTemplate.spec?.template.spec,
        }),
      );
      assert.equal((await kubernetes.pods(restricted)).length, 1);
    } finally {
      await kubernetes.removeNamespace(restricted);
    }
  });
});

function plain(object: object): KubernetesObject {
  return JSON.parse(JSON.stringify(object)) as KubernetesObject;
}
