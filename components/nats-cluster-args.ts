import type { Input } from "@pulumi/pulumi";
import type { KubernetesApiArgs, SecretReference } from "./connection-args";
import type { BackupArgs } from "./kubernetes/backup-settings";
import type {
  ConfigMap,
  CronJob,
  LocalObjectReference,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  ResourceRequirements,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  Toleration,
} from "./kubernetes/manifests";
import type { Durability, Rollout, Spread, VolumeRetention } from "./kubernetes/settings";
import type { PASSWORD_NAMES } from "./nats-server/server-options";

/** The passwords of a cluster: references, or Pulumi secrets. */
export type ClusterPasswordArgs = Readonly<
  Record<(typeof PASSWORD_NAMES)[number], SecretReference | Input<string>>
>;

/** A user beside the package's own. A change is reloaded. */
export interface UserArgs {
  /** Name of the user, unique in the cluster. */
  readonly user: string;
  /** Password: a reference, or a Pulumi secret. */
  readonly password: SecretReference | Input<string>;
  /** Subjects the user may publish to. @default all */
  readonly publish?: readonly string[];
  /** Subjects the user may subscribe to. @default all */
  readonly subscribe?: readonly string[];
}

/** An account beside the package's own: subjects and streams of its own. A change is reloaded. */
export interface AccountArgs {
  /** Whether the account may have streams. @default false */
  readonly jetstream?: boolean;
  /** The users of the account. */
  readonly users: readonly UserArgs[];
}

/** TLS from an existing Secret with the keys `tls.crt`, `tls.key` and `ca.crt`. */
export interface TlsSecretArgs {
  /** Name of the Secret, in the namespace of the cluster. */
  readonly secretName: string;
}

/** TLS of clients. */
export interface ClientTlsArgs extends TlsSecretArgs {
  /** Whether clients must show a certificate of the same authority. @default false */
  readonly verify?: boolean;
  /**
   * Path of the authority's certificate for the provider's own connection, relative to the
   * program. @default the system's authorities
   */
  readonly caFile?: string;
  /** Certificate for the provider's own connection; needed where `verify` is on. */
  readonly certFile?: string;
  /** Private key of `certFile`. */
  readonly keyFile?: string;
}

/**
 * A last word on one object: gets it as it would be made, changes it or returns another one. What
 * it does to names, labels or ports is its own responsibility.
 */
export type Transform<T> = (object: T) => T | undefined;

/** The escape hatch, one for each object. */
export interface NatsClusterTransforms {
  readonly namespace?: Transform<Namespace>;
  readonly serviceAccount?: Transform<ServiceAccount>;
  readonly configMap?: Transform<ConfigMap>;
  /** Without the passwords, which are added afterwards. */
  readonly credentials?: Transform<Secret>;
  /** Without the password, which is added afterwards. */
  readonly login?: Transform<Secret>;
  readonly headlessService?: Transform<Service>;
  readonly clientService?: Transform<Service>;
  readonly podDisruptionBudget?: Transform<PodDisruptionBudget>;
  readonly networkPolicy?: Transform<NetworkPolicy>;
  readonly statefulSet?: Transform<StatefulSet>;
  readonly backupCronJob?: Transform<CronJob>;
}

/**
 * Arguments of a `NatsClusterComponent`. They decide which objects exist and what restarts, so
 * they are plain values, but for the passwords. "Restarts" means: one server after the other, as
 * lame ducks, the meta leader last.
 */
