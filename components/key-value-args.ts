import type { Input } from "@pulumi/pulumi";
import type { Duration, Size } from "./jetstream/units";
import type {
  AssetArgs,
  PlacementSettings,
  RepublishSettings,
  StreamSourceSettings,
} from "./stream-args";

/**
 * The configuration of a key-value bucket: the stream `KV_<bucket>` in the shape that the official
 * clients give it. What a bucket decides by itself (subjects, discard, roll-ups, direct reads) is
 * compared as well.
 *
 * @see https://docs.nats.io/nats-concepts/jetstream/key-value-store
 */
export interface KeyValueSettingsArgs {
  /** A sentence about the bucket, up to 4 KiB. @default "" */
  readonly description?: Input<string>;
  /** Values kept of each key, 1 to 64; lowering it deletes values. @default 1 */
  readonly history?: Input<number>;
  /** Age at which a value goes, 100 ms or more; lowering it deletes values. @default "unlimited" */
  readonly ttl?: Input<Duration>;
  /** Largest value, headers included. @default "unlimited" (the server's max_payload) */
  readonly maxValueSize?: Input<Size>;
  /** Largest size of the bucket, reserved on each server that holds a replica. @default "unlimited" */
  readonly maxBytes?: Input<Size>;
  /** Where values are kept. Cannot be updated. @default "file" */
  readonly storage?: Input<"file" | "memory">;
  /** Servers that hold a copy: 1 to 5, odd to survive the loss of a server. @default 1 */
  readonly replicas?: Input<number>;
  /** Compression of values on disk. @default "none" */
  readonly compression?: Input<"none" | "s2">;
  /** Servers that may hold the replicas. @default any of the cluster */
  readonly placement?: Input<PlacementSettings>;
  /** Publish every change again. @default none */
  readonly republish?: Input<RepublishSettings>;
  /** Bucket of which this one is a copy, by its bucket name. Cannot be updated. @default none */
  readonly mirror?: Input<StreamSourceSettings>;
  /** Buckets whose keys are copied into this one, by their bucket names. @default none */
  readonly sources?: Input<Input<StreamSourceSettings>[]>;
  /** Labels, up to 128 KiB. @default {} */
  readonly metadata?: Input<Record<string, Input<string>>>;
  /** How long a marker of an expired key stays, 1 s or more. Needs 2.11. @default "none" */
  readonly limitMarkerTtl?: Input<Duration>;
}

/** Arguments of a `KeyValue`. */
export interface KeyValueArgs extends AssetArgs, KeyValueSettingsArgs {
  /**
   * Name of the bucket: letters, digits, `-` and `_`. Another name is another bucket: the old one
   * is deleted, by its deletionPolicy.
   */
  readonly bucket: Input<string>;
}
