import type { AppsV1Api } from "@kubernetes/client-node";
import { parseQuantity } from "../../kubernetes/quantity";
import type { ClusterShape } from "../../kubernetes/shape";
import { UserError } from "../../user-error";
import { isKubeError, type Kube, kubeWords, loadKube } from "./kube-client";
import { applyAsOwner } from "./stateful-set-owner";

const GROWTH_TIMEOUT = 300_000;
const REMOVAL_TIMEOUT = 60_000;
const PAUSE = 500;

/**
 * Grows the volumes of a colour under running servers: the claims are patched, and the StatefulSet
 * is made again around its pods, because the size it would give to further volumes can not be
 * changed. Done again after an interruption, it does what is left.
 */
export async function growVolumes(shape: ClusterShape): Promise<void> {
  const kube = await loadKube(shape);
  try {
    for (let index = 0; index < shape.replicas; index++) {
      await growClaim(kube, shape, `data-${shape.statefulSet}-${index}`);
    }
    await remakeStatefulSet(kube, shape);
  } catch (error) {
    throw isKubeError(error)
      ? new UserError(
          `the volumes of ${shape.statefulSet} in namespace ${shape.namespace} have not grown to ${shape.volumeSize}: ${kubeWords(kube, error)}. Mend that and run the command again; what has grown stays as it is.`,
          { cause: error },
        )
      : error;
  }
}

async function growClaim({ core, client }: Kube, shape: ClusterShape, name: string): Promise<void> {
  const { namespace, volumeSize } = shape;
  const wanted = parseQuantity(volumeSize) ?? 0n;
  const claim = await core.readNamespacedPersistentVolumeClaim({ name, namespace });
  if (sizeOf(claim.spec?.resources?.requests) < wanted) {
    await core.patchNamespacedPersistentVolumeClaim(
      { name, namespace, body: { spec: { resources: { requests: { storage: volumeSize } } } } },
      client.setHeaderOptions("Content-Type", client.PatchStrategy.MergePatch),
    );
  }
  const deadline = Date.now() + GROWTH_TIMEOUT;
  for (;;) {
    const { status } = await core.readNamespacedPersistentVolumeClaim({ name, namespace });
    // Some drivers grow the file system only when the pod starts again, which a roll does.
    const isPending = status?.conditions?.some(({ type }) => type === "FileSystemResizePending");
    if (isPending || sizeOf(status?.capacity) >= wanted) {
      return;
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `the volume claim ${name} in namespace ${namespace} is to grow to ${volumeSize} and has not within ${GROWTH_TIMEOUT / 1000} s; its events tell what the storage says. Run the command again when it has.`,
      );
    }
    await pause();
  }
}

async function remakeStatefulSet(kube: Kube, shape: ClusterShape): Promise<void> {
  const { config, client } = kube;
  const { statefulSet: name, namespace, volumeSize } = shape;
  const apps = config.makeApiClient(client.AppsV1Api);
  const set = await apps.readNamespacedStatefulSet({ name, namespace });
  if (
    sizeOf(set.spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests) >=
    sizeOf({ storage: volumeSize })
  ) {
    return;
  }
  await apps.deleteNamespacedStatefulSet({ name, namespace, propagationPolicy: "Orphan" });
  await gone(apps, shape);
  await applyAsOwner(kube, set, {
    volumeClaimTemplates: set.spec?.volumeClaimTemplates?.map((claim) => ({
      metadata: { name: claim.metadata?.name, labels: claim.metadata?.labels },
      spec: { ...claim.spec, resources: { requests: { storage: volumeSize } } },
    })),
  });
}

async function gone(
  apps: AppsV1Api,
  { statefulSet: name, namespace }: ClusterShape,
): Promise<void> {
  const deadline = Date.now() + REMOVAL_TIMEOUT;
  for (;;) {
    const { items } = await apps.listNamespacedStatefulSet({
      namespace,
      fieldSelector: `metadata.name=${name}`,
    });
    if (items.length === 0) {
      return;
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `the StatefulSet ${name} in namespace ${namespace} does not let go of its pods within ${REMOVAL_TIMEOUT / 1000} s; check that the kube-controller-manager runs, and run the command again.`,
      );
    }
    await pause();
  }
}

function sizeOf(amounts: Readonly<Record<string, string>> | undefined): bigint {
  return parseQuantity(amounts?.storage ?? "0") ?? 0n;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}
