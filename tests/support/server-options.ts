import type {
  ReloadableOptions,
  RestartOnlyOptions,
  ServerFiles,
} from "../../components/nats-server/server-options";

/** What a running server of a test takes over on a reload signal. */
export const RELOADABLE: ReloadableOptions = {
  maxConnections: 10_000,
  maxPayload: "10MiB",
  writeDeadline: "10s",
  pingInterval: "2m",
};

/** What a server of a test takes over only when it starts. */
export const RESTART_ONLY: RestartOnlyOptions = {
  version: "2.10.29",
  host: "127.0.0.1",
  clientPort: 14222,
  monitoringPort: 18222,
  clusterPort: 16222,
  domain: "blue",
  maxFileStore: "10GiB",
  maxMemoryStore: "1GiB",
  syncInterval: "2m",
  maxSubscriptions: 10_000,
  maxPending: "256MiB",
  lameDuckGracePeriod: "1s",
  lameDuckDuration: "30s",
};

/** The first of three servers. */
export const FIRST_OF_THREE = { name: "nats-blue-0", clusterName: "blue", size: 3 } as const;

/** Where a server of a test keeps its files. */
export function filesIn(folder: string): ServerFiles {
  return {
    storeDirectory: `${folder}/data`,
    pidFile: `${folder}/nats.pid`,
    credentialsFile: "credentials.conf",
  };
}
