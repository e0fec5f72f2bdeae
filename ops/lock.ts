import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { canonicalText } from "@tfdc/pulumi-nats/internal/jetstream/stream-settings";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import lockfile from "proper-lockfile";
import type { Cluster } from "./cluster/cluster";

const TIMES = { stale: 30_000, update: 5_000 };

/** Who holds a cluster, and for what. */
interface Holder {
  readonly pid: number;
  readonly what: string;
  readonly since: string;
}

/**
 * Does something that nothing else may come between: a restart during a restore can end a server,
 * a second backup of a stream is refused by it. One machine is guarded, not all of them.
 *
 * @param what - as another command is told: `a backup of blue`
 */
export async function holding<T>(
  cluster: Pick<Cluster, "connection">,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const file = lockPath(cluster);
  const release = await take(file, what);
  try {
    writeFileSync(file, JSON.stringify(holder(what)), { mode: 0o600 });
    return await work();
  } finally {
    // A machine that slept for longer than the lock lives has lost it already.
    await release().catch(() => undefined);
  }
}

async function take(file: string, what: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(file, { ...TIMES, onCompromised: () => undefined });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ELOCKED") {
      throw error;
    }
  }
  const held = JSON.parse(readFileSync(file, "utf8") || "{}") as Partial<Holder>;
  if (held.pid !== undefined && !isAlive(held.pid)) {
    // It was killed: nothing of it goes on, and its lock would only expire later.
    rmSync(`${file}.lock`, { recursive: true, force: true });
    return take(file, what);
  }
  throw new UserError(
    `${what} has to wait: ${held.what ?? "another command"} is under way on this cluster (pid ${held.pid}, since ${held.since}); run this again when it has ended.`,
  );
}

function holder(what: string): Holder {
  return { pid: process.pid, what, since: new Date().toISOString() };
}

/** One file a cluster, whatever it was found by: its servers or its Service name it. */
function lockPath({ connection }: Pick<Cluster, "connection">): string {
  const { XDG_STATE_HOME } = process.env;
  const folder = join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "tfdc-nats", "locks");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { servers = [], kubernetes } = connection;
  const address = [...[...servers].sort(), ...(kubernetes === undefined ? [] : [kubernetes])];
  const file = join(
    folder,
    createHash("sha256").update(canonicalText(address)).digest("hex").slice(0, 16),
  );
  writeFileSync(file, "", { flag: "a", mode: 0o600 });
  return file;
}

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
