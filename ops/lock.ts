import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { canonicalText } from "@tfdc/pulumi-nats/internal/jetstream/stream-settings";
import { AT_WORK, announce, type Work } from "@tfdc/pulumi-nats/internal/provider/at-work";
import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import lockfile from "proper-lockfile";
import type { Cluster } from "./cluster/cluster";
import { say } from "./terminal/print";

const TIMES = { stale: 30_000, update: 5_000 };

/** Who holds a cluster, and for what. */
interface Holder {
  readonly pid: number;
  readonly what: string;
  readonly since: string;
}

/** What a command holds a cluster for. */
type Kind = Exclude<Work["kind"], "recreation">;

/** What work that has to wait for nothing but to write knows of others. */
export interface Clearance {
  /** Aborted, with what to say of it, once somebody else is heard to be at work. */
  readonly signal: AbortSignal;
  /** Nobody has answered the first question: what only reads, and can be given up, may begin. */
  quiet(): Promise<void>;
  /** Everybody was asked for long enough: anything may begin. */
  clear(): Promise<void>;
}

/**
 * Does something that nothing else may come between: a restart during a restore can end a server,
 * a second backup of a stream is refused by it. A file keeps the commands of one machine apart; those
 * of others, and recreations by `pulumi up`, are asked over the cluster itself.
 */
export function holding<T>(
  cluster: Pick<Cluster, "connection" | "name">,
  kind: Kind,
  work: () => Promise<T>,
): Promise<T> {
  return claiming(cluster, kind, async ({ clear }) => {
    await clear();
    return work();
  });
}

/**
 * The same for work that has something to do until others had the time to answer. It may change
 * nothing, and keep nothing, before it is clear.
 */
export async function claiming<T>(
  cluster: Pick<Cluster, "connection" | "name">,
  kind: Kind,
  work: (clearance: Clearance) => Promise<T>,
): Promise<T> {
  const what = `a ${kind} ${kind === "restore" ? "to" : "of"} ${cluster.name}`;
  const file = lockPath(cluster);
  const release = await take(file, what);
  try {
    writeFileSync(file, JSON.stringify(holder(what)), { mode: 0o600 });
    return await announced(cluster, { kind, what }, work);
  } finally {
    // A machine that slept for longer than the lock lives has lost it already.
    await release().catch(() => undefined);
  }
}

/** Does it where nobody else who works on the cluster says that he does, from wherever he does. */
async function announced<T>(
  { connection }: Pick<Cluster, "connection">,
  mine: Work,
  work: (clearance: Clearance) => Promise<T>,
): Promise<T> {
  const { what } = mine;
  const refusal = new AbortController();
  let onQuiet: () => void = () => undefined;
  const quiet = new Promise<void>((resolve) => {
    onQuiet = resolve;
  });
  let isOver = false;
  const opening = openConnection(connection).catch((error: unknown) => {
    if (!(error instanceof UserError)) {
      throw error;
    }
    say(`${error.message}; what others do on this cluster meanwhile is not seen`);
  });
  const asking = (async () => {
    const client = await opening;
    if (client === undefined) {
      return;
    }
    const refused = (other: string) =>
      new UserError(`${what} has to wait: ${other}; run this again when it has ended.`);
    const onOther = (other: string) => refusal.abort(refused(other));
    const { other, isHeard } = await announce(client, mine, { onQuiet, onOther });
    if (other !== undefined) {
      throw refused(other);
    }
    if (!isHeard && !isOver) {
      say(
        `the user of this connection may not publish and subscribe on ${AT_WORK}.>: other machines and 'pulumi up' do not see ${what}, nor this command them`,
      );
    }
  })();
  asking
    .catch((error: unknown) => refusal.abort(error))
    // Where nobody can be asked nobody answers.
    .finally(onQuiet);
  try {
    return await work({
      signal: refusal.signal,
      quiet: async () => {
        await quiet;
        refusal.signal.throwIfAborted();
      },
      clear: () => asking,
    });
  } finally {
    isOver = true;
    // Nobody is told of this work any more, however far the questions are.
    await (await opening.catch(() => undefined))?.close();
    await asking.catch(() => undefined);
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
