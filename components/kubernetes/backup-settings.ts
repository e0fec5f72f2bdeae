import { type Problem, problem } from "../jetstream/problems";
import type { ResourceRequirements } from "./manifests";

/** The CronJob that saves all streams and buckets of a colour, with their consumers. */
export interface BackupArgs {
  /** Image with the command `tfdc-nats`. None is published; docs/operations/backup.md builds one. */
  readonly image: string;
  /**
   * PersistentVolumeClaim that backups are written to, in the namespace of the cluster. It must
   * exist, and is nobody's but theirs.
   */
  readonly claim: string;
  /** When, in the five fields of cron, UTC. @default "0 2 * * *" */
  readonly schedule?: string;
  /** Number of backups to keep: 1 or more. Older ones are removed after a good one. @default 7 */
  readonly keep?: number;
  /** Requests and limits of the container. @default 100m and 256Mi, at most 1000m and 512Mi */
  readonly resources?: ResourceRequirements;
}

/** The same, every default filled in. */
export type BackupSettings = Required<BackupArgs>;

const DEFAULTS: Pick<BackupSettings, "schedule" | "keep" | "resources"> = {
  schedule: "0 2 * * *",
  keep: 7,
  resources: {
    requests: { cpu: "100m", memory: "256Mi" },
    limits: { cpu: "1000m", memory: "512Mi" },
  },
};

export function backupSettings(args: BackupArgs): BackupSettings {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...(Object.fromEntries(given) as unknown as BackupArgs) };
}

const DNS_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const MACRO = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
const FIELD = "[\\d*/,A-Za-z?-]+";
const SCHEDULE = new RegExp(`^${FIELD}( ${FIELD}){4}$`);

/** What of a colour its backups depend on. */
interface BackedUpColour {
  readonly backup?: BackupSettings;
  readonly tls: { readonly clients?: { readonly isVerified: boolean } };
}

/** What is wrong with the backup of a colour. */
export function backupProblems({ backup, tls }: BackedUpColour): Problem[] {
  if (backup === undefined) {
    return [];
  }
  const { image, claim, schedule, keep } = backup;
  const refuse = (property: string, value: unknown, rule: string, remedy: string) =>
    problem(`backup.${property}`, value, rule, remedy);
  return [
    ...(/^\S+$/.test(image ?? "")
      ? []
      : [
          refuse(
            "image",
            image,
            "it must be an image with the command tfdc-nats",
            "build one as docs/operations/backup.md does",
          ),
        ]),
    ...(DNS_NAME.test(claim ?? "")
      ? []
      : [refuse("claim", claim, "it must be the name of a PersistentVolumeClaim", "make one")]),
    ...(SCHEDULE.test(schedule) || MACRO.test(schedule)
      ? []
      : [refuse("schedule", schedule, "it must be the five fields of cron", 'use "0 2 * * *"')]),
    ...(Number.isInteger(keep) && keep > 0
      ? []
      : [refuse("keep", keep, "it must be a number of backups", "use 7")]),
    ...(tls.clients?.isVerified === true
      ? [
          problem(
            "backup",
            backup.image,
            "'tls.clients.verify' asks every client for a certificate, and tfdc-nats has none to show",
            "leave one of the two out",
          ),
        ]
      : []),
  ];
}
