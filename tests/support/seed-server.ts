import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { freePorts } from "./free-ports";
import { seedFile } from "./seed-document";
import { serverProgram } from "./test-cluster";

/** What the seed expects in the environment of its first pod. */
export const GIVEN: Readonly<Record<string, string>> = {
  POD_NAME: "nats-blue-0",
  CLUSTER_PASSWORD: "cluster-secret",
  CLIENT_PASSWORD: "client-secret",
};

/** The seed's nats.conf, word by word. */
export const SEED_CONF = seedFile("nats.conf");

/** The seed's nats.conf without the one line that no server gets past. */
export const STARTABLE = SEED_CONF.replace(/^system_account.*$/m, "");

/** The same for a server that is no member of a cluster. */
export const ALONE = STARTABLE.replace(/^cluster \{[\s\S]*?^\}$/m, "");

type Env = Readonly<Record<string, string>>;

/** What `nats-server` says of words on its command line, such as `-t`; the path is left out. */
export function run(version: string, words: readonly string[], env: Env): string {
  try {
    execFileSync(serverProgram(version), words, { env: { ...env }, stdio: "pipe" });
    return "";
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}

/** What `nats-server -t` says of a configuration; nothing where it is valid. */
export function checkConf(version: string, conf: string, env: Env): string {
  const folder = mkdtempSync(join(tmpdir(), "seed-"));
  try {
    const path = join(folder, "nats.conf");
    writeFileSync(path, conf);
    return run(version, ["-t", "-c", path], env).replaceAll(path, "nats.conf");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How a test wants the seed's servers. */
export interface SeedServersOptions {
  readonly version: string;
  /** nats.conf, in which only ports, folders and addresses are moved. */
  readonly conf: string;
  /** 1 unless said otherwise. */
  readonly size?: number;
  readonly env?: Env;
  /** Put before the address of every route, such as `user:password@`. */
  readonly routeLogin?: string;
}

/** Servers that run the seed's own nats.conf on free loopback ports. */
export class SeedServers {
  private readonly folder = mkdtempSync(join(tmpdir(), "seed-"));
  private readonly children: ChildProcess[] = [];
  private readonly outputs: string[] = [];

  private constructor(private readonly ports: readonly (readonly [number, number, number])[]) {}

  /** Starts the servers, and does not wait for anything. */
  static async start(options: SeedServersOptions): Promise<SeedServers> {
    const size = options.size ?? 1;
    const flat = await freePorts(size * 3);
    const servers = new SeedServers(
      Array.from({ length: size }, (_, index) => [
        flat[index * 3] ?? 0,
        flat[index * 3 + 1] ?? 0,
        flat[index * 3 + 2] ?? 0,
      ]),
    );
    for (let index = 0; index < size; index++) {
      servers.launch(index, options);
    }
    return servers;
  }

  /** What a server wrote to its standard output and error: what `kubectl logs` would show. */
  output(index: number): string {
    return this.outputs[index] ?? "";
  }

  /** The server's log file. */
  log(index: number): string {
    try {
      return readFileSync(join(this.data(index), "nats.log"), "utf8");
    } catch {
      return "";
    }
  }

  /** Status and body of an answer on the monitoring port. */
  async ask(index: number, path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.ports[index]?.[1]}/${path}`);
    return { status: response.status, body: await response.text() };
  }

  /** Monitoring port of a server, as its log would name it. */
  port(index: number, which: "client" | "monitoring" | "route"): number {
    return this.ports[index]?.[["client", "monitoring", "route"].indexOf(which)] ?? 0;
  }

  /** Logs in as the seed's user, or as nobody where no password is given. */
  client(pass?: string): Promise<NatsConnection> {
    return connect({
      servers: `127.0.0.1:${this.port(0, "client")}`,
      ...(pass === undefined ? {} : { user: "tfdc_client", pass }),
      reconnect: false,
      timeout: 5000,
    });
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.children.map(async (child) => {
        if (child.exitCode === null && child.signalCode === null) {
          const gone = new Promise((resolve) => child.once("exit", resolve));
          child.kill("SIGKILL");
          await gone;
        }
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  private data(index: number): string {
    return join(this.folder, `data-${index}`);
  }

  private launch(index: number, options: SeedServersOptions): void {
    mkdirSync(this.data(index));
    const path = join(this.folder, `nats-${index}.conf`);
    writeFileSync(path, this.moved(index, options));
    const env = { ...GIVEN, POD_NAME: `nats-blue-${index}`, ...options.env };
    const child = spawn(serverProgram(options.version), ["-c", path], { env });
    this.outputs[index] = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.outputs[index] += chunk.toString();
      });
    }
    this.children.push(child);
  }

  private moved(index: number, { conf, routeLogin = "" }: SeedServersOptions): string {
    const host = "host: 127.0.0.1";
    return conf
      .replaceAll('"/data/', `"${this.data(index)}/`)
      .replaceAll(" /data/", ` ${this.data(index)}/`)
      .replace(/^port: 4222$/m, `${host}\nport: ${this.port(index, "client")}`)
      .replace(/^http_port: 8222$/m, `http: 127.0.0.1:${this.port(index, "monitoring")}`)
      .replace(/^ {2}port: 6222$/m, `  ${host}\n  port: ${this.port(index, "route")}`)
      .replace(
        /nats:\/\/nats-blue-(\d)\.\S+:6222/g,
        // A pod that is not started has an address all the same; nobody listens there.
        (_, pod) =>
          `nats://${routeLogin}127.0.0.1:${this.port(Number(pod), "route") || Number(pod)}`,
      );
  }
}
