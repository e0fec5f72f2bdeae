// Written by `npm run docs` from the arguments of JetStreamAssets: the same properties in types that
// Pulumi's schema for other languages knows. Words and sizes are strings here; what is wrong with one
// is said at preview.
import type { Input } from "@pulumi/pulumi";

/**
 * Arguments of `JetStreamAssets`. The policies count for every asset that does not say its own:
 * `streams: { "a.v1": { maxAge: "3d", allowDataLoss: { upToMessages: 500 } } }`.
 */
export interface JetStreamArgs {
  /**
   * How the cluster is reached.
   */
  readonly connection: ConnectionArgs;
  /**
   * What the servers offer. With it, capacity, replicas and the version of the servers are checked
   * before anything is made.
   * Default: unknown, not checked
   */
  readonly capacity?: ClusterCapacity;
  /**
   * The streams, by logical name. A name that NATS refuses is mapped: `"metrics.v1"` is
   * `metrics_v1` on the server, and keeps its logical name as description.
   */
  readonly streams?: Record<string, StreamArgs>;
  /**
   * The key-value buckets, by name.
   */
  readonly buckets?: Record<string, KeyValueArgs>;
  /**
   * Write thresholds into the metadata of each asset (`io.nats.monitor.*`), so that the stock
   * `nats server check stream` agrees with the alerts of `NatsMonitoring`. Metadata of the
   * declaration wins.
   * Default: false
   */
  readonly checkMetadata?: boolean;
  /**
   * What to do where the asset exists already: leave it and fail (`"never"`), take it over where
   * its configuration is equal (`"ifEqual"`), or change it (`"always"`). An asset that another
   * stack owns is never touched.
   * Default: "ifEqual"
   */
  readonly adopt?: string;
  /**
   * What removing the declaration does: delete the asset if it is empty and refuse otherwise
   * (`"refuseIfNotEmpty"`), delete it with its messages (`"delete"`), or leave it on the servers
   * (`"retain"`). The policy of the last `pulumi up` counts.
   * Default: "refuseIfNotEmpty"
   */
  readonly deletionPolicy?: string;
  /**
   * What to do with a change that no update can make, such as another `retention`: refuse it at
   * preview (`"fail"`); delete the asset and make it again where it holds neither messages nor
   * consumers (`"replaceIfEmpty"`), and refuse otherwise; or save it to this machine, delete it,
   * restore it with the new configuration and compare (`"backupAndRecreate"`), which a preview
   * announces, and refuses where something would not come back, as from memory or into it before
   * nats-server 2.15. Publishers are turned away meanwhile.
   * Default: "fail"
   */
  readonly onRefusedChange?: string;
  /**
   * Folder of the backups that `"backupAndRecreate"` makes, relative to the program's. They hold
   * every message in the clear: folders are 0700, files 0600. An interrupted recreation is taken up
   * from there by the next `pulumi up`, so it has to stay where that finds it.
   * Default: ".tfdc-nats/backups"
   */
  readonly backupDirectory?: string;
  /**
   * Whether a backup stays after all of it was restored and compared, as
   * `<backupDirectory>/nats-<cluster>-<time>`, which `tfdc-nats restore` reads.
   * Default: false
   */
  readonly keepBackup?: boolean;
  /**
   * Whether an update may delete messages, as a lower `maxAge` does: none (`false`), any number
   * (`true`), or `{ upToMessages: n }`. A preview says how many go, allowed or not.
   * Default: false
   */
  readonly allowDataLoss?: boolean;
  /**
   * Lets an update switch on what no update can switch off again: `sealed`, `denyDelete`,
   * `denyPurge`. Not asked for when the asset is created.
   * Default: false
   */
  readonly acknowledgeIrreversible?: boolean;
}

/**
 * How a NATS cluster is reached: by `servers` or by `kubernetes`, and as whom.
 */
