/**
 * The shapes of the objects, types only. They are part of every program that imports this package, streams
 * alone included: the types of a client or of `@pulumi/kubernetes` would be a thousand files to read.
 */
export type { StatefulSet } from "kubernetes-types/apps/v1";
export type { CronJob } from "kubernetes-types/batch/v1";
export type {
  Affinity,
  ConfigMap,
  Container,
  EnvVar,
  LocalObjectReference,
  Namespace,
  PersistentVolumeClaim,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
  Secret,
  Service,
  ServiceAccount,
  Toleration,
  TopologySpreadConstraint,
  Volume,
  VolumeMount,
} from "kubernetes-types/core/v1";
export type { LabelSelector, ObjectMeta } from "kubernetes-types/meta/v1";
export type { NetworkPolicy } from "kubernetes-types/networking/v1";
export type { PodDisruptionBudget } from "kubernetes-types/policy/v1";
