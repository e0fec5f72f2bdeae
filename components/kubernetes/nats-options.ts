import { formatDuration, formatSize, parseDuration, parseSize } from "../jetstream/units";
import { confHash, splitConf } from "../nats-server/conf-parts";
import { natsConf } from "../nats-server/nats-conf";
import type { NatsServerOptions, TlsFiles } from "../nats-server/server-options";
import { CREDENTIALS_DIRECTORY, CREDENTIALS_FILE, PID_FILE, PORTS, TLS_DIRECTORY } from "./names";
import type { ColourSettings, TlsSecret } from "./settings";

/** Prefixes of the subjects by which a server tells which configuration it has loaded. */
export const CONFIGURATION_MARK = "tfdc.configuration";
export const CREDENTIALS_MARK = "tfdc.credentials";

/** Variable of the credentials file that holds its mark. */
export const CREDENTIALS_MARK_VARIABLE = "CREDENTIALS_MARK";

/** The configuration of all servers of a colour, and the marks of its two parts. */
export interface ColourConf {
  readonly options: NatsServerOptions;
  /** Changes with what a reload applies. */
  readonly reloadMark: string;
  /** Changes with what only a restart applies. */
  readonly restartMark: string;
}

/** nats.conf of a colour: one text for all pods, each of which knows its own name. */
export function colourConf(settings: ColourSettings): ColourConf {
  const options = natsOptions(settings);
  const { reloadable, restartOnly } = splitConf(natsConf(options));
  const reloadMark = confHash(reloadable);
  return {
    options: {
      ...options,
      marks: [`${CONFIGURATION_MARK}.${reloadMark}`, `$${CREDENTIALS_MARK_VARIABLE}`],
    },
    reloadMark,
    restartMark: confHash(restartOnly),
  };
}

function natsOptions(settings: ColourSettings): NatsServerOptions {
  return {
    name: "$SERVER_NAME",
    clusterName: settings.colour,
    size: settings.replicas,
    restartOnly: {
      version: settings.serverVersion,
      host: "0.0.0.0",
      clientPort: PORTS.client,
      monitoringPort: PORTS.monitor,
      clusterPort: PORTS.cluster,
      domain: settings.colour,
      maxFileStore: canonicalSize(settings.maxFileStore),
      maxMemoryStore: canonicalSize(settings.maxMemoryStore),
      syncInterval: settings.durability === "strict" ? "always" : "2m",
      maxSubscriptions: settings.maxSubscriptions,
      maxPending: canonicalSize(settings.maxPending),
      lameDuckGracePeriod: "10s",
      lameDuckDuration: "30s",
    },
    reloadable: {
      maxConnections: settings.maxConnections,
      maxPayload: canonicalSize(settings.maxPayload),
      writeDeadline: canonicalDuration(settings.writeDeadline),
      pingInterval: canonicalDuration(settings.pingInterval),
    },
    files: {
      storeDirectory: "/data/jetstream",
      pidFile: PID_FILE,
      // An include is relative to nats.conf, whatever it begins with.
      credentialsFile: `..${CREDENTIALS_DIRECTORY.replace("/etc", "")}/${CREDENTIALS_FILE}`,
    },
    tls: {
      clients: tlsFiles("clients", settings.tls.clients),
      routes: tlsFiles("routes", settings.tls.routes),
    },
    users: settings.users,
    accounts: settings.accounts,
  };
}

function tlsFiles(kind: string, secret: TlsSecret | undefined): TlsFiles | undefined {
  const directory = `${TLS_DIRECTORY}/${kind}`;
  return secret === undefined
    ? undefined
    : {
        certFile: `${directory}/tls.crt`,
        keyFile: `${directory}/tls.key`,
        caFile: `${directory}/ca.crt`,
        isVerified: secret.isVerified,
      };
}

function canonicalSize(size: string): string {
  return formatSize(parseSize(size) ?? 0n);
}

function canonicalDuration(duration: string): string {
  const nanos = parseDuration(duration);
  return nanos === undefined ? duration : formatDuration(nanos);
}
