import type { ApiException, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { KubernetesAccess, KubernetesApiArgs } from "../../connection-args";
import { UserError } from "../../user-error";
import { wordsOf } from "../faults";

type Client = typeof import("@kubernetes/client-node");

/** A Kubernetes cluster, as this package talks to it. */
export interface Kube {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly client: Client;
}

/** The service as a message calls it. */
export function describeAccess({ service, namespace, context }: KubernetesAccess): string {
  const where = context === undefined ? "" : ` (context ${context})`;
  return `service ${service} in namespace ${namespace}${where}`;
}

/** Whether this program runs in the cluster itself and nobody points it to another one. */
export function servesAsPod({ kubeconfig, context }: KubernetesApiArgs): boolean {
  return (
    kubeconfig === undefined &&
    context === undefined &&
    process.env.KUBECONFIG === undefined &&
    process.env.KUBERNETES_SERVICE_HOST !== undefined
  );
}

/**
 * Finds the API server as kubectl does. The client is loaded here and not before: it is large, and
 * most programs reach their servers directly.
 */
export async function loadKube({ kubeconfig, context }: KubernetesApiArgs): Promise<Kube> {
  const client = await import("@kubernetes/client-node");
  const config = new client.KubeConfig();
  try {
    if (kubeconfig === undefined) {
      config.loadFromDefault();
    } else {
      config.loadFromFile(kubeconfig);
    }
  } catch (error) {
    throw new UserError(
      `the kubeconfig${kubeconfig === undefined ? "" : ` '${kubeconfig}'`} cannot be read: ${wordsOf(error)}; name another one, or mend it.`,
      { cause: error },
    );
  }
  if (context !== undefined) {
    selectContext(config, context);
  }
  return { config, core: config.makeApiClient(client.CoreV1Api), client };
}

function selectContext(config: KubeConfig, context: string): void {
  if (config.getContextObject(context) === null) {
    const known = config.contexts.map(({ name }) => name).join(", ") || "none";
    throw new UserError(
      `the kubeconfig has no context '${context}': it has ${known}; name one of them.`,
    );
  }
  config.setCurrentContext(context);
}

/** What the API server said, or why it said nothing, in one line. */
export function kubeWords({ config }: Kube, error: unknown): string {
  const server = config.getCurrentCluster()?.server ?? "the API server";
  const { code, body } = error as Partial<ApiException<unknown>>;
  if (typeof code === "number") {
    return `the API server ${server} answers ${code}: ${messageOf(body)}`;
  }
  return `the API server ${server} does not answer: ${deepest(error)}`;
}

/** Whether the API server said no, or could not be asked. */
export function isKubeError(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return (
    typeof code === "number" ||
    typeof code === "string" ||
    (cause !== undefined && cause !== null && isKubeError(cause)) ||
    // What a WebSocket throws is no Error at all.
    (error as { readonly type?: unknown }).type === "error"
  );
}

function messageOf(body: unknown): string {
  try {
    const status = typeof body === "string" ? JSON.parse(body) : body;
    return String((status as { message?: string })?.message ?? body);
  } catch {
    return String(body);
  }
}

/** The reason at the bottom: what fetch throws says only that it failed. */
function deepest(error: unknown): string {
  let at = error as { cause?: unknown; errors?: unknown[]; message?: string; error?: unknown };
  for (;;) {
    const next = at?.cause ?? at?.errors?.[0] ?? at?.error;
    if (next === undefined || next === null) {
      return at?.message || String(error);
    }
    at = next as typeof at;
  }
}
