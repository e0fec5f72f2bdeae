import { CLIENT_USER } from "../nats-server/server-options";
import type { BackupSettings } from "./backup-settings";
import type { CronJob, Volume, VolumeMount } from "./manifests";
import { metadata } from "./metadata";
import { clientHost, namesOf, PORTS } from "./names";
import { CONTAINER_SECURITY, POD_SECURITY } from "./security";
import type { ColourSettings } from "./settings";

const LOGIN_DIRECTORY = "/etc/nats-login";
const TLS_DIRECTORY = "/etc/nats-tls";
const BACKUP_DIRECTORY = "/backup";
const SCRATCH_DIRECTORY = "/tmp";
/** Readable for the group that the command runs in. */
const SECRET_MODE = 0o440;
/** How late a backup may begin, such as after Kubernetes itself was away. */
const LATE_SECONDS = 3_600;

/**
 * Saves all streams and buckets as the applications' user. One at a time: a second snapshot of a
 * stream would have to wait for the first anyway. The pods carry the clients' label and not the
 * servers', by which Services and disruption budgets choose.
 */
export function backupCronJob(settings: ColourSettings, backup: BackupSettings): CronJob {
  const names = namesOf(settings);
  const labels = {
    ...settings.clientLabels,
    "app.kubernetes.io/name": "nats-backup",
    "app.kubernetes.io/instance": names.backupCronJob,
    "app.kubernetes.io/component": "backup",
    "app.kubernetes.io/part-of": "tfdc",
    "app.kubernetes.io/managed-by": "pulumi",
  };
  const { volumes, mounts } = storage(settings, backup);
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { ...metadata(settings, names.backupCronJob), labels },
    spec: {
      schedule: backup.schedule,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: LATE_SECONDS,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        metadata: { labels },
        spec: {
          backoffLimit: 2,
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: "Never",
              serviceAccountName: names.serviceAccount,
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: POD_SECURITY,
              ...(settings.imagePullSecrets.length === 0
                ? {}
                : { imagePullSecrets: [...settings.imagePullSecrets] }),
              containers: [
                {
                  name: "backup",
                  image: backup.image,
                  imagePullPolicy: settings.imagePullPolicy,
                  command: ["tfdc-nats"],
                  args: backupWords(settings, backup),
                  // The locks of the command are files below it.
                  env: [{ name: "HOME", value: SCRATCH_DIRECTORY }],
                  resources: backup.resources,
                  securityContext: CONTAINER_SECURITY,
                  volumeMounts: mounts,
                },
              ],
              volumes,
            },
          },
        },
      },
    },
  };
}

/** The words after `tfdc-nats`. */
function backupWords(settings: ColourSettings, { keep }: BackupSettings): string[] {
  return [
    "backup",
    `--server=${clientHost(settings)}:${PORTS.client}`,
    `--name=${settings.colour}`,
    `--user=${CLIENT_USER}`,
    `--password-file=${LOGIN_DIRECTORY}/password`,
    ...(settings.tls.clients === undefined ? [] : [`--tls-ca=${TLS_DIRECTORY}/ca.crt`]),
    `--to=${BACKUP_DIRECTORY}`,
    `--keep=${keep}`,
  ];
}

function storage(
  settings: ColourSettings,
  backup: BackupSettings,
): { readonly volumes: Volume[]; readonly mounts: VolumeMount[] } {
  const { clients } = settings.tls;
  const secret = (name: string, secretName: string, key: string): Volume => ({
    name,
    secret: { secretName, defaultMode: SECRET_MODE, items: [{ key, path: key }] },
  });
  const tls = clients === undefined ? [] : [secret("tls", clients.secretName, "ca.crt")];
  return {
    volumes: [
      { name: "backup", persistentVolumeClaim: { claimName: backup.claim } },
      secret("login", namesOf(settings).login, "password"),
      ...tls,
      { name: "scratch", emptyDir: {} },
    ],
    mounts: [
      { name: "backup", mountPath: BACKUP_DIRECTORY },
      { name: "login", mountPath: LOGIN_DIRECTORY, readOnly: true },
      ...tls.map(({ name }) => ({ name, mountPath: TLS_DIRECTORY, readOnly: true })),
      { name: "scratch", mountPath: SCRATCH_DIRECTORY },
    ],
  };
}
