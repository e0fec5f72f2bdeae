import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../user-error";
import {
  ageOf,
  allAnswer,
  leaderless,
  outsiders,
  STARTING,
  varz,
  waitSettled,
} from "../monitoring-endpoints";
import { lastWords, logLength, refusalSince } from "./server-log";
import {
  checkConfiguration,
  commandLine,
  findProcess,
  findServerProgram,
  runsWith,
  spawnServer,
} from "./server-process";
import { confText, credentialsText, type ServerProps, serverPaths } from "./server-props";
import { refuseTakenPorts } from "./taken-ports";
import { until } from "./until";

const START_TIMEOUT = 20_000;
const RELOAD_TIMEOUT = 5_000;
/** Who waits to restart waits for an election, and not for a server that is away. */
const GATE_TIMEOUT = 15_000;
/** How long after its first minute a server is asked once more. */
const GATE_MARGIN = 2_000;
/**
 * An election takes up to nine seconds; who is still outside then stays outside, and is started again.
 * A server 2.10 can be mute after any start, that one included, and on a busy machine after some of
 * them in a row.
 */
const PATIENCE = 12_000;
const MORE_PATIENCE = [25_000, 25_000, 25_000, 25_000];
const SETTLE_SECONDS = [PATIENCE, ...MORE_PATIENCE].reduce((sum, one) => sum + one) / 1000;
/**
 * Leaders have moved away after two seconds; from then on a lame duck closes a client a second, and
 * those that are left after this time are closed at once.
 */
const LAME_DUCK_TIMEOUT = 10_000;
const TERM_TIMEOUT = 5_000;

/** What a server's process is found by. */
type Findable = Pick<ServerProps, "directory"> & Partial<Pick<ServerProps, "restartOnly">>;

/** The server's process, if it runs. */
export function runningPid(props: Findable): number | undefined {
  const { pid, conf } = serverPaths(props);
  return findProcess(pid, conf, props.restartOnly?.clientPort);
}

/** Writes nats.conf and the credentials, readable for this user alone. */
export function writeFiles(props: ServerProps): void {
  const paths = serverPaths(props);
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  writePrivate(paths.credentials, credentialsText(props));
  writePrivate(paths.conf, confText(props));
}

/** Leaves an equal file alone: its age tells whether the server has loaded it. */
function writePrivate(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) {
    return;
  }
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}

/**
 * Has the program of a server check the configuration as it is on disk. It is asked before anything
 * is stopped, so that a server which runs is not given up for one that cannot.
 */
export function refuseBrokenConfiguration(props: ServerProps): void {
  const { conf } = serverPaths(props);
  const words = checkConfiguration(findServerProgram(props.restartOnly.version), conf);
  if (words !== undefined) {
    throw new UserError(
      `${props.name} cannot run as it is declared: nats-server ${props.restartOnly.version} says "${words}" of ${conf}; change the option it names.`,
    );
  }
}

/** Starts a server and waits until it answers; with all its peers up, until they are settled. */
export async function start(props: ServerProps): Promise<void> {
  await refuseTakenPorts(props);
  const { conf, log, pid: pidFile } = serverPaths(props);
  rmSync(pidFile, { force: true });
  const mark = logLength(log);
  const started = spawnServer(findServerProgram(props.restartOnly.version), conf, log);
  let isUp = false;
  await until(START_TIMEOUT, async () => {
    isUp = (await varz(addressOf(props)))?.server_name === props.name;
    return isUp || started.hasEnded();
  });
  if (!isUp) {
    const what = started.hasEnded()
      ? "ended at once"
      : `does not answer after ${START_TIMEOUT / 1000} s`;
    throw new UserError(
      `${props.name} was started and ${what}: nats-server says "${lastWords(log, mark)}"; mend that and run the command again. The whole log is ${log}.`,
    );
  }
  await settleIfComplete(props);
}

/** Waits until a server that is starting answers. */
export function answers(props: ServerProps): Promise<boolean> {
  return until(
    RELOAD_TIMEOUT,
    async () => (await varz(addressOf(props)))?.server_name === props.name,
  );
}

/** How a reload ended: taken over, or what the server said instead. */
export type Reload = { readonly refusal?: string; readonly isLoaded: boolean };

/** Signals a reload and waits for the proof that the configuration was loaded, or was not. */
export async function reload(props: ServerProps, pid: number): Promise<Reload> {
  const { log } = serverPaths(props);
  const loadTime = async () => (await varz(addressOf(props)))?.config_load_time;
  const before = await loadTime();
  const mark = logLength(log);
  let result: Reload = { isLoaded: false };
  signal(pid, "SIGHUP");
  await until(RELOAD_TIMEOUT, async () => {
    const after = await loadTime();
    const refusal = refusalSince(log, mark);
    result = { refusal, isLoaded: after !== undefined && after !== before };
    return result.isLoaded || refusal !== undefined;
  });
  return result;
}

