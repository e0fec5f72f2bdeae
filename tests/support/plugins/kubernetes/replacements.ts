import type { KubernetesObject } from "../../kubernetes/api";

/** Which changes need another object, as pulumi-kubernetes decides it, for the kinds used here. */
const FORCED: Readonly<Record<string, readonly string[]>> = {
  "apps/v1 StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "apps/v1 Deployment": ["spec.selector"],
  "apps/v1 DaemonSet": ["spec.selector"],
  "batch/v1 Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1 RoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": ["roleRef"],
  "storage.k8s.io/v1 StorageClass": ["parameters", "provisioner"],
  "v1 PersistentVolumeClaim": ["spec"],
  "v1 ResourceQuota": ["spec.scopes"],
  "v1 Service": ["spec.clusterIP"],
};
const OF_EVERY_KIND = ["metadata.name", "metadata.namespace"];

/** What the provider resource's configuration says about objects that may change in place. */
export interface Mutability {
  readonly configMaps: boolean;
  readonly secrets: boolean;
}

/** Whether a change at a path of an object makes it another object. */
export function forcesReplacement(
  object: KubernetesObject,
  path: string,
  mutable: Mutability,
): boolean {
  const kind = `${object.apiVersion} ${object.kind}`;
  const paths = [...OF_EVERY_KIND, ...(FORCED[kind] ?? []), ...contents(kind, object, mutable)];
  return paths.some(
    (one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`),
  );
}

/** The real provider replaces a ConfigMap or Secret whose content changes, unless told otherwise. */
function contents(kind: string, object: KubernetesObject, mutable: Mutability): string[] {
  if (kind === "v1 ConfigMap" && (!mutable.configMaps || object.immutable === true)) {
    return ["data", "binaryData"];
  }
  if (kind === "v1 Secret" && (!mutable.secrets || object.immutable === true)) {
    return ["type", "data", "stringData"];
  }
  return [];
}