export interface ConnectionArgs {
  /**
   * Addresses of the servers, `host:port`. At least one; every one is tried.
   */
  readonly servers?: string[];
  /**
   * The Service of a cluster inside Kubernetes, instead of `servers`.
   */
  readonly kubernetes?: KubernetesAccess;
  /**
   * User name.
   * Default: none, an anonymous connection
   */
  readonly user?: string;
  /**
   * Password of `user`: a reference (kept out of the state) or a Pulumi secret.
   */
  readonly password?: Input<string>;
  /**
   * Token, where the server asks for one: a reference or a Pulumi secret.
   */
  readonly token?: Input<string>;
  /**
   * Path of a `.creds` file (JWT and seed).
   */
  readonly credsFile?: string;
  /**
   * TLS: paths of the CA certificate, and of the client's certificate and key.
   * Default: off
   */
  readonly tls?: TlsArgs;
  /**
   * Name of the cluster that must answer. A connection that reaches another cluster is refused
   * before anything is read or written.
   * Default: any cluster
   */
  readonly cluster?: string;
  /**
   * Prefix of the inboxes that answers come back to, where the user may subscribe to no other.
   * Default: "_INBOX"
   */
  readonly inboxPrefix?: string;
  /**
   * JetStream domain that must answer.
   * Default: any domain
   */
  readonly domain?: string;
  /**
   * A user of the system account, reached in the same way. With one, every write is read back from
   * each server that holds the asset.
   * Default: none: the word of the asset's leader is taken
   */
  readonly system?: SystemUserArgs;
}

/**
 * A NATS cluster inside Kubernetes. From outside it is reached by a port-forward of our own over
 * the API server, to a pod that is ready and to another one when that goes away; from inside, where
 * neither `kubeconfig` nor `context` is given, by the name of the Service. The port-forward needs
 * `get` on services, `list` on pods and `create` on pods/portforward of the namespace.
 */
export interface KubernetesAccess {
  /**
   * Namespace of the cluster.
   */
  readonly namespace: string;
  /**
   * Service whose pods are the servers.
   */
  readonly service: string;
  /**
   * Port of the Service.
   * Default: 4222
   */
  readonly port?: number;
  /**
   * Path of a kubeconfig file, relative to the program.
   * Default: `$KUBECONFIG`, `~/.kube/config`, or the service account of the pod this runs in
   */
  readonly kubeconfig?: string;
  /**
   * Context of the kubeconfig.
   * Default: its current context
   */
  readonly context?: string;
}

/**
 * Files of a TLS connection, as paths relative to the program.
 */
export interface TlsArgs {
  /**
   * Certificate authority that signed the servers' certificates.
   * Default: the system's
   */
  readonly caFile?: string;
  /**
   * Certificate of this client, where the server verifies clients.
   */
  readonly certFile?: string;
  /**
   * Private key of `certFile`.
   */
  readonly keyFile?: string;
  /**
   * Name that the servers' certificate carries, where they are reached under another one, as
   * through a port-forward.
   * Default: the name they are reached under
   */
  readonly serverName?: string;
}

/**
 * A user of the system account: by `user` and `password`, or by `credsFile`.
 */
export interface SystemUserArgs {
  /**
   * User name.
   */
  readonly user?: string;
  /**
   * Password of `user`: a reference (kept out of the state) or a Pulumi secret.
   */
  readonly password?: Input<string>;
  /**
   * Path of a `.creds` file (JWT and seed).
   */
  readonly credsFile?: string;
}

/**
 * What the servers of a cluster offer, as far as it is known without asking them.
 */
export interface ClusterCapacity {
  /**
   * Names of the servers.
   */
  readonly servers: string[];
  /**
   * `max_file_store` of each server, such as `"170GiB"`.
   */
  readonly maxFileStore: string;
  /**
   * `max_memory_store` of each server, such as `"2GiB"`.
   */
  readonly maxMemoryStore: string;
  /**
   * Version of the servers, such as `"2.10.29"`.
   */
  readonly serverVersion: string;
  /**
   * Whether an update brings the servers to `serverVersion` before it writes streams, because the
   * program that declares these runs the servers, too, and they depend on them. Then a preview
   * judges them by that version.
   * Default: false: by the version of the server that answers
   */
  readonly upgradedFirst?: boolean;
}