/**
 * Restarts a server. While its peers are up it waits for them to be settled before and after, so
 * that a stream never loses a second replica; with peers away there is nothing to wait for.
 *
 * @param isSound - whether the server itself works; one that does not only gains by a restart
 */
export async function restart(
  props: ServerProps,
  pid: number,
  { isSound }: { readonly isSound: boolean },
): Promise<void> {
  if (isSound && (await allAnswer(props.peers))) {
    const reason = await gateReason(props);
    if (reason !== undefined) {
      throw new UserError(
        `${props.name} is not restarted: cluster '${props.clusterName}' is not settled (${reason}), and a restart could take its streams away; bring it in order and run the command again.`,
      );
    }
  }
  await stop(props, pid);
  await start(props);
}

/**
 * Why a cluster is not settled before a restart. A server that an earlier restart has left out is
 * let in first: its meta leader may have called it current for a moment. One that holds a restored
 * stream calls itself unhealthy, and in its first minute that cannot be told from a server that is
 * still starting: it is waited for until that minute is over.
 */
async function gateReason(props: ServerProps): Promise<string | undefined> {
  const { peers } = props;
  let reason = await waitSettled(peers, GATE_TIMEOUT);
  const lost = reason === undefined ? [] : await outsiders(peers);
  if (lost.length > 0) {
    await startAgain(props, lost);
    reason = await settle(props);
  }
  if (reason === undefined || !reason.includes(" is not healthy: ")) {
    return reason;
  }
  const ages = (await Promise.all(peers.map(varz))).map(ageOf).filter(Number.isFinite);
  const left = STARTING - Math.min(STARTING, ...ages);
  return left > 0 ? waitSettled(peers, left + GATE_MARGIN) : reason;
}

/** Stops a server as a lame duck, so that clients and leaders move away first. */
export async function stop(props: Pick<ServerProps, "directory">, pid: number): Promise<void> {
  const { conf } = serverPaths(props);
  const isGone = async () => !runsWith(pid, conf);
  signal(pid, "SIGUSR2");
  if (await until(LAME_DUCK_TIMEOUT, isGone)) {
    return;
  }
  signal(pid, "SIGTERM");
  if (!(await until(TERM_TIMEOUT, isGone))) {
    signal(pid, "SIGKILL");
    await until(TERM_TIMEOUT, isGone);
  }
}

async function settleIfComplete(props: ServerProps): Promise<void> {
  const reason = (await allAnswer(props.peers)) ? await settle(props) : undefined;
  if (reason !== undefined) {
    throw new UserError(
      `${props.name} runs, and cluster '${props.clusterName}' has not settled within ${SETTLE_SECONDS} s: ${reason}; look into ${serverPaths(props).log}, and run the command again when the cause is gone.`,
    );
  }
}

/**
 * Waits until the cluster of a server is settled, and has servers let in that are left out. Returns
 * the reason why it is not, if time runs out.
 */
export async function settle(props: ServerProps): Promise<string | undefined> {
  let reason = await waitSettled(props.peers, PATIENCE);
  for (const patience of MORE_PATIENCE) {
    if (reason !== undefined) {
      await startAgain(props, await outsiders(props.peers));
      await startAgain(props, await leaderless(props.peers));
      reason = await waitSettled(props.peers, patience);
    }
  }
  return reason;
}

/**
 * Starts servers again: those that have no part in the cluster, or all where none has one and nothing
 * is held yet. All servers of a cluster are siblings.
 */
async function startAgain(props: ServerProps, lost: readonly string[]): Promise<void> {
  for (const name of lost) {
    const sibling = { directory: join(dirname(props.directory), name) };
    const pid = runningPid(sibling);
    if (pid !== undefined) {
      const { conf, log } = serverPaths(sibling);
      // In the middle of an upgrade a sibling is of another version than this server.
      const [program = ""] = commandLine(pid)?.split(" -c ") ?? [];
      await stop(sibling, pid);
      spawnServer(program || findServerProgram(props.restartOnly.version), conf, log);
    }
  }
}

/** The monitoring address of a server. */
export function addressOf({ restartOnly }: ServerProps): string {
  return `http://${restartOnly.host}:${restartOnly.monitoringPort}`;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already, which the caller sees for itself.
  }
}
