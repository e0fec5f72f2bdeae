import type { Input } from "@pulumi/pulumi";
import type { Adopt, AllowDataLoss, DeletionPolicy, OnRefusedChange } from "./asset-options";
import type { ConnectionArgs } from "./connection-args";
import type { Count, Duration, Size } from "./jetstream/units";

/** What a stream or a bucket needs besides its own configuration. */
export interface AssetArgs extends AssetPolicies {
  /** How the cluster is reached. */
  readonly connection: ConnectionArgs;
  /**
   * Whether a `JetStreamGuard` of the stack says at preview what is refused, for all of its assets
   * at once; without one, the preview ends at the first asset that is refused. `JetStreamAssets`
   * has its own guard.
   * @default false
   */
  readonly guarded?: boolean;
  /**
   * Version of nats-server that runs by the time this is written, where the same update brings it:
   * `cluster.capacity.serverVersion`, with `dependsOn: cluster`. A preview then judges by it.
   * `JetStreamAssets` takes it from its `capacity`.
   * @default the version of the server that answers
   */
  readonly serverVersion?: string;
}

/** What may become of an asset, and of its messages. */
export interface AssetPolicies {
  /**
   * What to do where the asset exists already: leave it and fail (`"never"`), take it over where
   * its configuration is equal (`"ifEqual"`), or change it (`"always"`). An asset that another
   * stack owns is never touched.
   * @default "ifEqual"
   */
  readonly adopt?: Adopt;
  /**
   * What removing the declaration does: delete the asset if it is empty and refuse otherwise
   * (`"refuseIfNotEmpty"`), delete it with its messages (`"delete"`), or leave it on the servers
   * (`"retain"`). The policy of the last `pulumi up` counts.
   * @default "refuseIfNotEmpty"
   */
  readonly deletionPolicy?: DeletionPolicy;
  /**
   * What to do with a change that no update can make, such as another `retention`: refuse it at
   * preview (`"fail"`); delete the asset and make it again where it holds neither messages nor
   * consumers (`"replaceIfEmpty"`), and refuse otherwise; or save it to this machine, delete it,
   * restore it with the new configuration and compare (`"backupAndRecreate"`), which a preview
   * announces, and refuses where something would not come back, as from memory or into it before
   * nats-server 2.15. Publishers are turned away meanwhile.
   * @default "fail"
   */
  readonly onRefusedChange?: OnRefusedChange;
  /**
   * Folder of the backups that `"backupAndRecreate"` makes, relative to the program's. They hold
   * every message in the clear: folders are 0700, files 0600. An interrupted recreation is taken up
   * from there by the next `pulumi up`, so it has to stay where that finds it.
   * @default ".tfdc-nats/backups"
   */
  readonly backupDirectory?: string;
  /**
   * Whether a backup stays after all of it was restored and compared, as
   * `<backupDirectory>/nats-<cluster>-<time>`, which `tfdc-nats restore` reads.
   * @default false
   */
  readonly keepBackup?: boolean;
  /**
   * Whether an update may delete messages, as a lower `maxAge` does: none (`false`), any number
   * (`true`), or `{ upToMessages: n }`. A preview says how many go, allowed or not.
   * @default false
   */
  readonly allowDataLoss?: AllowDataLoss;
  /**
   * Lets an update switch on what no update can switch off again: `sealed`, `denyDelete`,
   * `denyPurge`. Not asked for when the asset is created.
   * @default false
   */
  readonly acknowledgeIrreversible?: boolean;
}

