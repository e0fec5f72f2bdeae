import { strict as assert } from "node:assert";
import type { CronJob } from "../../../components/kubernetes/manifests";
import { DeclaredCluster } from "../../support/declared-cluster";

const BACKUP = { image: "registry.example.com/tfdc-nats:0.1.0", claim: "nats-backups" };

describe("the backup of NatsClusterComponent", () => {
  let job: CronJob;

  before(async () => {
    const cluster = await DeclaredCluster.make({ backup: BACKUP });
    job = cluster.inputsOf<CronJob>("nats-blue-backup");
  });

  const pod = () => job.spec?.jobTemplate.spec?.template;

  it("is not made unless it is asked for", async () => {
    const { names } = await DeclaredCluster.make();
    assert.ok(!names.some(([, type]) => type.endsWith(":CronJob")));
  });

  it("is a CronJob of the colour's own name, every night, one at a time", () => {
    assert.equal(job.metadata?.name, "nats-backup-blue");
    assert.equal(job.metadata?.namespace, "tfdc");
    const { jobTemplate: _, ...spec } = job.spec ?? { jobTemplate: undefined };
    assert.deepEqual(spec, {
      schedule: "0 2 * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
    });
  });

  it("may connect as a client, and is no server to the Services and the disruption budget", () => {
    const labels = pod()?.metadata?.labels ?? {};
    assert.equal(labels["tfdc.io/nats-client"], "true");
    assert.equal(labels.app, undefined);
    assert.equal(labels.cluster, undefined);
  });

  it("runs tfdc-nats as the applications' user, with a password from the login Secret alone", () => {
    const [container] = pod()?.spec?.containers ?? [];
    assert.deepEqual(container?.command, ["tfdc-nats"]);
    assert.deepEqual(container?.args, [
      "backup",
      "--server=nats-blue-client.tfdc.svc.cluster.local:4222",
      "--name=blue",
      "--user=tfdc_client",
      "--password-file=/etc/nats-login/password",
      "--to=/backup",
      "--keep=7",
    ]);
    assert.deepEqual(pod()?.spec?.volumes, [
      { name: "backup", persistentVolumeClaim: { claimName: "nats-backups" } },
      {
        name: "login",
        secret: {
          secretName: "nats-blue-login",
          defaultMode: 0o440,
          items: [{ key: "password", path: "password" }],
        },
      },
      { name: "scratch", emptyDir: {} },
    ]);
  });

  it("keeps to the restricted profile, with a root file system that nobody writes to", () => {
    const { securityContext, automountServiceAccountToken, containers } = pod()?.spec ?? {};
    assert.equal(automountServiceAccountToken, false);
    assert.equal(securityContext?.runAsNonRoot, true);
    assert.deepEqual(securityContext?.seccompProfile, { type: "RuntimeDefault" });
    assert.deepEqual(containers?.[0]?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("takes its own schedule and number, and knows the authority where clients use TLS", async () => {
    const cluster = await DeclaredCluster.make({
      backup: { ...BACKUP, schedule: "@hourly", keep: 24 },
      tls: { clients: { secretName: "nats-tls" } },
    });
    const { spec } = cluster.inputsOf<CronJob>("nats-blue-backup");
    assert.equal(spec?.schedule, "@hourly");
    const [container] = spec?.jobTemplate.spec?.template.spec?.containers ?? [];
    assert.ok(container?.args?.includes("--keep=24"));
    assert.ok(container?.args?.includes("--tls-ca=/etc/nats-tls/ca.crt"));
    assert.ok(container?.volumeMounts?.some(({ mountPath }) => mountPath === "/etc/nats-tls"));
  });

  it("has the last word of its transform", async () => {
    const cluster = await DeclaredCluster.make({
      backup: BACKUP,
      transform: {
        backupCronJob: (one) => ({ ...one, spec: one.spec && { ...one.spec, suspend: true } }),
      },
    });
    assert.equal(cluster.inputsOf<CronJob>("nats-blue-backup").spec?.suspend, true);
  });
});
