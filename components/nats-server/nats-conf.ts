import type { Problem } from "../jetstream/problems";
import { parseSize } from "../jetstream/units";
import { accounts, SYSTEM_ACCOUNT } from "./accounts";
import { type ConfMap, Raw, writeConf } from "./conf-value";
import {
  CLUSTER_USER,
  type NatsServerOptions,
  PASSWORD_NAMES,
  type Passwords,
  type TlsFiles,
} from "./server-options";

/**
 * The configuration of one server. It holds no secret: passwords and routes are variables that
 * the credentials file defines, so this text may be kept in a ConfigMap, in a state, in a diff.
 */
export function renderNatsConf(options: NatsServerOptions): string {
  // Variables are looked up in what stands above them.
  return `include '${options.files.credentialsFile}'\n${writeConf(natsConf(options))}`;
}

/** The same configuration as plain data, without the credentials that it includes. */
export function natsConf(options: NatsServerOptions): ConfMap {
  const { restartOnly, reloadable, files } = options;
  return {
    server_name: options.name.startsWith("$") ? new Raw(options.name) : options.name,
    host: restartOnly.host,
    port: restartOnly.clientPort,
    http: `${restartOnly.host}:${restartOnly.monitoringPort}`,
    pid_file: files.pidFile,
    lame_duck_grace_period: restartOnly.lameDuckGracePeriod,
    lame_duck_duration: restartOnly.lameDuckDuration,
    max_connections: reloadable.maxConnections,
    max_subscriptions: restartOnly.maxSubscriptions,
    max_payload: bytes(reloadable.maxPayload),
    max_pending: bytes(restartOnly.maxPending),
    write_deadline: reloadable.writeDeadline,
    ping_interval: reloadable.pingInterval,
    tls: tls(options.tls?.clients),
    jetstream: jetstream(options),
    cluster: cluster(options),
    accounts: accounts(options),
    system_account: SYSTEM_ACCOUNT,
  };
}

function tls(files: TlsFiles | undefined, isVerified = files?.isVerified): ConfMap | undefined {
  return files === undefined
    ? undefined
    : {
        cert_file: files.certFile,
        key_file: files.keyFile,
        ca_file: files.caFile,
        verify: isVerified,
      };
}

function jetstream({ restartOnly, files }: NatsServerOptions): ConfMap {
  return {
    store_dir: files.storeDirectory,
    max_file_store: bytes(restartOnly.maxFileStore),
    max_memory_store: bytes(restartOnly.maxMemoryStore),
    domain: restartOnly.domain === "" ? undefined : restartOnly.domain,
    sync_interval: restartOnly.syncInterval,
  };
}

function cluster(options: NatsServerOptions): ConfMap | undefined {
  const { size, clusterName, restartOnly } = options;
  return size === 1
    ? undefined
    : {
        name: clusterName,
        listen: `${restartOnly.host}:${restartOnly.clusterPort}`,
        // Addresses of the servers are known to whoever connects; gossip would add unusable ones.
        no_advertise: true,
        authorization: { user: CLUSTER_USER, password: new Raw("$CLUSTER_PASSWORD") },
        // Whoever is let in as a route sees everything: both sides show a certificate.
        tls: tls(options.tls?.routes, true),
        routes: new Raw("$CLUSTER_ROUTES"),
      };
}

/**
 * The file that defines what nats.conf refers to. A value in quotes is a text for the parser,
 * whatever is in it: digits are no number, `$` is no variable, `#` is no comment.
 *
 * @param routes - `host:port` of the cluster port of every server; none for a server alone
 * @param others - further variables, such as the passwords of further users
 */
export function renderCredentials(
  passwords: Passwords,
  routes: readonly string[],
  others: Readonly<Record<string, string>> = {},
): string {
  const login = `${CLUSTER_USER}:${encodeURIComponent(passwords.cluster)}`;
  return writeConf({
    CLIENT_PASSWORD: passwords.client,
    PROVISIONER_PASSWORD: passwords.provisioner,
    SYSTEM_PASSWORD: passwords.system,
    // The parser refuses a variable that nothing refers to.
    ...(routes.length === 0
      ? {}
      : {
          CLUSTER_PASSWORD: passwords.cluster,
          CLUSTER_ROUTES: routes.map((address) => `nats-route://${login}@${address}`),
        }),
    ...others,
  });
}

/** What is wrong with passwords; their values are never shown. */
export function passwordProblems(passwords: Passwords): Problem[] {
  return PASSWORD_NAMES.flatMap((name) => passwordProblem(`passwords.${name}`, passwords[name]));
}

/** What is wrong with one password; its value is never shown. */
export function passwordProblem(property: string, password: string): Problem[] {
  const refuse = (rule: string, remedy: string): Problem[] => [
    { property, reason: `'${property}': ${rule}; ${remedy}` },
  ];
  if (password === "") {
    return refuse("a password cannot be empty", "set one");
  }
  if (/^\$2[abxy]\$/.test(password)) {
    return refuse(
      "the server takes a text that begins like this for a bcrypt hash",
      "give the password itself, and choose one that begins otherwise",
    );
  }
  if (/\p{Surrogate}/u.test(password)) {
    return refuse("a password must be valid Unicode", "choose another one");
  }
  return password.includes("\u0000")
    ? refuse("a password cannot contain a NUL character", "choose another one")
    : [];
}

function bytes(size: string): Raw {
  return new Raw(String(parseSize(size) ?? 0n));
}
