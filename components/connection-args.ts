import type { Input } from "@pulumi/pulumi";

/**
 * Where a secret is found at the moment it is needed. Only the reference stands in the state, so
 * rotating a password changes no stream.
 */
export type SecretReference =
  /** Key of the stack's configuration, such as `tfdc-nats:provisionerPassword`. */
  | { readonly config: string }
  /** Name of an environment variable of the `pulumi` command. */
  | { readonly env: string }
  /** Path of a file whose content is the secret; relative to the program. Trailing newline ignored. */
  | { readonly file: string };

/** How the API server of a Kubernetes cluster is found; as kubectl does where nothing is said. */
export interface KubernetesApiArgs {
  /**
   * Path of a kubeconfig file, relative to the program.
   * @default `$KUBECONFIG`, `~/.kube/config`, or the service account of the pod this runs in
   */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig. @default its current context */
  readonly context?: string;
}

/**
 * A NATS cluster inside Kubernetes. From outside it is reached by a port-forward of our own over
 * the API server, to a pod that is ready and to another one when that goes away; from inside, where
 * neither `kubeconfig` nor `context` is given, by the name of the Service. The port-forward needs
 * `get` on services, `list` on pods and `create` on pods/portforward of the namespace.
 */
export interface KubernetesAccess extends KubernetesApiArgs {
  /** Namespace of the cluster. */
  readonly namespace: string;
  /** Service whose pods are the servers. */
  readonly service: string;
  /** Port of the Service. @default 4222 */
  readonly port?: number;
}

/** How a NATS cluster is reached: by `servers` or by `kubernetes`, and as whom. */
export interface ConnectionArgs {
  /** Addresses of the servers, `host:port`. At least one; every one is tried. */
  readonly servers?: readonly string[];
  /** The Service of a cluster inside Kubernetes, instead of `servers`. */
  readonly kubernetes?: KubernetesAccess;
  /** User name. @default none, an anonymous connection */
  readonly user?: string;
  /** Password of `user`: a reference (kept out of the state) or a Pulumi secret. */
  readonly password?: SecretReference | Input<string>;
  /** Token, where the server asks for one: a reference or a Pulumi secret. */
  readonly token?: SecretReference | Input<string>;
  /** Path of a `.creds` file (JWT and seed). */
  readonly credsFile?: string;
  /** TLS: paths of the CA certificate, and of the client's certificate and key. @default off */
  readonly tls?: TlsArgs;
  /**
   * Name of the cluster that must answer. A connection that reaches another cluster is refused
   * before anything is read or written. @default any cluster
   */
  readonly cluster?: string;
  /**
   * Prefix of the inboxes that answers come back to, where the user may subscribe to no other.
   * @default "_INBOX"
   */
  readonly inboxPrefix?: string;
  /** JetStream domain that must answer. @default any domain */
  readonly domain?: string;
  /**
   * A user of the system account, reached in the same way. With one, every write is read back from
   * each server that holds the asset. @default none: the word of the asset's leader is taken
   */
  readonly system?: SystemUserArgs;
}

/** A user of the system account: by `user` and `password`, or by `credsFile`. */
export interface SystemUserArgs {
  /** User name. */
  readonly user?: string;
  /** Password of `user`: a reference (kept out of the state) or a Pulumi secret. */
  readonly password?: SecretReference | Input<string>;
  /** Path of a `.creds` file (JWT and seed). */
  readonly credsFile?: string;
}

/** Files of a TLS connection, as paths relative to the program. */
export interface TlsArgs {
  /** Certificate authority that signed the servers' certificates. @default the system's */
  readonly caFile?: string;
  /** Certificate of this client, where the server verifies clients. */
  readonly certFile?: string;
  /** Private key of `certFile`. */
  readonly keyFile?: string;
  /**
   * Name that the servers' certificate carries, where they are reached under another one, as
   * through a port-forward. @default the name they are reached under
   */
  readonly serverName?: string;
}

/** What the servers of a cluster offer, as far as it is known without asking them. */
export interface ClusterCapacity {
  /** Names of the servers. */
  readonly servers: readonly string[];
  /** `max_file_store` of each server, such as `"170GiB"`. */
  readonly maxFileStore: string;
  /** `max_memory_store` of each server, such as `"2GiB"`. */
  readonly maxMemoryStore: string;
  /** Version of the servers, such as `"2.10.29"`. */
  readonly serverVersion: string;
  /**
   * Whether an update brings the servers to `serverVersion` before it writes streams, because the
   * program that declares these runs the servers, too, and they depend on them. Then a preview
   * judges them by that version. @default false: by the version of the server that answers
   */
  readonly upgradedFirst?: boolean;
}