export interface NatsClusterComponentArgs {
  /**
   * Name of the colour: of the cluster, of its JetStream domain, and in every object's
   * `nats-<colour>`. Lower-case letters, digits and '-'; it can never change.
   */
  readonly colour: string;
  /** Passwords of the users and of the routes. A change reloads. */
  readonly passwords: ClusterPasswordArgs;
  /** Namespace of the objects; both colours may share it. @default "tfdc" */
  readonly namespace?: string;
  /**
   * Whether the namespace is made, with the restricted Pod Security Standard. It is never deleted,
   * because the other colour may live in it. @default true
   */
  readonly createNamespace?: boolean;
  /** Number of servers: 1, 3 or 5. @default 3 */
  readonly replicas?: number;
  /**
   * Version of nats-server, 2.10 or newer. 2.10.20 to 2.10.22 can lose a whole stream and warn. A
   * change restarts. @default "2.10.29"
   */
  readonly serverVersion?: string;
  /** Image of the server; it must hold `serverVersion`. Restarts. @default `nats:<serverVersion>` */
  readonly image?: string;
  /** When images are pulled. Restarts. @default "IfNotPresent" */
  readonly imagePullPolicy?: "IfNotPresent" | "Always" | "Never";
  /** Secrets for pulling images. Restarts. @default none */
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  /** StorageClass of the volumes; it cannot change. @default "fast-ssd" */
  readonly storageClass?: string;
  /** Size of each volume, as a Kubernetes quantity. It cannot change. @default "200Gi" */
  readonly volumeSize?: string;
  /** What `pulumi destroy` does with the volumes. @default "retain" */
  readonly volumeRetention?: VolumeRetention;
  /**
   * Most bytes of streams on disk, per server: at most 90 % of `volumeSize`. Restarts.
   * @default "170GiB"
   */
  readonly maxFileStore?: string;
  /**
   * Most bytes of streams in memory, per server: at most 75 % of the memory limit. Restarts.
   * @default "2GiB"
   */
  readonly maxMemoryStore?: string;
  /**
   * `"balanced"` forces messages to disk every two minutes, `"strict"` each one before it is
   * acknowledged, which costs most of the throughput. Restarts. @default "balanced"
   */
  readonly durability?: Durability;
  /** Most client connections, per server. A change reloads. @default 10000 */
  readonly maxConnections?: number;
  /** Most subscriptions of one connection. Restarts. @default 10000 */
  readonly maxSubscriptions?: number;
  /** Largest message. A change reloads. @default "10MiB" */
  readonly maxPayload?: string;
  /** Most bytes that may wait for one client. Restarts. @default "256MiB" */
  readonly maxPending?: string;
  /** Longest time a server waits for a slow client. A change reloads. @default "10s" */
  readonly writeDeadline?: string;
  /** Time between pings to a silent client. A change reloads. @default "2m" */
  readonly pingInterval?: string;
  /**
   * Requests and limits of the server's container; `GOMEMLIMIT` is 80 % of the memory limit.
   * Restarts. @default requests of 1000m and 2Gi, limits of 2000m and 4Gi
   */
  readonly resources?: ResourceRequirements;
  /** Seconds a pod has to end, 50 or more. Restarts. @default 60 */
  readonly gracePeriodSeconds?: number;
  /** TLS of clients and of routes, from existing Secrets. A change restarts. @default off */
  readonly tls?: { readonly clients?: ClientTlsArgs; readonly routes?: TlsSecretArgs };
  /** Users of the applications' account, beside `tfdc_client`. A change reloads. @default none */
  readonly users?: readonly UserArgs[];
  /** Accounts beside the applications' own, by name. A change reloads. @default none */
  readonly accounts?: Readonly<Record<string, AccountArgs>>;
  /**
   * Labels of pods that may connect as clients, in any namespace.
   * @default `{ "tfdc.io/nats-client": "true" }`
   */
  readonly clientLabels?: Readonly<Record<string, string>>;
  /** Namespace that may read monitoring and metrics. @default "monitoring" */
  readonly monitoringNamespace?: string;
  /** DNS domain of the Kubernetes cluster. @default "cluster.local" */
  readonly clusterDomain?: string;
  /**
   * Whether two servers may share a node: `"required"` keeps a pod waiting rather than that,
   * `"preferred"` lets it. Restarts. @default "required"
   */
  readonly spread?: Spread;
  /** Image of the metrics exporter. Restarts. @default "natsio/prometheus-nats-exporter:0.20.1" */
  readonly exporterImage?: string;
  /** Requests and limits of the exporter. Restarts. @default 10m and 32Mi, at most 200m and 128Mi */
  readonly exporterResources?: ResourceRequirements;
  /** Labels of the nodes that servers may run on. Restarts. @default any */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of nodes that servers put up with. Restarts. @default none */
  readonly tolerations?: readonly Toleration[];
  /** PriorityClass of the pods. Restarts. @default none */
  readonly priorityClassName?: string;
  /**
   * Who restarts pods: `"guarded"` one after the other, the meta leader last, each only when every
   * stream is current again; `"kubernetes"` its plain rolling update. @default "guarded"
   */
  readonly rollout?: Rollout;
  /** A CronJob `nats-backup-<colour>` that saves all streams and buckets. @default none */
  readonly backup?: BackupArgs;
  /** Longest wait for a settled cluster, before streams and between restarts. @default "5m" */
  readonly settleTimeout?: string;
  /** The API server, for the objects and for the port-forwards. @default as kubectl finds it */
  readonly access?: KubernetesApiArgs;
  /**
   * Addresses under which the provider reaches the clients' port, `host:port`, instead of a
   * port-forward. @default none
   */
  readonly servers?: readonly string[];
  /** A last word on each object. */
  readonly transform?: NatsClusterTransforms;
}
