import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { mayStartMute } from "../../jetstream/versions";
import { UserError } from "../../user-error";

/** The path at which the program of a nats-server version is kept between checkouts. */
export function cachedServerProgram(version: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "tfdc-nats", "nats-server", version, "nats-server");
}

/** The program of a nats-server version: from the cache, or from the PATH where that is it. */
export function findServerProgram(version: string): string {
  const cached = cachedServerProgram(version);
  if (existsSync(cached)) {
    return cached;
  }
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "nats-server"))
    .find((path) => existsSync(path) && versionOf(path) === version);
  if (onPath === undefined) {
    throw new UserError(
      `nats-server ${version} is not on this machine: it was looked for at ${cached} and on the PATH; 'npm start' fetches it, or put nats-server ${version} on the PATH.`,
    );
  }
  return onPath;
}

function versionOf(program: string): string | undefined {
  try {
    const words = execFileSync(program, ["--version"], { encoding: "utf8" });
    return /v(\d+\.\d+\.\d+\S*)/.exec(words)?.[1];
  } catch {
    return undefined;
  }
}

/** What a program says of a configuration that it would not run with; `undefined` where it would. */
export function checkConfiguration(program: string, conf: string): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(program, ["-t", "-c", conf], {
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  if (status === 0) {
    return undefined;
  }
  const words = error?.message ?? `${stdout}${stderr}`;
  return words
    .trim()
    .replace(/^nats-server: /, "")
    .replaceAll(conf, "nats.conf");
}

/** What a server of a version needs in its environment to start well. */
export function startEnvironment(version: string | undefined): Readonly<Record<string, string>> {
  return version !== undefined && mayStartMute(version) ? { GOMAXPROCS: "1" } : {};
}

/** A server that this process started. */
export interface StartedServer {
  /**
   * Whether it has ended. Its command line does not tell: while a program takes the place of another
   * in a process, such as the server that of what starts it, the process has none.
   */
  readonly hasEnded: () => boolean;
}

/**
 * Starts a server in a session of its own: the engine interrupts the provider's whole process
 * group at the end of every command, and the server has to outlive it. Nothing of this process's
 * environment, which may hold secrets, is handed on.
 */
export function spawnServer(program: string, conf: string, log: string): StartedServer {
  const output = openSync(log, "a", 0o600);
  try {
    const child = spawn(program, ["-c", conf], {
      detached: true,
      stdio: ["ignore", output, output],
      env: { PATH: process.env.PATH, ...startEnvironment(versionOf(program)) },
    });
    child.unref();
    // Without a listener the failure, which comes later, would end this process and all its work.
    child.once("error", () => undefined);
    if (child.pid === undefined) {
      throw new UserError(`${program} could not be started; check that it is executable.`);
    }
    return { hasEnded: () => child.exitCode !== null || child.signalCode !== null };
  } finally {
    closeSync(output);
  }
}

/**
 * The process that runs with this nats.conf: the one that the pid file names, or, where that file
 * is gone, the one that holds the port.
 */
export function findProcess(
  pidFile: string,
  conf: string,
  port: number | undefined,
): number | undefined {
  const named = readPid(pidFile);
  if (named !== undefined && runsWith(named, conf)) {
    return named;
  }
  const holder = port === undefined ? undefined : holderPid(port);
  return holder !== undefined && runsWith(holder, conf) ? holder : undefined;
}

/** Whether a process runs with a nats.conf. A stale pid may be anybody's: only the command line tells. */
export function runsWith(pid: number, conf: string): boolean {
  return commandLine(pid)?.endsWith(` -c ${conf}`) ?? false;
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, "utf8").trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The command line of a living process; a zombie has none. */
export function commandLine(pid: number): string | undefined {
  try {
    if (existsSync("/proc/self/cmdline")) {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\u0000").join(" ").trim();
      return words === "" ? undefined : words;
    }
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/** Whether anybody listens on a port. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    // A port that nobody listens on can be connected to itself: both ends are then the same.
    socket.once("connect", () => answer(socket.localPort !== port));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}

/** Who listens on a port, as far as this system tells: `pid 4711 (python3)`. */
export function holderOf(port: number): string {
  const pid = holderPid(port);
  const name = pid === undefined ? undefined : commandLine(pid)?.split(" ")[0];
  return pid === undefined
    ? "another process"
    : `pid ${pid} (${name?.split("/").at(-1) ?? "unknown"})`;
}

function holderPid(port: number): number | undefined {
  const inode = listeningInode(port);
  const pid = inode === undefined ? undefined : processWithSocket(inode);
  return pid === undefined ? undefined : Number(pid);
}

const LISTEN = "0A";

function listeningInode(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const lines = existsSync(table) ? readFileSync(table, "utf8").split("\n") : [];
    for (const line of lines) {
      const columns = line.trim().split(/\s+/);
      if (columns[1]?.endsWith(`:${hex}`) && columns[3] === LISTEN) {
        return columns[9];
      }
    }
  }
  return undefined;
}

function processWithSocket(inode: string): string | undefined {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.find((pid) =>
    openFilesOf(pid).some((path) => targetOf(path) === `socket:[${inode}]`),
  );
}

function openFilesOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`);
  } catch {
    // It has ended, or it is another user's.
    return [];
  }
}

/** Where a link leads; a file that was closed meanwhile, such as the listing's own, leads nowhere. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