/** Copies the messages of another stream. */
export interface StreamSourceSettings {
  /** Name of the origin on its server. */
  readonly name: Input<string>;
  /** First sequence of the origin to copy. @default the first there is */
  readonly startSequence?: Input<number>;
  /** Copy messages from this moment on, as RFC 3339 writes it. @default all */
  readonly startTime?: Input<string>;
  /** Copy messages of these subjects only. Excludes `subjectTransforms`. @default all */
  readonly filterSubject?: Input<string>;
  /** Copy messages of these subjects, under other ones. */
  readonly subjectTransforms?: Input<Input<SubjectTransformSettings>[]>;
  /** Where the origin is, if in another account or domain. */
  readonly external?: Input<{
    /** Prefix of the origin's JetStream API, such as `"$JS.green.API"`. */
    readonly api: Input<string>;
    /** Prefix of the subjects that the messages are delivered on. */
    readonly deliver?: Input<string>;
  }>;
  /**
   * Copy through a push consumer that the origin has already, of ack policy `flow_control`. Excludes
   * `startSequence`, `startTime` and `filterSubject`, which are the consumer's. Needs 2.14.
   * @default a consumer that the server makes
   */
  readonly consumer?: Input<{
    /** Name of the consumer at the origin. */
    readonly name: Input<string>;
    /** Subject that it delivers on, without wildcards. */
    readonly deliverSubject: Input<string>;
  }>;
}

/** Stores messages of one subject under another. */
export interface SubjectTransformSettings {
  /** Subjects as they arrive. */
  readonly source: Input<string>;
  /** Subject to store under; `{{wildcard(1)}}` and the like are the server's. */
  readonly destination: Input<string>;
}

/** Publishes every stored message again. */
export interface RepublishSettings {
  /** Subjects to publish again. @default ">" */
  readonly source?: Input<string>;
  /** Subject to publish on. It must not lead back into the stream. */
  readonly destination: Input<string>;
  /** Publish headers only. @default false */
  readonly headersOnly?: Input<boolean>;
}

/** Which servers may hold the replicas. */
export interface PlacementSettings {
  /** Name of the cluster. */
  readonly cluster?: Input<string>;
  /** Tags that every server must carry. */
  readonly tags?: Input<Input<string>[]>;
}

/** Limits for the consumers of a stream, and their defaults. */
export interface ConsumerLimitSettings {
  /** Longest time without a request before an ephemeral consumer goes, such as `"5m"`. */
  readonly inactiveThreshold?: Input<Duration>;
  /** Most messages that may wait for their acknowledgement. */
  readonly maxAckPending?: Input<Count>;
}

/**
 * The configuration of a stream: every field of nats-server 2.10 to 2.15. What is left out has
 * the server's default, and is compared with it as well.
 *
 * @see https://docs.nats.io/nats-concepts/jetstream/streams
 */
