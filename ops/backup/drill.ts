import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ARC_SINCE, unable } from "@tfdc/pulumi-nats/internal/backup/archive/formats";
import type { CheckedBackup } from "@tfdc/pulumi-nats/internal/backup/check";
import { restoreStream } from "@tfdc/pulumi-nats/internal/provider/backup/restore-stream";
import type { RestoreOptions } from "@tfdc/pulumi-nats/internal/provider/backup/send-archive";
import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { findServerProgram } from "@tfdc/pulumi-nats/internal/provider/local-server/server-process";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { NatsConnection } from "nats";

const START = 15_000;
/** What is on every machine that runs this project. */
const DEFAULT_VERSION = "2.10.29";

/**
 * The nats-server for a drill: one that reads the archives.
 *
 * @param wanted - the one that was named
 */
export function drillVersion(backups: readonly CheckedBackup[], wanted?: string): string {
  const arc = backups.filter(({ format }) => format === "arc");
  if (arc.length === 0) {
    return wanted ?? DEFAULT_VERSION;
  }
  const names = arc.map(({ stream }) => stream).join(", ");
  const version = wanted ?? arc[0]?.manifest?.serverVersion ?? DEFAULT_VERSION;
  const remedy =
    "put a nats-server of 2.15 or newer on the PATH, and name its version with --server-version";
  if (unable("arc", [version]).length > 0) {
    throw new UserError(
      `the drill cannot restore ${names}: only nats-server ${ARC_SINCE} or newer reads the archive, and the drill would be one of ${version}; ${remedy}.`,
    );
  }
  try {
    findServerProgram(version);
  } catch (error) {
    throw error instanceof UserError
      ? new UserError(
          `the drill cannot restore ${names}: only nats-server ${ARC_SINCE} or newer reads the archive, and nats-server ${version} is not on this machine; ${remedy}.`,
          { cause: error },
        )
      : error;
  }
  return version;
}

/**
 * Restores a backup into a server of its own that is thrown away afterwards, and compares. Nothing
 * ages there: messages that `max_age` would take are restored and counted as well.
 */
export async function drill(
  backups: readonly CheckedBackup[],
  serverVersion: string,
  options: RestoreOptions,
): Promise<void> {
  const scratch = await startScratch(serverVersion);
  try {
    for (const backup of backups) {
      await restoreStream(scratch.connection, backup, { isDrill: true }, options);
    }
  } finally {
    await scratch.stop();
  }
}

async function startScratch(version: string) {
  const program = findServerProgram(version);
  const folder = mkdtempSync(join(tmpdir(), "tfdc-nats-drill-"));
  const conf = join(folder, "nats.conf");
  writeFileSync(
    conf,
    `server_name: drill, host: 127.0.0.1, port: -1, ports_file_dir: ${JSON.stringify(folder)}
     jetstream { store_dir: ${JSON.stringify(join(folder, "data"))}, max_file_store: 8TB, max_memory_store: 1GB }
     log_file: ${JSON.stringify(join(folder, "nats.log"))}, max_payload: 8MB\n`,
    { mode: 0o600 },
  );
  const child = spawn(program, ["-c", conf], { stdio: "ignore", env: { PATH: process.env.PATH } });
  child.once("error", () => undefined);
  const stop = async (connection?: NatsConnection) => {
    await connection?.close();
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const connection = await openConnection({ servers: [await addressIn(folder, child)] });
    return { connection, stop: () => stop(connection) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A server writes down the ports that it was given. */
async function addressIn(folder: string, child: ChildProcess): Promise<string> {
  for (const deadline = Date.now() + START; Date.now() < deadline; await setTimeout(50)) {
    const file = readdirSync(folder).find((name) => name.endsWith(".ports"));
    const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
    const address = /"nats:\/\/([^"]+)"/.exec(text)?.[1];
    if (address !== undefined) {
      return address;
    }
    if (child.exitCode !== null || child.pid === undefined) {
      break;
    }
  }
  throw new UserError(
    `the scratch server for the drill did not start: ${readLog(folder)}; see whether this machine has room for it.`,
  );
}

function readLog(folder: string): string {
  try {
    return readFileSync(join(folder, "nats.log"), "utf8").trim().split("\n").at(-1) ?? "";
  } catch {
    return "it wrote no log";
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
}
