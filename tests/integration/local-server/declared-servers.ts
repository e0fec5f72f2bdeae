import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import type {
  Passwords,
  ReloadableOptions,
  RestartOnlyOptions,
} from "../../../components/nats-server/server-options";
import type { Properties } from "../../../components/provider/dynamic-provider";
import { localServer } from "../../../components/provider/local-server/local-server";
import { commandLine } from "../../../components/provider/local-server/server-process";
import { freePorts } from "../../support/free-ports";
import { RELOADABLE, RESTART_ONLY } from "../../support/server-options";

/** What a test declares otherwise than the rest. */
export interface Changes {
  readonly restartOnly?: Partial<RestartOnlyOptions>;
  readonly reloadable?: Partial<ReloadableOptions>;
  readonly passwords?: Partial<Passwords>;
  readonly size?: number;
  readonly peers?: readonly string[];
}

const PASSWORDS: Passwords = {
  client: "client of a test",
  provisioner: "provisioner of a test",
  system: "system of a test",
  cluster: "routes of a test",
};

/** Servers as resources, whose handlers are called in the order in which the engine calls them. */
export class DeclaredServers {
  readonly states: (Properties | undefined)[];

  private constructor(
    readonly folder: string,
    readonly ports: readonly number[],
    readonly size: number,
    readonly version: string,
  ) {
    this.states = [];
  }

  /** @param most - how many servers there may be after a change of size */
  static async make(size: number, version = "2.10.29", most = size): Promise<DeclaredServers> {
    const folder = mkdtempSync(join(tmpdir(), "tfdc-servers-"));
    return new DeclaredServers(folder, await freePorts(most * 3), size, version);
  }

  /** The inputs of a server as the program gives them. */
  inputs(index: number, changes: Changes = {}): Properties {
    const size = changes.size ?? this.size;
    const all = Array.from({ length: size }, (_, peer) => peer);
    const [clientPort, monitoringPort, clusterPort] = this.portsOf(index);
    return {
      name: `nats-blue-${index}`,
      clusterName: "blue",
      directory: this.directory(index),
      peers: changes.peers ?? all.map((peer) => `http://127.0.0.1:${this.portsOf(peer)[1]}`),
      routes:
        size === 1 && changes.peers === undefined
          ? []
          : all.map((peer) => `127.0.0.1:${this.portsOf(peer)[2]}`),
      restartOnly: {
        ...RESTART_ONLY,
        version: this.version,
        clientPort,
        monitoringPort,
        clusterPort,
        ...changes.restartOnly,
      },
      reloadable: { ...RELOADABLE, ...changes.reloadable },
      passwords: { ...PASSWORDS, ...changes.passwords },
    };
  }

  /** Refreshes a server and brings it to its declaration, as `up` does. Returns what was done. */
  async up(index: number, changes: Changes = {}): Promise<"create" | "update" | "same"> {
    const state = await this.refresh(index);
    const { inputs, failures } = await localServer.check(state ?? {}, this.inputs(index, changes));
    if (failures.length > 0) {
      throw new Error(failures.map(({ reason }) => reason).join("\n"));
    }
    if (state === undefined) {
      this.states[index] = (await localServer.create(inputs)).outs;
      return "create";
    }
    const { changes: changed } = await localServer.diff("id", state, inputs);
    if (changed === false) {
      return "same";
    }
    this.states[index] = (await localServer.update("id", state, inputs)).outs;
    return "update";
  }

  /** All servers, one after the other. */
  async upAll(changes: Changes = {}): Promise<string[]> {
    const done: string[] = [];
    for (let index = 0; index < (changes.size ?? this.size); index++) {
      done.push(await this.up(index, changes));
    }
    return done;
  }

  /** What is seen of a server, as `refresh` does. */
  async refresh(index: number): Promise<Properties | undefined> {
    const state = this.states[index];
    return state === undefined ? undefined : (await localServer.read("id", state)).props;
  }

  async destroy(index: number): Promise<void> {
    await localServer.delete("id", this.states[index] ?? {});
    this.states[index] = undefined;
  }

  /** Forgets what is known of a server, as a pulumi does that is killed before it writes. */
  forget(index: number): void {
    this.states[index] = undefined;
  }

  directory(index: number): string {
    return join(this.folder, `nats-blue-${index}`);
  }

  file(index: number, name: string): string {
    return join(this.directory(index), name);
  }

  pid(index: number): number {
    return Number(readFileSync(this.file(index, "nats.pid"), "utf8"));
  }

  portsOf(index: number): readonly [number, number, number] {
    const [client = 0, monitoring = 0, cluster = 0] = this.ports.slice(index * 3, index * 3 + 3);
    return [client, monitoring, cluster];
  }

  /** Kills a server as a power cut would, and waits until it is gone. */
  async kill(index: number): Promise<void> {
    const pid = this.pid(index);
    process.kill(pid, "SIGKILL");
    while (commandLine(pid) !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** A client of the applications' user, on any server or on one. */
  client(
    options: { index?: number; password?: string; user?: string } = {},
  ): Promise<NatsConnection> {
    const { index, password, user } = options;
    const all = Array.from({ length: this.size }, (_, peer) => peer);
    return connect({
      servers: (index === undefined ? all : [index]).map(
        (peer) => `127.0.0.1:${this.portsOf(peer)[0]}`,
      ),
      ignoreClusterUpdates: true,
      user: user ?? "tfdc_client",
      pass: password ?? PASSWORDS.client,
      timeout: 5000,
      reconnectTimeWait: 100,
      maxReconnectAttempts: -1,
    });
  }

  async monitor<T>(index: number, path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.portsOf(index)[1]}/${path}`);
    return (await response.json()) as T;
  }

  /** Ends whatever still runs with a nats.conf of this folder, and removes the folder. */
  remove(): void {
    for (const pid of this.processes()) {
      process.kill(pid, "SIGKILL");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The servers that run with a nats.conf of this folder. */
  processes(): number[] {
    return execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes("nats-server") && line.includes(this.folder))
      .map((line) => Number.parseInt(line, 10));
  }
}