export interface StreamSettingsArgs {
  /** A sentence about the stream, up to 4 KiB. @default "" */
  readonly description?: Input<string>;
  /** Subjects to store; their order means nothing. @default the stream's name, none for a mirror */
  readonly subjects?: Input<Input<string>[]>;
  /**
   * How long messages stay: until a limit (`"limits"`), until every consumer has them
   * (`"interest"`), or until one has (`"workqueue"`). To and from workqueue cannot be updated, and
   * limits → interest deletes what no consumer waits for.
   * @default "limits"
   */
  readonly retention?: Input<"limits" | "interest" | "workqueue">;
  /** Where messages are kept. Cannot be updated. @default "file" */
  readonly storage?: Input<"file" | "memory">;
  /** Servers that hold a copy: 1 to 5, odd to survive the loss of a server. @default 1 */
  readonly replicas?: Input<number>;
  /** Oldest age of a message, 100 ms or more; lowering it deletes messages. @default "unlimited" */
  readonly maxAge?: Input<Duration>;
  /**
   * Largest size of the stream. Every replica reserves it on its server; lowering it deletes
   * messages. @default "unlimited", which reserves nothing
   */
  readonly maxBytes?: Input<Size>;
  /** Most messages; lowering it deletes messages. @default "unlimited" */
  readonly maxMsgs?: Input<Count>;
  /** Most messages of one subject; lowering it deletes messages. @default "unlimited" */
  readonly maxMsgsPerSubject?: Input<Count>;
  /** Largest message, headers included. @default "unlimited" (the server's max_payload) */
  readonly maxMsgSize?: Input<Size>;
  /**
   * Most consumers. Cannot be updated before 2.12.5.
   * @default "unlimited", which since 2.15 is 1000 unless its `default_max_consumers` says otherwise
   */
  readonly maxConsumers?: Input<Count>;
  /** At a limit, drop the oldest message or refuse the new one. @default "old" */
  readonly discard?: Input<"old" | "new">;
  /** Refuse new messages per subject too. Needs discard "new", maxMsgsPerSubject. @default false */
  readonly discardNewPerSubject?: Input<boolean>;
  /**
   * How long message IDs are remembered, 100 ms or more and not longer than `maxAge`. A stream with
   * `sources` may have `"none"`, which needs 2.14 and is what that server has there by itself.
   * @default "2m", or maxAge where that is shorter; "none" for a mirror
   */
  readonly duplicateWindow?: Input<Duration>;
  /** Compression of messages on disk. @default "none" */
  readonly compression?: Input<"none" | "s2">;
  /** Store without acknowledging. @default false */
  readonly noAck?: Input<boolean>;
  /** Let every replica answer reads. @default false */
  readonly allowDirect?: Input<boolean>;
  /** Let a mirror answer reads of its origin. @default the origin's allowDirect */
  readonly mirrorDirect?: Input<boolean>;
  /** Accept roll-up headers, which purge. Excludes `denyPurge`. @default false */
  readonly allowRollup?: Input<boolean>;
  /** Refuse to delete single messages. Can never be unset. @default false */
  readonly denyDelete?: Input<boolean>;
  /** Refuse to purge. Can never be unset. @default false */
  readonly denyPurge?: Input<boolean>;
  /**
   * Let nothing in or out any more. Can never be unset; it lifts `maxAge`, refuses deletes and
   * purges. @default false
   */
  readonly sealed?: Input<boolean>;
  /** Sequence of the first message. Has an effect on creation only. @default 1 */
  readonly firstSeq?: Input<number>;
  /** Servers that may hold the replicas. @default any of the cluster */
  readonly placement?: Input<PlacementSettings>;
  /** Origin of which this stream is a copy. Cannot be updated; 2.12 can remove it. @default none */
  readonly mirror?: Input<StreamSourceSettings>;
  /** Streams whose messages are copied into this one; their order means nothing. @default none */
  readonly sources?: Input<Input<StreamSourceSettings>[]>;
  /** Publish stored messages again. @default none */
  readonly republish?: Input<RepublishSettings>;
  /** Store messages under another subject. @default none */
  readonly subjectTransform?: Input<SubjectTransformSettings>;
  /** Limits for consumers. @default none */
  readonly consumerLimits?: Input<ConsumerLimitSettings>;
  /** Labels, up to 128 KiB; the prefix `_nats.` is the server's. @default {} */
  readonly metadata?: Input<Record<string, Input<string>>>;
  /** Accept a time to live per message. Can never be unset. Needs 2.11. @default false */
  readonly allowMsgTtl?: Input<boolean>;
  /**
   * Leave a marker for this long, 1 s or more, where the last message of a subject went. Switches
   * `allowMsgTtl` and `allowRollup` on. Needs 2.11. @default "none"
   */
  readonly subjectDeleteMarkerTtl?: Input<Duration>;
  /** Take messages as counters. Cannot be updated. Needs 2.12. @default false */
  readonly allowMsgCounter?: Input<boolean>;
  /** Accept batches that are stored whole or not at all. Needs 2.12. @default false */
  readonly allowAtomicPublish?: Input<boolean>;
  /**
   * Accept messages to be delivered later. Can never be unset; switches `allowRollup` on. Needs
   * 2.12. @default false
   */
  readonly allowMsgSchedules?: Input<boolean>;
  /** Acknowledge before (`"async"`) or after writing. Cannot be updated. Needs 2.12. @default "default" */
  readonly persistMode?: Input<"default" | "async">;
  /** Accept fast batches, whose flow is controlled. Needs 2.14. @default false */
  readonly allowBatchPublish?: Input<boolean>;
}

/** Arguments of a `Stream`. */
export interface StreamArgs extends AssetArgs, StreamSettingsArgs {
  /**
   * Name on the server: no dots, wildcards, slashes or white space (`metrics.v1` is refused, use
   * `metrics_v1`). Another name is another stream: the old one is deleted, by its deletionPolicy.
   */
  readonly name: Input<string>;
}
