import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { commandLine } from "../../components/provider/local-server/server-process";
import { programFiles } from "./program-files";
import { PulumiProject } from "./pulumi-project";

/** More than mocha has processes. */
const LANES = 8;

/** The project's own program in a folder of its own, with its servers on free ports. */
export class LocalProgram {
  private constructor(
    readonly project: PulumiProject,
    readonly colour: string,
    readonly ports: { readonly client: number; readonly monitoring: number },
  ) {}

  /** @param config - configuration of the stack besides ports and colour */
  static async create(
    config: Readonly<Record<string, string>> = {},
    colour = "blue",
  ): Promise<LocalProgram> {
    const [client = 0, monitoring = 0, cluster = 0] = await consecutivePorts(3, 3);
    const stack = `local-${colour}`;
    const settings = {
      target: "local",
      colour,
      clientPort: String(client),
      monitoringPort: String(monitoring),
      clusterPort: String(cluster),
      ...config,
    };
    const project = new PulumiProject(programFiles(), stack);
    const program = new LocalProgram(project, colour, { client, monitoring });
    for (const name of ["client", "provisioner", "system", "cluster"]) {
      program.password(name, `${name}-password-of-a-test`);
    }
    await project.init();
    for (const [key, value] of Object.entries(settings)) {
      await program.configure(key, value);
    }
    return program;
  }

  /** Sets a key of the stack's configuration, by editing its file. */
  async configure(key: string, value: string): Promise<void> {
    const path = join(this.project.directory, `Pulumi.${this.project.stack}.yaml`);
    const lines = readFileSync(path, "utf8").split("\n");
    const rest = lines.filter(
      (line) => line !== "config:" && !line.startsWith(`  tfdc-nats:${key}:`) && line !== "",
    );
    const others = rest.filter((line) => line.startsWith("  tfdc-nats:"));
    const top = rest.filter((line) => !line.startsWith("  tfdc-nats:"));
    const mine = `  tfdc-nats:${key}: ${JSON.stringify(value)}`;
    writeFileSync(path, [...top, "config:", ...others, mine, ""].join("\n"));
  }

  /** Writes a password to the file that the program refers to. */
  password(name: string, value: string): void {
    const path = join(this.project.directory, ".local", "secrets", this.colour, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${value}\n`, { mode: 0o600 });
  }

  /** A path in the folder of a server. */
  serverFile(index: number, name = ""): string {
    const { directory } = this.project;
    return join(directory, ".local", "nats", this.colour, `nats-${this.colour}-${index}`, name);
  }

  /** The process of a server, as its pid file says. */
  pid(index: number): number {
    return Number(readFileSync(this.serverFile(index, "nats.pid"), "utf8"));
  }

  /** Kills servers as a power cut would, and waits until they are gone. */
  kill(...indices: number[]): void {
    const pids = indices.map((index) => this.pid(index));
    for (const pid of pids) {
      process.kill(pid, "SIGKILL");
    }
    while (pids.some(isAlive)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }

  /** A client of the applications' user. */
  client(password?: string): Promise<NatsConnection> {
    return connect({
      servers: [0, 1, 2].map((index) => `127.0.0.1:${this.ports.client + index}`),
      ignoreClusterUpdates: true,
      user: "tfdc_client",
      pass: password ?? "client-password-of-a-test",
      timeout: 5000,
    });
  }

  /** What a server's monitoring port says. */
  async monitor<T>(index: number, path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.ports.monitoring + index}/${path}`);
    return (await response.json()) as T;
  }

  /** The index of the server that leads the meta group. */
  async metaLeader(): Promise<number> {
    const { meta_cluster: meta } = await this.monitor<{ meta_cluster: { leader: string } }>(
      0,
      "jsz",
    );
    return Number(meta.leader.at(-1));
  }

  /** Ends every server and removes everything, whatever state it is in. */
  remove(): void {
    for (const index of [0, 1, 2]) {
      try {
        this.kill(index);
      } catch {
        // It does not run.
      }
    }
    this.project.remove();
  }
}

/** Whether a process runs; one that nobody has buried yet does not. */
export function isAlive(pid: number): boolean {
  return commandLine(pid) !== undefined;
}

/**
 * First ports of `ranges` ranges of `length` consecutive free ports, below those that the system
 * gives to outgoing connections: another program must not have one by the time it is used.
 */
export async function consecutivePorts(ranges: number, length: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < ranges) {
    const first = 10_000 + 10 * (lane() + LANES * Math.floor(Math.random() * (2_000 / LANES)));
    if (!found.includes(first) && (await areFree(first, length))) {
      found.push(first);
    }
  }
  return found;
}

/**
 * Which ranges are this process's: what is free now may be taken by another of mocha's processes
 * before it is used, a minute of installing packages later.
 */
function lane(): number {
  return Number(process.env.MOCHA_WORKER_ID ?? 0) % LANES;
}

async function areFree(first: number, length: number): Promise<boolean> {
  const free = await Promise.all(
    Array.from(
      { length },
      (_, index) =>
        new Promise<boolean>((done) => {
          const server = createServer();
          server.once("error", () => done(false));
          server.listen(first + index, "127.0.0.1", () => server.close(() => done(true)));
        }),
    ),
  );
  return free.every(Boolean);
}
