import type { KubernetesAccess } from "@tfdc/pulumi-nats/internal/connection-args";
import { clientServiceSpec } from "@tfdc/pulumi-nats/internal/kubernetes/client-service";
import type { ObjectMeta, Service } from "@tfdc/pulumi-nats/internal/kubernetes/manifests";
import { PORTS } from "@tfdc/pulumi-nats/internal/kubernetes/names";
import {
  isKubeError,
  type Kube,
  kubeWords,
  loadKube,
} from "@tfdc/pulumi-nats/internal/provider/kubernetes/kube-client";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { Active, ActiveStore } from "./active";

/** The Service by which clients inside Kubernetes reach the colour that is active. */
export const ACTIVE_SERVICE = "nats-active";

/** What is written of the Service; times are what the API server writes. */
interface OwnService extends Omit<Service, "metadata" | "status"> {
  readonly metadata: Pick<ObjectMeta, "name" | "namespace" | "labels" | "annotations">;
}

/** What is read of a Service. */
interface LiveService {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> };
}

const OWNER = "tfdc-nats";
const SINCE = "tfdc.io/active-since";
const BEFORE = "tfdc.io/active-before";

/**
 * The active colour of a namespace is what the Service `nats-active` selects. No stack declares it:
 * which colour serves is a decision of operations, and an update must not take it back.
 */
export function activeService(access: KubernetesAccess): ActiveStore {
  const { namespace } = access;
  const asked = async <T>(what: string, ask: (kube: Kube) => Promise<T>): Promise<T> => {
    const kube = await loadKube(access);
    try {
      return await ask(kube);
    } catch (error) {
      if (!isKubeError(error)) {
        throw error;
      }
      throw new UserError(
        `the Service ${ACTIVE_SERVICE} in namespace ${namespace} is not ${what}: ${kubeWords(kube, error)}.`,
        { cause: error },
      );
    }
  };
  return {
    read: () =>
      asked("read", async ({ core }) => {
        const services = await core.listNamespacedService({
          namespace,
          fieldSelector: `metadata.name=${ACTIVE_SERVICE}`,
        });
        const [service] = services.items;
        return service === undefined ? undefined : activeOf(service, namespace);
      }),
    write: (active) =>
      asked("changed", async ({ config, client }) => {
        const objects = client.KubernetesObjectApi.makeApiClient(config);
        await objects.patch(
          serviceOf(active, namespace),
          undefined,
          undefined,
          OWNER,
          false,
          client.PatchStrategy.ServerSideApply,
        );
      }),
  };
}

/** What clients inside Kubernetes dial. */
export function activeAddress(namespace: string): string {
  return `${ACTIVE_SERVICE}.${namespace}.svc:${PORTS.client}`;
}

/** The Service that leads to a colour. */
export function serviceOf({ colour, since, before }: Active, namespace: string): OwnService {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: ACTIVE_SERVICE,
      namespace,
      labels: {
        "app.kubernetes.io/name": "nats",
        "app.kubernetes.io/part-of": "tfdc",
        "app.kubernetes.io/managed-by": OWNER,
      },
      annotations: { [SINCE]: since, ...(before === undefined ? {} : { [BEFORE]: before }) },
    },
    spec: clientServiceSpec({ colour }),
  };
}

/** The colour that a Service leads to. */
export function activeOf({ metadata, spec }: LiveService, namespace: string): Active {
  const { cluster: colour } = spec?.selector ?? {};
  if (colour === undefined) {
    throw new UserError(
      `the Service ${ACTIVE_SERVICE} in namespace ${namespace} selects no colour (selector ${JSON.stringify(spec?.selector ?? {})}): somebody else has made it; delete it, or rename it, and switch again.`,
    );
  }
  const { [SINCE]: since = "", [BEFORE]: before } = metadata?.annotations ?? {};
  return {
    colour,
    servers: [activeAddress(namespace)],
    since,
    ...(before === undefined ? {} : { before }),
  };
}
