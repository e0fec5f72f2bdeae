export {
  type Adopt,
  type AllowDataLoss,
  DELETION_POLICY_VARIABLE,
  type DeletionPolicy,
  type OnRefusedChange,
} from "./asset-options";
export type {
  ClusterCapacity,
  ConnectionArgs,
  KubernetesAccess,
  KubernetesApiArgs,
  SecretReference,
  SystemUserArgs,
  TlsArgs,
} from "./connection-args";
export { serverName } from "./jetstream/names";
export type { Problem } from "./jetstream/problems";
export type { Count, Duration, Size } from "./jetstream/units";
export { JetStreamAssets, type JetStreamAssetsArgs, type Plain } from "./jetstream-assets";
export { JetStreamGuard, type JetStreamGuardArgs } from "./jetstream-guard";
export { KeyValue } from "./key-value";
export type { KeyValueArgs, KeyValueSettingsArgs } from "./key-value-args";
export type { NetworkPolicy } from "./kubernetes/manifests";
export type { Durability, Rollout, Spread, VolumeRetention } from "./kubernetes/settings";
export { LocalNatsCluster, type LocalNatsClusterArgs } from "./local-nats-cluster";
export {
  LocalNatsServer,
  type LocalNatsServerArgs,
  type PasswordArgs,
} from "./local-nats-server";
export { streamCheckMetadata } from "./monitoring/check-metadata";
export { EXPORTER_IMAGE, exporterArguments } from "./monitoring/exporter";
export type { MonitoredBackup } from "./monitoring/monitored-cluster";
export { type LoginSecretReference, NatsClusterComponent } from "./nats-cluster";
export type {
  AccountArgs,
  ClientTlsArgs,
  ClusterPasswordArgs,
  NatsClusterComponentArgs,
  NatsClusterTransforms,
  TlsSecretArgs,
  Transform,
  UserArgs,
} from "./nats-cluster-args";
export {
  type MonitoredClusterArgs,
  NatsMonitoring,
  type NatsMonitoringArgs,
} from "./nats-monitoring";
export type { ReloadableOptions, RestartOnlyOptions } from "./nats-server/server-options";
export { PropertyProblems } from "./property-problems";
export { Stream } from "./stream";
export type {
  AssetArgs,
  AssetPolicies,
  ConsumerLimitSettings,
  PlacementSettings,
  RepublishSettings,
  StreamArgs,
  StreamSettingsArgs,
  StreamSourceSettings,
  SubjectTransformSettings,
} from "./stream-args";
export { UserError } from "./user-error";
