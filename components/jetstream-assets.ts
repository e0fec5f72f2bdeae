import type * as pulumi from "@pulumi/pulumi";
import { type DeletionPolicy, POLICY_NAMES } from "./asset-options";
import { Component } from "./component";
import type { ClusterCapacity, ConnectionArgs } from "./connection-args";
import { type AssetKind, BUCKET, STREAM } from "./jetstream/asset-kinds";
import {
  type Asset,
  checkAssets,
  type Declarations,
  type DeclaredCluster,
} from "./jetstream/assets-check";
import { parseSize } from "./jetstream/units";
import { JetStreamGuard } from "./jetstream-guard";
import { KeyValue } from "./key-value";
import type { KeyValueArgs, KeyValueSettingsArgs } from "./key-value-args";
import { streamCheckMetadata } from "./monitoring/check-metadata";
import { refuseProblems } from "./property-problems";
import { Stream } from "./stream";
import type { AssetPolicies, StreamArgs, StreamSettingsArgs } from "./stream-args";

/** The same settings as plain data: what is checked together must be known together. */
export type Plain<T> = { readonly [K in keyof T]: pulumi.Unwrap<T[K]> };

/**
 * Arguments of `JetStreamAssets`. The policies count for every asset that does not say its own:
 * `streams: { "a.v1": { maxAge: "3d", allowDataLoss: { upToMessages: 500 } } }`.
 */
export interface JetStreamAssetsArgs extends AssetPolicies {
  /** How the cluster is reached. */
  readonly connection: ConnectionArgs;
  /**
   * What the servers offer. With it, capacity, replicas and the version of the servers are checked
   * before anything is made. @default unknown, not checked
   */
  readonly capacity?: ClusterCapacity;
  /**
   * The streams, by logical name. A name that NATS refuses is mapped: `"metrics.v1"` is
   * `metrics_v1` on the server, and keeps its logical name as description.
   */
  readonly streams?: Readonly<Record<string, Plain<StreamSettingsArgs> & AssetPolicies>>;
  /** The key-value buckets, by name. */
  readonly buckets?: Readonly<Record<string, Plain<KeyValueSettingsArgs> & AssetPolicies>>;
  /**
   * Write thresholds into the metadata of each asset (`io.nats.monitor.*`), so that the stock
   * `nats server check stream` agrees with the alerts of `NatsMonitoring`. Metadata of the
   * declaration wins. @default false
   */
  readonly checkMetadata?: boolean;
}

/**
 * All streams and buckets of one cluster, declared together and checked together before anything
 * is made: names, limits, subjects that overlap, and whether they fit the servers.
 */
export class JetStreamAssets extends Component {
  /** The streams, by logical name. */
  readonly streams: Readonly<Record<string, Stream>>;
  /** The buckets, by name. */
  readonly buckets: Readonly<Record<string, KeyValue>>;
  /** Watches over all of them, at preview and before they are deleted. */
  readonly guard: JetStreamGuard;

  constructor(name: string, args: JetStreamAssetsArgs, options?: pulumi.ComponentResourceOptions) {
    super("tfdc-nats:index:JetStreamAssets", name, options);
    const { assets, problems } = checkAssets(
      (args.streams ?? {}) as Declarations,
      (args.buckets ?? {}) as Declarations,
      args.capacity === undefined ? undefined : declaredCluster(args.capacity),
    );
    refuseProblems(`the declaration of '${name}'`, problems, this);

    const policies = policiesOf(args);
    const shared = { connection: args.connection, guarded: true, ...comingVersion(args.capacity) };
    const inputOf = ({ input, stream }: Asset) =>
      args.checkMetadata === true
        ? { ...input, metadata: { ...streamCheckMetadata(stream), ...(input.metadata ?? {}) } }
        : input;
    this.streams = record(assets, STREAM, (asset) => {
      const settings = { ...policies, ...inputOf(asset), ...shared } as StreamArgs;
      return new Stream(`${name}-${asset.logicalName}`, settings, { parent: this });
    });
    this.buckets = record(assets, BUCKET, (asset) => {
      const settings = { ...policies, ...inputOf(asset), ...shared } as KeyValueArgs;
      return new KeyValue(`${name}-${asset.logicalName}`, settings, { parent: this });
    });
    this.guard = this.createGuard(name, args, assets);
    this.registerOutputs({});
  }

  private createGuard(
    name: string,
    { connection, capacity, deletionPolicy }: JetStreamAssetsArgs,
    assets: readonly Asset[],
  ): JetStreamGuard {
    const guarded = assets.map(({ stream, input }) => {
      const own = input.deletionPolicy as DeletionPolicy | undefined;
      return [String(stream.name), own ?? deletionPolicy] as const;
    });
    return new JetStreamGuard(
      `${name}-guard`,
      { connection, assets: Object.fromEntries(guarded), capacity },
      {
        parent: this,
        dependsOn: [...Object.values(this.streams), ...Object.values(this.buckets)],
      },
    );
  }
}

/** The version that an asset is judged by, where that is not the version that runs now. */
function comingVersion(capacity: ClusterCapacity | undefined): Pick<StreamArgs, "serverVersion"> {
  return capacity?.upgradedFirst === true ? { serverVersion: capacity.serverVersion } : {};
}

/** The policies that are said for all assets. */
function policiesOf(args: JetStreamAssetsArgs): AssetPolicies {
  const said = POLICY_NAMES.map((name) => [name, args[name]] as const);
  return Object.fromEntries(said.filter(([, policy]) => policy !== undefined));
}

function record<T>(
  assets: readonly Asset[],
  kind: AssetKind,
  create: (asset: Asset) => T,
): Record<string, T> {
  return Object.fromEntries(
    assets
      .filter((asset) => asset.kind === kind)
      .map((asset) => [asset.logicalName, create(asset)]),
  );
}

function declaredCluster(capacity: ClusterCapacity): DeclaredCluster {
  return {
    servers: capacity.servers,
    serverVersion: capacity.serverVersion,
    maxFileStore: parseSize(capacity.maxFileStore) ?? 0n,
    maxMemoryStore: parseSize(capacity.maxMemoryStore) ?? 0n,
  };
}
