import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ApiError, type KubernetesApi } from "./api";

/** The storage class of the tests, as a cluster's administrator would offer it. */
export const STORAGE_CLASS = "fast-ssd";
const PROVISIONER = "tests.tfdc.example/local";
const CLAIMS = "/api/v1/persistentvolumeclaims";
const VOLUMES = "/api/v1/persistentvolumes";

interface Claim {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: { readonly storage: string } };
  };
  readonly status?: { readonly phase: string; readonly capacity?: { readonly storage: string } };
}

interface Volume {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly persistentVolumeReclaimPolicy: string;
    readonly capacity: { readonly storage: string };
    readonly local?: { readonly path: string };
  };
  readonly status?: { readonly phase: string };
}

export const STORAGE_CLASS_OBJECT = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: STORAGE_CLASS },
  provisioner: PROVISIONER,
  volumeBindingMode: "WaitForFirstConsumer",
  reclaimPolicy: "Delete",
  allowVolumeExpansion: true,
};

/**
 * What a storage driver does for its class: makes a volume for each claim that a pod waits for,
 * grows it with its claim, and removes it with its claim. Its volumes are folders of this machine,
 * so that a claim of 200 GiB costs what is written to it, and every node reaches every volume, as
 * it would one of a network.
 */
export class VolumeDriver {
  constructor(
    private readonly api: KubernetesApi,
    private readonly folder: string,
  ) {}

  /** Does what is to do right now. */
  async tend(): Promise<void> {
    const claims = await this.list<Claim>(CLAIMS);
    for (const claim of claims.filter(isOurs)) {
      if (claim.status?.phase === "Pending" && isWaitedFor(claim)) {
        await this.provision(claim);
      } else if (claim.status?.phase === "Bound") {
        await this.grow(claim);
      }
    }
    for (const volume of await this.list<Volume>(VOLUMES)) {
      const isReleased = volume.status?.phase === "Released";
      const isDeleted = volume.spec.persistentVolumeReclaimPolicy === "Delete";
      if (isOurs(volume) && isReleased && isDeleted) {
        await this.remove(volume);
      }
    }
  }

  private async list<T>(path: string): Promise<T[]> {
    return (await this.api.request<{ items: T[] }>("GET", path)).items;
  }

  private async provision({ metadata, spec }: Claim): Promise<void> {
    const name = `pvc-${metadata.uid}`;
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    await this.unlessDone(409, () =>
      this.api.request("POST", VOLUMES, {
        body: {
          apiVersion: "v1",
          kind: "PersistentVolume",
          metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": PROVISIONER } },
          spec: {
            storageClassName: spec.storageClassName,
            persistentVolumeReclaimPolicy: "Delete",
            accessModes: spec.accessModes,
            capacity: spec.resources.requests,
            local: { path },
            claimRef: {
              apiVersion: "v1",
              kind: "PersistentVolumeClaim",
              name: metadata.name,
              namespace: metadata.namespace,
              uid: metadata.uid,
            },
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [
                      { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
                    ],
                  },
                ],
              },
            },
          },
        },
      }),
    );
  }

  /** A folder has no size: growing it is to say so, on the volume and then on the claim. */
  private async grow({ metadata, spec, status }: Claim): Promise<void> {
    const { storage } = spec.resources.requests;
    if (spec.volumeName === undefined || status?.capacity?.storage === storage) {
      return;
    }
    const contentType = "application/merge-patch+json";
    await this.unlessDone(404, async () => {
      await this.api.request("PATCH", `${VOLUMES}/${spec.volumeName}`, {
        contentType,
        body: { spec: { capacity: { storage } } },
      });
      const path = `/api/v1/namespaces/${metadata.namespace}/persistentvolumeclaims`;
      await this.api.request("PATCH", `${path}/${metadata.name}/status`, {
        contentType,
        body: { status: { capacity: { storage }, conditions: [] } },
      });
    });
  }

  private async remove({ metadata, spec }: Volume): Promise<void> {
    await this.unlessDone(404, () =>
      this.api.request("DELETE", `${VOLUMES}/${metadata.name}`, { body: {} }),
    );
    if (spec.local?.path.startsWith(this.folder)) {
      rmSync(spec.local.path, { recursive: true, force: true });
    }
  }

  private async unlessDone(status: number, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === status)) {
        throw error;
      }
    }
  }
}

/** Any class may name this driver, so that a test can offer one late. */
function isOurs({ metadata: { annotations = {} } }: Claim | Volume): boolean {
  const { "volume.kubernetes.io/storage-provisioner": wanted } = annotations;
  return [wanted, annotations["pv.kubernetes.io/provisioned-by"]].includes(PROVISIONER);
}

/** The scheduler has chosen a node for the pod that waits for the claim. */
function isWaitedFor({ metadata, spec }: Claim): boolean {
  const selected = metadata.annotations?.["volume.kubernetes.io/selected-node"];
  return selected !== undefined && spec.volumeName === undefined;
}
