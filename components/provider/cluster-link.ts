import { readFileSync } from "node:fs";
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
} from "nats";
import type { ConnectionArgs, TlsArgs } from "../connection-args";
import { UserError } from "../user-error";
import {
  API_ERRORS,
  ApiError,
  answerOf,
  isAboutCertificate,
  isTransient,
  Unreachable,
  WrongCluster,
  wordsOf,
} from "./faults";
import { describeAccess } from "./kubernetes/kube-client";
import { rememberWay } from "./plain-way";
import { type Path, reach } from "./reach";
import { resolveSecret } from "./secrets";
import { SystemAccount } from "./system-account";

const CONNECT_TIMEOUT = 3_000;
const RECONNECT_WAIT = 250;
const FAILURES_OF_A_SERVER = 2;
/** Who is silent for as long as a write waits has had its time: another server is asked at once. */
const LONG_SILENCE = 10_000;

/** An open connection to one cluster. */
export interface ClusterLink {
  /** The cluster as a message calls it: `cluster 'blue' at 127.0.0.1:14222, ...`. */
  readonly where: string;
  /** Version of the server that answered. */
  readonly serverVersion: string;
  /** Name of the server that answered. */
  readonly serverName: string;
  /** Name of its cluster, or of itself where it is in none. */
  readonly clusterName: string;
  readonly isClosed: boolean;
  /** What the servers say of themselves; `undefined` where the connection has no user for it. */
  readonly system: SystemAccount | undefined;
  /** Asks JetStream and returns its answer; an answer that says no is thrown as `ApiError`. */
  ask<T>(subject: string, question: unknown, timeout: number): Promise<T>;
  close(): Promise<void>;
}

/** The cluster as a message calls it. */
export function describeCluster({ cluster, servers = [], kubernetes }: ConnectionArgs): string {
  const name = cluster === undefined ? "the NATS cluster" : `cluster '${cluster}'`;
  return `${name} at ${kubernetes === undefined ? servers.join(", ") : describeAccess(kubernetes)}`;
}

/** Connects to a cluster, and makes sure that it is the one that is meant. */
export async function openLink(connection: ConnectionArgs): Promise<ClusterLink> {
  const where = describeCluster(connection);
  const { client, path } = await dial(where, connection);
  const link = new NatsLink(where, client, path, systemOf(connection));
  const { cluster } = link.info;
  if (connection.cluster !== undefined && cluster !== connection.cluster) {
    await link.close();
    throw new WrongCluster(
      `${where} is the wrong cluster: the servers there say they are cluster '${cluster ?? ""}', and '${connection.cluster}' is declared. Nothing was read or written; correct 'servers' or 'cluster' of the connection.`,
    );
  }
  return link;
}

/**
 * Opens a plain connection to a cluster, for what is more than questions and answers. The way to
 * the servers is closed with it.
 */
export async function openConnection(connection: ConnectionArgs): Promise<NatsConnection> {
  const { client, path } = await dial(describeCluster(connection), connection);
  void client.closed().finally(() => path.close());
  return client;
}

function systemOf({ system, ...connection }: ConnectionArgs): SystemAccount | undefined {
  if (system === undefined) {
    return undefined;
  }
  const { token: _token, inboxPrefix: _inbox, credsFile: _creds, ...way } = connection;
  const { user, password, credsFile } = system;
  return new SystemAccount(() => openConnection({ ...way, user, password, credsFile }));
}

async function dial(
  where: string,
  connection: ConnectionArgs,
): Promise<{ readonly client: NatsConnection; readonly path: Path }> {
  const path = await reach(where, connection);
  try {
    const options = optionsOf(connection, path.servers);
    const client = await connect(options);
    rememberWay(client, options);
    // The client drops whoever did not take its first connection, and could never move on to them.
    client.setServers([...path.servers]);
    return { client, path };
  } catch (error) {
    await path.close();
    if (error instanceof UserError) {
      throw error;
    }
    throw new Unreachable(where, wordsOf(error), remedyFor(error), { cause: error });
  }
}

function remedyFor(error: unknown): string {
  if (isAboutCertificate(error)) {
    return "check 'tls' of the connection: caFile must be of the authority that signed the servers' certificates, and those must be for the host that 'servers' or serverName says";
  }
  return error instanceof errors.AuthorizationError ||
    error instanceof errors.UserAuthenticationExpiredError
    ? "check the user and the password that the connection refers to"
    : "check that the servers run and that this machine reaches them";
}

