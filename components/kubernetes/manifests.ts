import type {
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1NetworkPolicySpec,
  V1ObjectMeta,
} from "@kubernetes/client-node";

/** The shapes of the objects, as the Kubernetes client of this package knows them: types only. */
export type {
  V1Affinity as Affinity,
  V1ConfigMap as ConfigMap,
  V1Container as Container,
  V1CronJob as CronJob,
  V1EnvVar as EnvVar,
  V1LabelSelector as LabelSelector,
  V1LocalObjectReference as LocalObjectReference,
  V1Namespace as Namespace,
  V1ObjectMeta as ObjectMeta,
  V1PersistentVolumeClaimTemplate as PersistentVolumeClaimTemplate,
  V1PodDisruptionBudget as PodDisruptionBudget,
  V1PodTemplateSpec as PodTemplateSpec,
  V1Probe as Probe,
  V1ResourceRequirements as ResourceRequirements,
  V1Secret as Secret,
  V1Service as Service,
  V1ServiceAccount as ServiceAccount,
  V1StatefulSet as StatefulSet,
  V1Toleration as Toleration,
  V1TopologySpreadConstraint as TopologySpreadConstraint,
  V1Volume as Volume,
  V1VolumeMount as VolumeMount,
} from "@kubernetes/client-node";

/** The client calls `from` by another name; this is how the API server spells it. */
export interface NetworkPolicy {
  apiVersion: string;
  kind: string;
  metadata: V1ObjectMeta;
  spec: Omit<V1NetworkPolicySpec, "ingress"> & {
    ingress: { from: V1NetworkPolicyPeer[]; ports: V1NetworkPolicyPort[] }[];
  };
}
