import { isIPv4 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import type { ClusterCapacity, ConnectionArgs } from "./connection-args";
import { type Problem, problem } from "./jetstream/problems";
import { formatDuration, formatSize, parseDuration, parseSize } from "./jetstream/units";
import { isOlder, lossOnKill } from "./jetstream/versions";
import { LocalNatsServer, type PasswordArgs } from "./local-nats-server";
import { durationProblems, limitProblems } from "./nats-server/limit-rules";
import {
  PASSWORD_NAMES,
  PROVISIONER_INBOX,
  PROVISIONER_USER,
  type ReloadableOptions,
  type RestartOnlyOptions,
  SYSTEM_USER,
} from "./nats-server/server-options";
import { refuseProblems } from "./property-problems";

/** Arguments of a `LocalNatsCluster`. They decide which resources exist, so they are plain values. */
export interface LocalNatsClusterArgs {
  /** Name of the colour: of the cluster, of the JetStream domain, and in `nats-<colour>-<i>`. */
  readonly colour: string;
  /** Passwords of the users and of the routes: references, or Pulumi secrets. */
  readonly passwords: PasswordArgs;
  /** Folder of the servers' files, relative to the program. @default ".local/nats/<colour>" */
  readonly directory?: string;
  /** Number of servers: 1, 3 or 5. @default 3 */
  readonly replicas?: number;
  /** Address that all ports are bound to. @default "127.0.0.1" */
  readonly host?: string;
  /** Client port of the first server; the others follow. @default 14222 */
  readonly clientPort?: number;
  /** Monitoring port of the first server; the others follow. @default 18222 */
  readonly monitoringPort?: number;
  /** Cluster port of the first server; the others follow. @default 16222 */
  readonly clusterPort?: number;
  /** Version of nats-server, 2.10 or newer. A change restarts. @default "2.10.29" */
  readonly serverVersion?: string;
  /**
   * Most bytes of streams on disk, per server. The disk itself is not checked. A change restarts.
   * @default "170GiB"
   */
  readonly maxFileStore?: string;
  /** Most bytes of streams in memory, per server. A change restarts. @default "2GiB" */
  readonly maxMemoryStore?: string;
  /** How often messages are forced to disk: a duration or "always". Restarts. @default "2m" */
  readonly syncInterval?: string;
  /** Most client connections, per server. A change reloads. @default 10000 */
  readonly maxConnections?: number;
  /** Most subscriptions of one connection. A change restarts. @default 10000 */
  readonly maxSubscriptions?: number;
  /** Largest message. A change reloads. @default "10MiB" */
  readonly maxPayload?: string;
  /** Most bytes that may wait for one client. A change restarts. @default "256MiB" */
  readonly maxPending?: string;
  /** Longest time a server waits for a slow client. A change reloads. @default "10s" */
  readonly writeDeadline?: string;
  /** Time between pings to a silent client. A change reloads. @default "2m" */
  readonly pingInterval?: string;
}

type Settled = Required<LocalNatsClusterArgs>;

const MIN_VERSION = "2.10.0";
const MAX_PORT = 65_535;

/**
 * One colour as processes of this machine: nats-server with JetStream, accounts and
 * authorization, configured as on Kubernetes. Each server is a resource of its own; a change that
 * NATS can reload is reloaded, any other restarts the servers one by one as lame ducks.
 */
export class LocalNatsCluster extends Component {
  /** How the provisioner reaches the cluster: for `JetStreamAssets`, `Stream` and `KeyValue`. */
  readonly connection: ConnectionArgs;
  /** What the servers offer, known before they run. */
  readonly capacity: ClusterCapacity;
  /** Client addresses, `host:port`. */
  readonly servers: readonly string[];
  /** Monitoring addresses, `http://host:port`. */
  readonly monitoring: readonly string[];
  /** Name of the cluster. */
  readonly clusterName: string;
  /** Name of the JetStream domain. */
  readonly domain: string;

  constructor(name: string, args: LocalNatsClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("tfdc-nats:index:LocalNatsCluster", name, options);
    refuseProblems(`the cluster '${name}'`, clusterProblems(args), this);
    const settled = withDefaults(args);
    this.warnOfLosses(settled);

    this.servers = addresses(settled, settled.clientPort);
    this.monitoring = addresses(settled, settled.monitoringPort).map((one) => `http://${one}`);
    this.clusterName = settled.colour;
    this.domain = settled.colour;
    this.connection = connectionOf(settled, this.servers);
    this.capacity = capacityOf(settled);
    this.createServers(name, settled);
    this.registerOutputs({
      servers: this.servers,
      monitoring: this.monitoring,
      clusterName: this.clusterName,
      domain: this.domain,
    });
  }

  private warnOfLosses({ serverVersion }: Settled): void {
    const loss = lossOnKill(serverVersion);
    if (loss !== undefined) {
      void pulumi.log.warn(`nats-server ${serverVersion} ${loss.words}; ${loss.remedy}.`, this);
    }
  }

  /** Each server waits for the one before it, so that restarts go one at a time. */
  private createServers(name: string, settled: Settled): void {
    let before: LocalNatsServer | undefined;
    for (const index of indices(settled)) {
      before = new LocalNatsServer(
        `${name}-${index}`,
        {
          name: serverNameOf(settled, index),
          clusterName: settled.colour,
          directory: `${settled.directory}/${serverNameOf(settled, index)}`,
          peers: this.monitoring,
          routes: settled.replicas === 1 ? [] : addresses(settled, settled.clusterPort),
          restartOnly: restartOnlyOf(settled, index),
          reloadable: reloadableOf(settled),
          passwords: settled.passwords,
        },
        { parent: this, dependsOn: before === undefined ? [] : [before] },
      );
    }
  }
}

function withDefaults(args: LocalNatsClusterArgs): Settled {
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
  return {
    directory: `.local/nats/${args.colour}`,
    replicas: 3,
    host: "127.0.0.1",
    clientPort: 14_222,
    monitoringPort: 18_222,
    clusterPort: 16_222,
    serverVersion: "2.10.29",
    maxFileStore: "170GiB",
    maxMemoryStore: "2GiB",
    syncInterval: "2m",
    maxConnections: 10_000,
    maxSubscriptions: 10_000,
    maxPayload: "10MiB",
    maxPending: "256MiB",
    writeDeadline: "10s",
    pingInterval: "2m",
    ...(given as unknown as LocalNatsClusterArgs),
  };
}

function indices({ replicas }: Settled): number[] {
  return Array.from({ length: replicas }, (_, index) => index);
}

function serverNameOf({ colour }: Settled, index: number): string {
  return `nats-${colour}-${index}`;
}

function addresses(settled: Settled, firstPort: number): string[] {
  return indices(settled).map((index) => `${settled.host}:${firstPort + index}`);
}

function connectionOf(settled: Settled, servers: readonly string[]): ConnectionArgs {
  return {
    servers,
    user: PROVISIONER_USER,
    password: settled.passwords.provisioner,
    inboxPrefix: PROVISIONER_INBOX,
    // A server that is no member of a cluster reports its own name as the cluster's, and has nobody
    // to disagree with.
    ...(settled.replicas === 1
      ? {}
      : {
          cluster: settled.colour,
          system: { user: SYSTEM_USER, password: settled.passwords.system },
        }),
    domain: settled.colour,
  };
}

function capacityOf(settled: Settled): ClusterCapacity {
  return {
    servers: indices(settled).map((index) => serverNameOf(settled, index)),
    maxFileStore: settled.maxFileStore,
    maxMemoryStore: settled.maxMemoryStore,
    serverVersion: settled.serverVersion,
    upgradedFirst: true,
  };
}

function restartOnlyOf(settled: Settled, index: number): RestartOnlyOptions {
  return {
    version: settled.serverVersion,
    host: settled.host,
    clientPort: settled.clientPort + index,
    monitoringPort: settled.monitoringPort + index,
    clusterPort: settled.clusterPort + index,
    domain: settled.colour,
    maxFileStore: canonicalSize(settled.maxFileStore),
    maxMemoryStore: canonicalSize(settled.maxMemoryStore),
    syncInterval: canonicalDuration(settled.syncInterval),
    maxSubscriptions: settled.maxSubscriptions,
    maxPending: canonicalSize(settled.maxPending),
    lameDuckGracePeriod: "1s",
    lameDuckDuration: "30s",
  };
}

function reloadableOf(settled: Settled): ReloadableOptions {
  return {
    maxConnections: settled.maxConnections,
    maxPayload: canonicalSize(settled.maxPayload),
    writeDeadline: canonicalDuration(settled.writeDeadline),
    pingInterval: canonicalDuration(settled.pingInterval),
  };
}

function canonicalSize(size: string): string {
  return formatSize(parseSize(size) ?? 0n);
}

function canonicalDuration(duration: string): string {
  const nanos = parseDuration(duration);
  return nanos === undefined ? duration : formatDuration(nanos);
}

/** Everything that is wrong with the arguments of a local cluster. */
export function clusterProblems(args: LocalNatsClusterArgs): Problem[] {
  const problems: Problem[] = [];
  const refuse = (property: keyof LocalNatsClusterArgs, rule: string, remedy: string): void => {
    problems.push(problem(property, args[property], rule, remedy));
  };
  const settled = withDefaults(args);
  if (!/^[a-z][a-z0-9-]*$/.test(settled.colour)) {
    refuse("colour", "a colour is lower-case letters, digits and '-'", 'use "blue"');
  }
  if (![1, 3, 5].includes(settled.replicas)) {
    const next = settled.replicas < 3 ? 3 : 5;
    refuse("replicas", "a JetStream cluster needs an odd number of servers", `use ${next}`);
  }
  if (
    !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(settled.serverVersion) ||
    isOlder(settled.serverVersion, MIN_VERSION)
  ) {
    refuse("serverVersion", `it must be nats-server ${MIN_VERSION} or newer`, 'use "2.10.29"');
  }
  if (!isIPv4(settled.host)) {
    refuse("host", "the ports are bound to an IPv4 address of this machine", 'use "127.0.0.1"');
  }
  if (!/^[^\n\r\0]+$/.test(settled.directory)) {
    refuse("directory", "it must be a path", `use ".local/nats/${settled.colour}"`);
  }
  return [
    ...problems,
    ...passwordProblems(settled),
    ...portProblems(settled),
    ...limitProblems(settled),
    ...(settled.syncInterval === "always"
      ? []
      : durationProblems("syncInterval", settled.syncInterval)),
  ];
}

function passwordProblems({ passwords }: Settled): Problem[] {
  return PASSWORD_NAMES.filter((name) => !passwords?.[name]).map((name) =>
    problem(
      `passwords.${name}`,
      undefined,
      "nobody is let in without a password",
      "give a secret, { config: key }, { env: name } or { file: path }",
    ),
  );
}

const PORTS = ["clientPort", "monitoringPort", "clusterPort"] as const;

function portProblems(settled: Settled): Problem[] {
  const problems = PORTS.flatMap((property) => {
    const port = settled[property];
    const last = MAX_PORT - settled.replicas + 1;
    return Number.isInteger(port) && port >= 1 && port <= last
      ? []
      : [problem(property, port, `it must be a port from 1 to ${last}`, "use another one")];
  });
  for (const [index, property] of PORTS.entries()) {
    for (const other of PORTS.slice(0, index)) {
      if (Math.abs(settled[property] - settled[other]) < settled.replicas) {
        const rule = `its ${settled.replicas} consecutive ports meet those of ${other} (${settled[other]})`;
        const remedy = `keep them ${settled.replicas} or more apart`;
        problems.push(problem(property, settled[property], rule, remedy));
      }
    }
  }
  return problems;
}