function optionsOf(connection: ConnectionArgs, servers: readonly string[]): ConnectionOptions {
  const { user, credsFile, tls, inboxPrefix } = connection;
  return {
    servers: [...servers],
    name: "tfdc-nats",
    timeout: CONNECT_TIMEOUT,
    reconnectTimeWait: RECONNECT_WAIT,
    maxReconnectAttempts: -1,
    // The one that was dialled longest ago: the client's own order begins with the server it left.
    reconnectToServer: (all) => [...all].sort((a, b) => a.lastConnect - b.lastConnect)[0] ?? null,
    // Addresses that a cluster gossips are its own and often of no use from outside.
    ignoreClusterUpdates: true,
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    ...(user === undefined ? {} : { user }),
    ...secret("pass", "the password of the connection", connection.password),
    ...secret("token", "the token of the connection", connection.token),
    ...(credsFile === undefined
      ? {}
      : { authenticator: credsAuthenticator(readFile("credsFile", credsFile)) }),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
  };
}

/** The client hands what it does not know itself to Node, which calls the name `servername`. */
function tlsOptions({ serverName, ...files }: TlsArgs): TlsArgs {
  for (const [name, path] of Object.entries(files)) {
    // The client would take a file that is missing for a server that does not answer.
    readFile(`tls.${name}`, path);
  }
  return serverName === undefined ? files : ({ ...files, servername: serverName } as TlsArgs);
}

function secret(option: "pass" | "token", what: string, value: unknown): ConnectionOptions {
  const resolved = resolveSecret(what, value);
  return resolved === undefined ? {} : { [option]: resolved };
}

function readFile(property: string, path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError(`'${property}' of the connection cannot be read: ${wordsOf(error)}.`);
  }
}

/** Whether it may be for the server that was asked, and not for the cluster. */
function isLost(error: unknown): boolean {
  return error instanceof ApiError ? error.code === API_ERRORS.unavailable : isTransient(error);
}

class NatsLink implements ClusterLink {
  /** Failures in a row of the server that the connection is with. */
  private failures = 0;
  /** Servers that the connection was with: a late failure of a former one does not count. */
  private visits = 0;

  constructor(
    readonly where: string,
    private readonly connection: NatsConnection,
    private readonly path: Path,
    readonly system: SystemAccount | undefined,
  ) {
    void this.leaveLameDucks();
  }

  get info(): {
    readonly cluster?: string;
    readonly version: string;
    readonly server_name: string;
  } {
    return this.connection.info ?? { version: "0", server_name: "" };
  }

  get serverName(): string {
    return this.info.server_name;
  }

  get clusterName(): string {
    return this.info.cluster ?? this.info.server_name;
  }

  get serverVersion(): string {
    return this.info.version;
  }

  get isClosed(): boolean {
    return this.connection.isClosed();
  }

  async ask<T>(subject: string, question: unknown, timeout: number): Promise<T> {
    const asked = this.visits;
    const start = Date.now();
    try {
      const answer = await this.request<T>(subject, question, timeout);
      this.failures = 0;
      return answer;
    } catch (error) {
      if (asked === this.visits && isLost(error)) {
        await this.moveOn(Date.now() - start >= LONG_SILENCE);
      }
      throw error;
    }
  }

  private async request<T>(subject: string, question: unknown, timeout: number): Promise<T> {
    const payload = question === undefined ? "" : JSON.stringify(question);
    const reply = await this.connection
      .request(subject, payload, { timeout })
      .catch((error: unknown) => {
        throw this.explained(error, subject);
      });
    return answerOf<T>(subject, reply);
  }

  async close(): Promise<void> {
    await this.system?.close();
    await this.connection.close();
    await this.path.close();
  }

  /**
   * Leaves a server for the next one that gave no answer twice in a row, or once for long: cut off
   * from the others, it goes on taking connections and knows no meta leader.
   */
  private async moveOn(isLong: boolean): Promise<void> {
    this.failures += 1;
    if (isLong || this.failures >= FAILURES_OF_A_SERVER) {
      this.failures = 0;
      this.visits += 1;
      await this.connection.reconnect().catch(() => undefined);
    }
  }

  private explained(error: unknown, subject: string): unknown {
    const cause = error instanceof errors.RequestError ? error.cause : error;
    return cause instanceof errors.PermissionViolationError
      ? new UserError(
          `${this.where} refused a request on '${subject}': "${cause.message}"; allow the user of the connection to publish on '${cause.subject}'.`,
          { cause: error },
        )
      : error;
  }

  /** A server in lame duck mode waits for its clients to go: go at once. */
  private async leaveLameDucks(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "ldm") {
        await this.connection.reconnect();
      }
    }
  }
}
