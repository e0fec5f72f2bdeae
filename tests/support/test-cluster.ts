import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { startEnvironment } from "../../components/provider/local-server/server-process";
import { leaderless, outsiders, waitSettled } from "../../components/provider/monitoring-endpoints";
import { freePorts } from "./free-ports";

/** The program of a nats-server version, where the toolchain keeps it. */
export function serverProgram(version: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "tfdc-nats", "nats-server", version, "nats-server");
}

/** How a test wants its cluster. */
export interface TestClusterOptions {
  readonly version?: string;
  readonly name?: string;
  readonly domain?: string;
  /** 3 unless said otherwise; 1 is a server that is no member of a cluster. */
  readonly size?: number;
  /** Lines for the `jetstream` block, such as `max_file_store: 1GB`. */
  readonly jetstream?: string;
  /** Lines for every server's configuration, such as accounts. */
  readonly extra?: string;
  /**
   * What a server dials to reach another one's cluster port: a proxy in between. Servers then tell
   * nobody their own cluster port, so that no route goes around it.
   */
  readonly route?: (from: number, to: number, port: number) => Promise<number>;
  /** Prepares the folder of a server's store, such as by a mount. Returns what undoes it. */
  readonly store?: (index: number, folder: string) => (() => void) | undefined;
  /** Tags of each server, by its index. */
  readonly tags?: readonly string[];
}

/** Real nats-server processes on free loopback ports, for one suite. */
export class TestCluster {
  readonly servers: string[];
  readonly monitoring: string[];
  private readonly processes: (ChildProcess | undefined)[];
  private readonly undoings: (() => void)[] = [];

  private constructor(
    readonly name: string,
    readonly domain: string | undefined,
    readonly version: string,
    private readonly directory: string,
    private readonly ports: readonly (readonly [number, number, number])[],
    private readonly routes: readonly (readonly number[])[],
    options: TestClusterOptions,
  ) {
    this.servers = ports.map(([client]) => `127.0.0.1:${client}`);
    this.monitoring = ports.map(([, monitor]) => `http://127.0.0.1:${monitor}`);
    this.processes = ports.map(() => undefined);
    for (const index of ports.keys()) {
      const undo = options.store?.(index, this.store(index));
      if (undo !== undefined) {
        this.undoings.push(undo);
      }
      writeFileSync(this.file(index, "conf"), this.configuration(index, options));
    }
  }

  /** Starts a cluster and waits until JetStream has a meta leader and every server is current. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const size = options.size ?? 3;
    const flat = await freePorts(size * 3);
    const ports = Array.from(
      { length: size },
      (_, index) => flat.slice(index * 3, index * 3 + 3) as [number, number, number],
    );
    const cluster = new TestCluster(
      options.name ?? "test",
      options.domain,
      options.version ?? "2.10.29",
      mkdtempSync(join(tmpdir(), "tfdc-nats-")),
      ports,
      await dialled(ports, options),
      options,
    );
    cluster.ports.forEach((_, index) => {
      cluster.startServer(index);
    });
    try {
      if ((await cluster.unsettled(12_000)) !== undefined) {
        await cluster.readmit();
        await cluster.settled();
      }
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Starts the servers again that a meta group of fewer left out, or all where nobody has one. */
  private async readmit(): Promise<void> {
    const lost = [...(await outsiders(this.monitoring)), ...(await leaderless(this.monitoring))];
    for (const name of lost) {
      const index = Number(name.split("-").at(-1));
      await this.kill(index);
      this.startServer(index);
    }
  }

  /** A client without any restriction, for editing behind Pulumi's back. */
  async client(): Promise<NatsConnection> {
    return connect({ servers: this.servers, ignoreClusterUpdates: true, timeout: 5000 });
  }

  /** @param version - of nats-server, where it is another one than the cluster's */
  startServer(index: number, version = this.version): void {
    const log = openSync(this.file(index, "log"), "a");
    this.processes[index] = spawn(serverProgram(version), ["-c", this.file(index, "conf")], {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...startEnvironment(version) },
    });
  }

  /** Ends a server as a power cut would, and waits until it is gone. */
  async kill(index: number, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.processes[index];
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill(signal);
      await gone;
    }
    this.processes[index] = undefined;
  }

  /** Changes the configuration of a server, which takes it over when it starts again. */
  reconfigure(index: number, edit: (conf: string) => string): void {
    const conf = this.file(index, "conf");
    writeFileSync(conf, edit(readFileSync(conf, "utf8")));
  }

  /** Sends a signal to a server, and goes on at once. */
  signal(index: number, name: NodeJS.Signals): void {
    this.processes[index]?.kill(name);
  }

  log(index: number): string {
    return readFileSync(this.file(index, "log"), "utf8");
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((_, index) => this.kill(index)));
    for (const undo of this.undoings) {
      undo();
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  /**
   * Waits until all servers agree on a meta leader and are current. A server that hears the others
   * and never replies, as 2.10 can be after any start, is started again: nothing else ends that.
   */
  async settled(within = 90_000): Promise<void> {
    const patience = within / 2;
    let reason = await this.unsettled(patience);
    if (reason !== undefined) {
      await this.readmit();
      reason = await this.unsettled(within - patience);
    }
    if (reason !== undefined) {
      throw new Error(`the test cluster did not settle: ${reason}\n${this.log(0).slice(-2000)}`);
    }
  }

  /** Why the cluster does not settle in time; `undefined` where it does. */
  private unsettled(within: number): Promise<string | undefined> {
    return waitSettled(this.monitoring, within);
  }

  get size(): number {
    return this.ports.length;
  }

  private file(index: number, suffix: string): string {
    return join(this.directory, `${this.name}-${index}.${suffix}`);
  }

  /** The folder of a server's store. */
  store(index: number): string {
    return join(this.directory, `store-${index}`);
  }

  pid(index: number): number {
    return this.processes[index]?.pid ?? 0;
  }

  private configuration(
    index: number,
    { jetstream, extra, route, tags }: TestClusterOptions,
  ): string {
    const [client, monitor, listen] = this.ports[index] ?? [0, 0, 0];
    const routes = (this.routes[index] ?? [])
      .map((port) => `nats-route://127.0.0.1:${port}`)
      .join(", ");
    // Nobody listens on port 1: a route that is dialled by gossip leads nowhere.
    const advertise = route === undefined ? "" : "advertise: 127.0.0.1:1, ";
    return `
      server_name: ${this.name}-${index}
      host: 127.0.0.1
      port: ${client}
      http: 127.0.0.1:${monitor}
      jetstream {
        store_dir: ${JSON.stringify(this.store(index))}
        ${this.domain === undefined ? "" : `domain: ${this.domain}`}
        ${jetstream ?? "max_file_store: 100GB\nmax_memory_store: 1GB"}
      }
      ${this.size === 1 ? "" : `cluster { name: ${this.name}, listen: 127.0.0.1:${listen}, ${advertise}routes: [${routes}] }`}
      ${tags === undefined ? "" : `server_tags: [${tags[index]}]`}
      ${extra ?? ""}
    `;
  }
}

/** The ports that every server dials to reach the others. */
async function dialled(
  ports: readonly (readonly [number, number, number])[],
  { route }: TestClusterOptions,
): Promise<number[][]> {
  return Promise.all(
    ports.map((_, from) =>
      Promise.all(
        ports.map(([, , port], to) =>
          route === undefined || from === to ? port : route(from, to, port),
        ),
      ),
    ),
  );
}
