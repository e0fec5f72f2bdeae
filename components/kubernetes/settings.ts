import type { Problem } from "../jetstream/problems";
import { EXPORTER_IMAGE } from "../monitoring/exporter";
import type { ExtraAccount, ExtraUser } from "../nats-server/server-options";
import type { BackupSettings } from "./backup-settings";
import type { LocalObjectReference, ResourceRequirements, Toleration } from "./manifests";

/** How pods are spread over nodes. */
export type Spread = "required" | "preferred";

/** What becomes of the volumes when the StatefulSet goes. */
export type VolumeRetention = "retain" | "delete";

/** Who restarts pods after a change. */
export type Rollout = "guarded" | "kubernetes";

/** How much a power cut may cost: the last two minutes on one server, or nothing. */
export type Durability = "balanced" | "strict";

/** TLS of one kind of connection, from a Secret with `tls.crt`, `tls.key` and `ca.crt`. */
export interface TlsSecret {
  readonly secretName: string;
  readonly isVerified: boolean;
}

/** Everything about one colour on Kubernetes that is no secret: every default filled in. */
export interface ColourSettings {
  readonly colour: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly serverVersion: string;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly imagePullSecrets: readonly LocalObjectReference[];
  readonly storageClass: string;
  /** Kubernetes quantity, such as `200Gi`. */
  readonly volumeSize: string;
  readonly volumeRetention: VolumeRetention;
  readonly maxFileStore: string;
  readonly maxMemoryStore: string;
  readonly durability: Durability;
  readonly maxConnections: number;
  readonly maxSubscriptions: number;
  readonly maxPayload: string;
  readonly maxPending: string;
  readonly writeDeadline: string;
  readonly pingInterval: string;
  readonly resources: ResourceRequirements;
  readonly gracePeriodSeconds: number;
  readonly tls: { readonly clients?: TlsSecret; readonly routes?: TlsSecret };
  readonly users: readonly ExtraUser[];
  readonly accounts: readonly ExtraAccount[];
  readonly clientLabels: Readonly<Record<string, string>>;
  readonly monitoringNamespace: string;
  readonly clusterDomain: string;
  readonly spread: Spread;
  readonly exporterImage: string;
  readonly exporterResources: ResourceRequirements;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly priorityClassName: string | undefined;
  readonly rollout: Rollout;
  readonly settleTimeout: string;
  /** Who makes backups. @default nobody */
  readonly backup?: BackupSettings;
}

/** A rule of the settings: what is wrong with them, all at once. */
export type SettingsRule = (settings: ColourSettings) => Problem[];

/** The settings of the reference document, and what it leaves open. */
export const DEFAULTS = {
  namespace: "tfdc",
  replicas: 3,
  serverVersion: "2.10.29",
  imagePullPolicy: "IfNotPresent",
  imagePullSecrets: [],
  storageClass: "fast-ssd",
  volumeSize: "200Gi",
  volumeRetention: "retain",
  maxFileStore: "170GiB",
  maxMemoryStore: "2GiB",
  durability: "balanced",
  maxConnections: 10_000,
  maxSubscriptions: 10_000,
  maxPayload: "10MiB",
  maxPending: "256MiB",
  writeDeadline: "10s",
  pingInterval: "2m",
  resources: {
    requests: { cpu: "1000m", memory: "2Gi" },
    limits: { cpu: "2000m", memory: "4Gi" },
  },
  gracePeriodSeconds: 60,
  tls: {},
  users: [],
  accounts: [],
  clientLabels: { "tfdc.io/nats-client": "true" },
  monitoringNamespace: "monitoring",
  clusterDomain: "cluster.local",
  spread: "required",
  exporterImage: EXPORTER_IMAGE,
  exporterResources: {
    requests: { cpu: "10m", memory: "32Mi" },
    limits: { cpu: "200m", memory: "128Mi" },
  },
  nodeSelector: {},
  tolerations: [],
  priorityClassName: undefined,
  rollout: "guarded",
  settleTimeout: "5m",
} as const satisfies Partial<ColourSettings>;
