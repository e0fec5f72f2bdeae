import type { V1StatefulSet, V1StatefulSetSpec } from "@kubernetes/client-node";
import type { Kube } from "./kube-client";

/**
 * Applies a StatefulSet with changes in the name of whoever applied it before: who goes on doing so
 * must not meet another owner of its fields.
 *
 * @param set - as the API server has it
 */
export async function applyAsOwner(
  { config, client }: Kube,
  set: V1StatefulSet,
  changes: Partial<V1StatefulSetSpec>,
): Promise<void> {
  const { name = "", namespace = "", labels, annotations } = set.metadata ?? {};
  const owners = (set.metadata?.managedFields ?? []).filter(
    ({ subresource, manager }) =>
      subresource === undefined && manager !== "kube-controller-manager",
  );
  const owner = owners.find(({ operation }) => operation === "Apply") ?? owners[0];
  await config.makeApiClient(client.AppsV1Api).patchNamespacedStatefulSet(
    {
      name,
      namespace,
      body: {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        metadata: { name, namespace, labels, annotations },
        spec: {
          ...(set.spec as NonNullable<typeof set.spec>),
          volumeClaimTemplates: set.spec?.volumeClaimTemplates?.map(({ metadata, spec }) => ({
            metadata: { name: metadata?.name, labels: metadata?.labels },
            spec,
          })),
          ...changes,
        },
      },
      fieldManager: owner?.manager ?? "tfdc-nats",
      force: true,
    },
    client.setHeaderOptions("Content-Type", client.PatchStrategy.ServerSideApply),
  );
}
