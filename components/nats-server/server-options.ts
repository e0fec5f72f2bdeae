/** What a running server takes over on a reload signal. */
export interface ReloadableOptions {
  /** Most client connections. */
  readonly maxConnections: number;
  /** Largest message, such as `"10MiB"`. */
  readonly maxPayload: string;
  /** Longest time a server waits for a slow client before it drops it, such as `"10s"`. */
  readonly writeDeadline: string;
  /** Time between pings to a silent client, such as `"2m"`. */
  readonly pingInterval: string;
}

/** What a server takes over only when it starts. */
export interface RestartOnlyOptions {
  /** Version of nats-server, such as `"2.10.29"`. */
  readonly version: string;
  /** Address that all ports are bound to. */
  readonly host: string;
  readonly clientPort: number;
  readonly monitoringPort: number;
  readonly clusterPort: number;
  /** Name of the JetStream domain, or `""` for none. */
  readonly domain: string;
  /** Most bytes of streams on disk, such as `"170GiB"`. */
  readonly maxFileStore: string;
  /** Most bytes of streams in memory, such as `"2GiB"`. */
  readonly maxMemoryStore: string;
  /** How often written messages are forced to disk: a duration, or `"always"`. */
  readonly syncInterval: string;
  /** Most subscriptions of one connection. */
  readonly maxSubscriptions: number;
  /** Most bytes that may wait for one client, such as `"256MiB"`. */
  readonly maxPending: string;
  /** Time before a lame duck begins to close connections, such as `"1s"`. */
  readonly lameDuckGracePeriod: string;
  /** Time over which a lame duck closes connections; the server's minimum is 30 s. */
  readonly lameDuckDuration: string;
}

/** Where a server keeps its files; paths as the server sees them. */
export interface ServerFiles {
  readonly storeDirectory: string;
  readonly pidFile: string;
  /** The credentials, relative to nats.conf. */
  readonly credentialsFile: string;
}

/** Certificate files of one kind of connection; paths as the server sees them. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  /** Whether the other side must show a certificate of the same authority. */
  readonly isVerified: boolean;
}

/** A user beside the package's own. */
export interface ExtraUser {
  readonly user: string;
  /** Variable of the credentials file that holds the password. */
  readonly variable: string;
  /** Subjects the user may publish to. @default all */
  readonly publish?: readonly string[];
  /** Subjects the user may subscribe to. @default all */
  readonly subscribe?: readonly string[];
}

/** An account beside the package's own. */
export interface ExtraAccount {
  readonly name: string;
  readonly isJetStreamEnabled: boolean;
  readonly users: readonly ExtraUser[];
}

/** Everything about one server that is no secret. */
export interface NatsServerOptions {
  /** `server_name`, or `$VARIABLE` where the environment of the process holds it. */
  readonly name: string;
  readonly clusterName: string;
  /** Number of servers of the cluster; one is no cluster. */
  readonly size: number;
  readonly restartOnly: RestartOnlyOptions;
  readonly reloadable: ReloadableOptions;
  readonly files: ServerFiles;
  /**
   * Subjects, or `$VARIABLE`s of the credentials file, that the system account exports. `/accountz`
   * shows them, and with them which configuration a server has loaded. @default none
   */
  readonly marks?: readonly string[];
  /** TLS of clients and of routes. @default off */
  readonly tls?: { readonly clients?: TlsFiles; readonly routes?: TlsFiles };
  /** Users of the applications' account, beside the package's own. */
  readonly users?: readonly ExtraUser[];
  /** Accounts beside the package's own. */
  readonly accounts?: readonly ExtraAccount[];
}

/** The passwords of a cluster. */
export interface Passwords {
  /** Of `tfdc_client`, the applications' user. */
  readonly client: string;
  /** Of `tfdc_provisioner`, who manages streams and buckets and nothing else. */
  readonly provisioner: string;
  /** Of `tfdc_system`, who watches and operates the servers. */
  readonly system: string;
  /** Of the routes between the servers. */
  readonly cluster: string;
}

/** The names of the passwords, in the order in which they are shown. */
export const PASSWORD_NAMES = ["client", "provisioner", "system", "cluster"] as const;

export const CLIENT_USER = "tfdc_client";
export const PROVISIONER_USER = "tfdc_provisioner";
export const SYSTEM_USER = "tfdc_system";
export const CLUSTER_USER = "cluster_user";

/** Prefix of the only inboxes that the provisioner may subscribe to. */
export const PROVISIONER_INBOX = `_INBOX_${PROVISIONER_USER}`;