export interface StreamArgs {
  /**
   * A sentence about the stream, up to 4 KiB.
   * Default: ""
   */
  readonly description?: string;
  /**
   * Subjects to store; their order means nothing.
   * Default: the stream's name, none for a mirror
   */
  readonly subjects?: string[];
  /**
   * How long messages stay: until a limit (`"limits"`), until every consumer has them
   * (`"interest"`), or until one has (`"workqueue"`). To and from workqueue cannot be updated, and
   * limits → interest deletes what no consumer waits for.
   * Default: "limits"
   */
  readonly retention?: string;
  /**
   * Where messages are kept. Cannot be updated.
   * Default: "file"
   */
  readonly storage?: string;
  /**
   * Servers that hold a copy: 1 to 5, odd to survive the loss of a server.
   * Default: 1
   */
  readonly replicas?: number;
  /**
   * Oldest age of a message, 100 ms or more; lowering it deletes messages.
   * Default: "unlimited"
   */
  readonly maxAge?: string;
  /**
   * Largest size of the stream. Every replica reserves it on its server; lowering it deletes
   * messages.
   * Default: "unlimited", which reserves nothing
   */
  readonly maxBytes?: string;
  /**
   * Most messages; lowering it deletes messages.
   * Default: "unlimited"
   */
  readonly maxMsgs?: number;
  /**
   * Most messages of one subject; lowering it deletes messages.
   * Default: "unlimited"
   */
  readonly maxMsgsPerSubject?: number;
  /**
   * Largest message, headers included.
   * Default: "unlimited" (the server's max_payload)
   */
  readonly maxMsgSize?: string;
  /**
   * Most consumers. Cannot be updated before 2.12.5.
   * Default: "unlimited", which since 2.15 is 1000 unless its `default_max_consumers` says otherwise
   */
  readonly maxConsumers?: number;
  /**
   * At a limit, drop the oldest message or refuse the new one.
   * Default: "old"
   */
  readonly discard?: string;
  /**
   * Refuse new messages per subject too. Needs discard "new", maxMsgsPerSubject.
   * Default: false
   */
  readonly discardNewPerSubject?: boolean;
  /**
   * How long message IDs are remembered, 100 ms or more and not longer than `maxAge`. A stream with
   * `sources` may have `"none"`, which needs 2.14 and is what that server has there by itself.
   * Default: "2m", or maxAge where that is shorter; "none" for a mirror
   */
  readonly duplicateWindow?: string;
  /**
   * Compression of messages on disk.
   * Default: "none"
   */
  readonly compression?: string;
  /**
   * Store without acknowledging.
   * Default: false
   */
  readonly noAck?: boolean;
  /**
   * Let every replica answer reads.
   * Default: false
   */
  readonly allowDirect?: boolean;
  /**
   * Let a mirror answer reads of its origin.
   * Default: the origin's allowDirect
   */
  readonly mirrorDirect?: boolean;
  /**
   * Accept roll-up headers, which purge. Excludes `denyPurge`.
   * Default: false
   */
  readonly allowRollup?: boolean;
  /**
   * Refuse to delete single messages. Can never be unset.
   * Default: false
   */
  readonly denyDelete?: boolean;
  /**
   * Refuse to purge. Can never be unset.
   * Default: false
   */
  readonly denyPurge?: boolean;
  /**
   * Let nothing in or out any more. Can never be unset; it lifts `maxAge`, refuses deletes and
   * purges.
   * Default: false
   */
  readonly sealed?: boolean;
  /**
   * Sequence of the first message. Has an effect on creation only.
   * Default: 1
   */
  readonly firstSeq?: number;
  /**
   * Servers that may hold the replicas.
   * Default: any of the cluster
   */
  readonly placement?: UnwrappedObject;
  /**
   * Origin of which this stream is a copy. Cannot be updated; 2.12 can remove it.
   * Default: none
   */
  readonly mirror?: UnwrappedObject;
  /**
   * Streams whose messages are copied into this one; their order means nothing.
   * Default: none
   */
  readonly sources?: UnwrappedObject[];
  /**
   * Publish stored messages again.
   * Default: none
   */
  readonly republish?: UnwrappedObject;
  /**
   * Store messages under another subject.
   * Default: none
   */
  readonly subjectTransform?: UnwrappedObject;
  /**
   * Limits for consumers.
   * Default: none
   */
  readonly consumerLimits?: UnwrappedObject;
  /**
   * Labels, up to 128 KiB; the prefix `_nats.` is the server's.
   * Default: {}
   */
  readonly metadata?: Record<string, string>;
  /**
   * Accept a time to live per message. Can never be unset. Needs 2.11.
   * Default: false
   */
  readonly allowMsgTtl?: boolean;
  /**
   * Leave a marker for this long, 1 s or more, where the last message of a subject went. Switches
   * `allowMsgTtl` and `allowRollup` on. Needs 2.11.
   * Default: "none"
   */
  readonly subjectDeleteMarkerTtl?: string;
  /**
   * Take messages as counters. Cannot be updated. Needs 2.12.
   * Default: false
   */
  readonly allowMsgCounter?: boolean;
  /**
   * Accept batches that are stored whole or not at all. Needs 2.12.
   * Default: false
   */
  readonly allowAtomicPublish?: boolean;
  /**
   * Accept messages to be delivered later. Can never be unset; switches `allowRollup` on. Needs
   * 2.12.
   * Default: false
   */
  readonly allowMsgSchedules?: boolean;
  /**
   * Acknowledge before (`"async"`) or after writing. Cannot be updated. Needs 2.12.
   * Default: "default"
   */
  readonly persistMode?: string;
  /**
   * Accept fast batches, whose flow is controlled. Needs 2.14.
   * Default: false
   */
  readonly allowBatchPublish?: boolean;
  /**
   * What to do where the asset exists already: leave it and fail (`"never"`), take it over where
   * its configuration is equal (`"ifEqual"`), or change it (`"always"`). An asset that another
   * stack owns is never touched.
   * Default: "ifEqual"
   */
  readonly adopt?: string;
  /**
   * What removing the declaration does: delete the asset if it is empty and refuse otherwise
   * (`"refuseIfNotEmpty"`), delete it with its messages (`"delete"`), or leave it on the servers
   * (`"retain"`). The policy of the last `pulumi up` counts.
   * Default: "refuseIfNotEmpty"
   */
  readonly deletionPolicy?: string;
  /**
   * What to do with a change that no update can make, such as another `retention`: refuse it at
   * preview (`"fail"`); delete the asset and make it again where it holds neither messages nor
   * consumers (`"replaceIfEmpty"`), and refuse otherwise; or save it to this machine, delete it,
   * restore it with the new configuration and compare (`"backupAndRecreate"`), which a preview
   * announces, and refuses where something would not come back, as from memory or into it before
   * nats-server 2.15. Publishers are turned away meanwhile.
   * Default: "fail"
   */
  readonly onRefusedChange?: string;
  /**
   * Folder of the backups that `"backupAndRecreate"` makes, relative to the program's. They hold
   * every message in the clear: folders are 0700, files 0600. An interrupted recreation is taken up
   * from there by the next `pulumi up`, so it has to stay where that finds it.
   * Default: ".tfdc-nats/backups"
   */
  readonly backupDirectory?: string;
  /**
   * Whether a backup stays after all of it was restored and compared, as
   * `<backupDirectory>/nats-<cluster>-<time>`, which `tfdc-nats restore` reads.
   * Default: false
   */
  readonly keepBackup?: boolean;
  /**
   * Whether an update may delete messages, as a lower `maxAge` does: none (`false`), any number
   * (`true`), or `{ upToMessages: n }`. A preview says how many go, allowed or not.
   * Default: false
   */
  readonly allowDataLoss?: boolean;
  /**
   * Lets an update switch on what no update can switch off again: `sealed`, `denyDelete`,
   * `denyPurge`. Not asked for when the asset is created.
   * Default: false
   */
  readonly acknowledgeIrreversible?: boolean;
}

