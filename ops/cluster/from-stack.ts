import { isAbsolute, join } from "node:path";
import type { ConnectionArgs } from "@tfdc/pulumi-nats/internal/connection-args";
import { SYSTEM_USER } from "@tfdc/pulumi-nats/internal/nats-server/server-options";
import type { ServerProps } from "@tfdc/pulumi-nats/internal/provider/local-server/server-props";
import { UsageError } from "../usage-error";
import type { Cluster } from "./cluster";
import type { StateResource } from "./pulumi-stack";

/** What the program exports of a colour. */
interface StackOutputs {
  readonly colour?: string;
  readonly servers?: readonly string[];
  readonly monitoring?: readonly string[];
  readonly streams?: readonly string[];
  readonly buckets?: readonly string[];
  readonly user?: string;
  readonly passwordFile?: string;
  /** Host names of the servers inside Kubernetes. */
  readonly podHosts?: readonly string[];
}

/** Looks a key of the stack's configuration up, secrets in clear. */
export type StackSecrets = (key: string) => string | undefined;

/**
 * The cluster of a stack, from what its state says.
 *
 * @param root - folder of the program, which paths of the state are relative to
 * @param secrets - asked for the passwords of a cluster on Kubernetes only
 */
export function clusterOfStack(
  root: string,
  stack: string,
  resources: readonly StateResource[],
  secrets: StackSecrets = () => undefined,
): Cluster {
  const outputs = (resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ??
    {}) as StackOutputs;
  const { colour, servers = [], monitoring = [], streams = [], buckets = [], user } = outputs;
  const inKubernetes = colour === undefined ? undefined : kubernetesConnection(root, resources);
  if (colour !== undefined && inKubernetes !== undefined) {
    const login = (name: string | undefined, key: string): ConnectionArgs => ({
      ...inKubernetes,
      user: name,
      password: requiredSecret(stack, key, secrets),
    });
    return {
      name: colour,
      stack,
      connection: login(user, "tfdc-nats:clientPassword"),
      system: login(SYSTEM_USER, "tfdc-nats:systemPassword"),
      monitoring: [],
      declared: { servers: outputs.podHosts?.length ?? 1, streams, buckets },
    };
  }
  if (colour === undefined || servers.length === 0) {
    throw new UsageError(
      `the stack '${stack}' has no cluster: its last update did not come to its end, or it was taken down; bring it up first (a local one with: npm start).`,
    );
  }
  const processes = resources
    .filter(({ type }) => type.endsWith(":LocalNatsServer"))
    .map(({ outputs }) => placed(root, outputs as unknown as ServerProps));
  const connection: ConnectionArgs = {
    servers,
    ...(user === undefined ? {} : { user }),
    ...(outputs.passwordFile === undefined
      ? {}
      : { password: { file: absolute(root, outputs.passwordFile) } }),
    // A server that is no member of a cluster reports its own name as the cluster's.
    ...(servers.length === 1 ? {} : { cluster: colour }),
  };
  const [first] = processes;
  return {
    name: colour,
    stack,
    connection,
    monitoring,
    declared: { servers: servers.length, streams, buckets },
    ...(first === undefined
      ? {}
      : {
          processes,
          system: {
            ...connection,
            user: SYSTEM_USER,
            password: first.passwords.system as ConnectionArgs["password"],
          },
        }),
  };
}

/** How the assets of a stack are reached inside Kubernetes; nothing where they are elsewhere. */
function kubernetesConnection(
  root: string,
  resources: readonly StateResource[],
): ConnectionArgs | undefined {
  const found = resources
    .map(({ outputs }) => outputs?.connection as ConnectionArgs | undefined)
    .find((connection) => connection?.kubernetes !== undefined);
  if (found?.kubernetes === undefined) {
    return undefined;
  }
  const { kubeconfig } = found.kubernetes;
  const { cluster, domain, tls } = found;
  return {
    kubernetes: {
      ...found.kubernetes,
      ...(kubeconfig === undefined ? {} : { kubeconfig: absolute(root, kubeconfig) }),
    },
    ...(cluster === undefined ? {} : { cluster }),
    ...(domain === undefined ? {} : { domain }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function requiredSecret(stack: string, key: string, secrets: StackSecrets): string {
  const secret = secrets(key);
  if (secret === undefined) {
    throw new UsageError(
      `the stack '${stack}' has no ${key} in its configuration; set it with: pulumi config set --secret ${key} -s ${stack}.`,
    );
  }
  return secret;
}

/** A server's properties with paths that hold wherever the command runs. */
function placed(root: string, props: ServerProps): ServerProps {
  const passwords = Object.fromEntries(
    Object.entries(props.passwords).map(([name, reference]) => {
      const { file } = (reference ?? {}) as { file?: string };
      return [name, file === undefined ? reference : { file: absolute(root, file) }];
    }),
  ) as unknown as ServerProps["passwords"];
  return { ...props, passwords, directory: absolute(root, props.directory) };
}

function absolute(root: string, path: string): string {
  return isAbsolute(path) ? path : join(root, path);
}