export interface UnwrappedObject {
  /**
   * Name of the cluster.
   */
  readonly cluster?: string;
  /**
   * Tags that every server must carry.
   */
  readonly tags?: string[];
}

export interface KeyValueArgs {
  /**
   * A sentence about the bucket, up to 4 KiB.
   * Default: ""
   */
  readonly description?: string;
  /**
   * Values kept of each key, 1 to 64; lowering it deletes values.
   * Default: 1
   */
  readonly history?: number;
  /**
   * Age at which a value goes, 100 ms or more; lowering it deletes values.
   * Default: "unlimited"
   */
  readonly ttl?: string;
  /**
   * Largest value, headers included.
   * Default: "unlimited" (the server's max_payload)
   */
  readonly maxValueSize?: string;
  /**
   * Largest size of the bucket, reserved on each server that holds a replica.
   * Default: "unlimited"
   */
  readonly maxBytes?: string;
  /**
   * Where values are kept. Cannot be updated.
   * Default: "file"
   */
  readonly storage?: string;
  /**
   * Servers that hold a copy: 1 to 5, odd to survive the loss of a server.
   * Default: 1
   */
  readonly replicas?: number;
  /**
   * Compression of values on disk.
   * Default: "none"
   */
  readonly compression?: string;
  /**
   * Servers that may hold the replicas.
   * Default: any of the cluster
   */
  readonly placement?: UnwrappedObject;
  /**
   * Publish every change again.
   * Default: none
   */
  readonly republish?: UnwrappedObject;
  /**
   * Bucket of which this one is a copy, by its bucket name. Cannot be updated.
   * Default: none
   */
  readonly mirror?: UnwrappedObject;
  /**
   * Buckets whose keys are copied into this one, by their bucket names.
   * Default: none
   */
  readonly sources?: UnwrappedObject[];
  /**
   * Labels, up to 128 KiB.
   * Default: {}
   */
  readonly metadata?: Record<string, string>;
  /**
   * How long a marker of an expired key stays, 1 s or more. Needs 2.11.
   * Default: "none"
   */
  readonly limitMarkerTtl?: string;
  /**
   * What to do where the asset exists already: leave it and fail (`"never"`), take it over where
   * its configuration is equal (`"ifEqual"`), or change it (`"always"`). An asset that another
   * stack owns is never touched.
   * Default: "ifEqual"
   */
  readonly adopt?: string;
  /**
   * What removing the declaration does: delete the asset if it is empty and refuse otherwise
   * (`"refuseIfNotEmpty"`), delete it with its messages (`"delete"`), or leave it on the servers
   * (`"retain"`). The policy of the last `pulumi up` counts.
   * Default: "refuseIfNotEmpty"
   */
  readonly deletionPolicy?: string;
  /**
   * What to do with a change that no update can make, such as another `retention`: refuse it at
   * preview (`"fail"`); delete the asset and make it again where it holds neither messages nor
   * consumers (`"replaceIfEmpty"`), and refuse otherwise; or save it to this machine, delete it,
   * restore it with the new configuration and compare (`"backupAndRecreate"`), which a preview
   * announces, and refuses where something would not come back, as from memory or into it before
   * nats-server 2.15. Publishers are turned away meanwhile.
   * Default: "fail"
   */
  readonly onRefusedChange?: string;
  /**
   * Folder of the backups that `"backupAndRecreate"` makes, relative to the program's. They hold
   * every message in the clear: folders are 0700, files 0600. An interrupted recreation is taken up
   * from there by the next `pulumi up`, so it has to stay where that finds it.
   * Default: ".tfdc-nats/backups"
   */
  readonly backupDirectory?: string;
  /**
   * Whether a backup stays after all of it was restored and compared, as
   * `<backupDirectory>/nats-<cluster>-<time>`, which `tfdc-nats restore` reads.
   * Default: false
   */
  readonly keepBackup?: boolean;
  /**
   * Whether an update may delete messages, as a lower `maxAge` does: none (`false`), any number
   * (`true`), or `{ upToMessages: n }`. A preview says how many go, allowed or not.
   * Default: false
   */
  readonly allowDataLoss?: boolean;
  /**
   * Lets an update switch on what no update can switch off again: `sealed`, `denyDelete`,
   * `denyPurge`. Not asked for when the asset is created.
   * Default: false
   */
  readonly acknowledgeIrreversible?: boolean;
}
