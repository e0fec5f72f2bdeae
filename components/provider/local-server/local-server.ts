import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalText } from "../../jetstream/stream-settings";
import { UserError } from "../../user-error";
import type { CheckFailure, DiffResult, DynamicProvider, Properties } from "../dynamic-provider";
import { type Varz, varz } from "../monitoring-endpoints";
import { keepStackConfig } from "../stack-config";
import {
  addressOf,
  answers,
  refuseBrokenConfiguration,
  reload,
  restart,
  runningPid,
  start,
  stop,
  writeFiles,
} from "./lifecycle";
import { holderOf, isListening } from "./server-process";
import {
  confText,
  declaredFingerprint,
  fingerprint,
  LOADED,
  type Observation,
  RUNNING,
  type ServerProps,
  serverPaths,
  serverProps,
} from "./server-props";

/**
 * One nats-server process as a resource. It is never found to be "deleted": a server whose process
 * or folder is gone is a server that is stopped, and the next update starts it.
 */
export const localServer: DynamicProvider = {
  configure: async (request) => keepStackConfig(request),
  check: async (olds, news) => ({
    inputs: {
      ...news,
      process: RUNNING,
      configuration: LOADED,
      credentialsFingerprint: declaredFingerprint(serverProps(news)),
    },
    failures: sizeFailures(serverProps(olds), serverProps(news)),
  }),
  diff: async (_id, olds, news) => diff(olds, news),
  create: async (inputs) => {
    await bringUp(serverProps(inputs), undefined);
    return { id: String(inputs.name), outs: inputs };
  },
  read: async (id, props) => {
    const seen = { ...props, ...(await observe(serverProps(props))) };
    return { id, props: seen, inputs: { ...seen } };
  },
  update: async (_id, olds, news) => {
    await bringUp(serverProps(news), serverProps(olds)).catch((error: unknown) => {
      throw stoppedUpgrade(error, serverProps(news), serverProps(olds));
    });
    return { outs: news };
  },
  delete: async (_id, props) => remove(serverProps(props)),
};

/**
 * Refuses what costs streams: a server that joins a cluster deletes those that it held alone, one
 * that leaves is missed for ever by the others. Only a cluster that grows is left in peace.
 */
function sizeFailures(old: Partial<ServerProps>, props: ServerProps): CheckFailure[] {
  const [before, after] = [old.peers?.length ?? props.peers.length, props.peers.length];
  const isGrowth = before > 1 && after >= before;
  if (before === after || isGrowth || (before === 1 && !holdsStreams(serverPaths(props).store))) {
    return [];
  }
  const rule =
    before === 1
      ? "a server that was alone deletes its streams when it joins a cluster"
      : "a cluster goes on waiting for the servers that leave it";
  return [
    {
      property: "peers",
      reason: `'replicas' goes from ${before} to ${after}: ${rule}; make another colour with ${after} and move the streams, or destroy this one first`,
    },
  ];
}

/** Neither a server nor a cluster survives another name; the folder is where the server is. */
const IDENTITY: ReadonlySet<string> = new Set(["name", "clusterName", "directory"]);

function diff(olds: Properties, news: Properties): DiffResult {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  names.delete("__provider");
  const changed = [...names].filter(
    (name) => canonicalText(olds[name]) !== canonicalText(news[name]),
  );
  return changed.length === 0
    ? { changes: false }
    : {
        replaces: changed.filter((name) => IDENTITY.has(name)),
        deleteBeforeReplace: true,
      };
}

/** Brings a server to its declaration by the gentlest means: nothing, reload, restart, start. */
async function bringUp(props: ServerProps, old: ServerProps | undefined): Promise<void> {
  const pid = runningPid(props);
  if (pid !== undefined && old === undefined) {
    // An interrupted run has just started it.
    await answers(props);
  }
  const seen = await observe(props);
  if (isAsDeclared(seen, props) && (await varz(addressOf(props)))?.server_name === props.name) {
    return;
  }
  writeFiles(props);
  refuseBrokenConfiguration(props);
  const isSound = seen.process !== WITHOUT_DATA;
  if (pid === undefined) {
    await start(props);
  } else if (seen.process !== RUNNING || needsRestart(props, old)) {
    await restart(props, pid, { isSound });
  } else {
    await reloadOrRestart(props, pid);
  }
}

/**
 * What is left where a server does not come to another version: servers go one after the other, and
 * what depends on them comes last.
 */
function stoppedUpgrade(error: unknown, { restartOnly }: ServerProps, old: ServerProps): unknown {
  const [from, to] = [old.restartOnly.version, restartOnly.version];
  return error instanceof UserError && from !== to
    ? new UserError(
        `${error.message} Servers that this update has not reached run on with nats-server ${from}, and what depends on the servers, such as streams, was not written; the next run goes on from here to ${to}, or back where ${from} is declared again.`,
        { cause: error },
      )
    : error;
}

/** Whether what has changed is known beforehand to be beyond a reload. */
function needsRestart(props: ServerProps, old: ServerProps | undefined): boolean {
  return (
    old !== undefined &&
    canonicalText([old.restartOnly, old.peers]) !== canonicalText([props.restartOnly, props.peers])
  );
}

/** A server that was started with an edited nats.conf takes the declared one only by a restart. */
async function reloadOrRestart(props: ServerProps, pid: number): Promise<void> {
  const { isLoaded, refusal } = await reload(props, pid);
  if (!isLoaded && refusal !== undefined && !refusal.startsWith("config reload not supported")) {
    throw new UserError(
      `${props.name} runs on with its former configuration: nats-server says "${refusal}" of ${serverPaths(props).conf}; mend what it names and run the command again.`,
    );
  }
  if (!isLoaded) {
    await restart(props, pid, { isSound: true });
  }
}

function isAsDeclared(seen: Observation, props: ServerProps): boolean {
  return (
    seen.process === RUNNING &&
    seen.configuration === LOADED &&
    seen.credentialsFingerprint === declaredFingerprint(props)
  );
}

/** What is seen of a server at this moment. */
async function observe(props: ServerProps): Promise<Observation> {
  const paths = serverPaths(props);
  const pid = runningPid(props);
  const live = pid === undefined ? undefined : await varz(addressOf(props));
  const held = readText(paths.credentials);
  return {
    process: pid === undefined ? await absence(props) : presence(props, live),
    configuration: configurationState(props, live),
    credentialsFingerprint: held === undefined ? "missing" : fingerprint(held),
  };
}

async function absence({ restartOnly }: ServerProps): Promise<string> {
  const { host, clientPort } = restartOnly;
  return (await isListening(host, clientPort))
    ? `foreign: port ${clientPort} is held by ${holderOf(clientPort)}`
    : "stopped";
}

const WITHOUT_DATA = "running without its data folder";

/** A server that runs, and yet not as it was made: started by another hand, or robbed of its data. */
function presence(props: ServerProps, live: Varz | undefined): string {
  const { version } = props.restartOnly;
  if (live !== undefined && live.version !== version) {
    return `running as nats-server ${live.version}`;
  }
  return existsSync(serverPaths(props).store) ? RUNNING : WITHOUT_DATA;
}

function configurationState(props: ServerProps, live: Varz | undefined): string {
  const { conf, credentials } = serverPaths(props);
  const text = readText(conf);
  if (text === undefined) {
    return "missing: there is no nats.conf";
  }
  if (text !== confText(props)) {
    return "edited: nats.conf on disk differs";
  }
  if (live === undefined) {
    return LOADED;
  }
  const written = Math.max(...[conf, credentials].filter(existsSync).map(modified));
  return Date.parse(live.config_load_time) < written
    ? "not loaded: nats.conf is newer than what the server runs with"
    : LOADED;
}

/** Stops a server and removes its files; a store that still holds streams stays where it is. */
async function remove(props: ServerProps): Promise<void> {
  const pid = runningPid(props);
  if (pid !== undefined) {
    await stop(props, pid);
  }
  const paths = serverPaths(props);
  for (const file of [paths.conf, paths.credentials, paths.pid, paths.log]) {
    rmSync(file, { force: true });
  }
  if (!holdsStreams(paths.store)) {
    rmSync(paths.root, { recursive: true, force: true });
  }
}

function holdsStreams(store: string): boolean {
  const root = join(store, "jetstream");
  return (
    folders(root)
      // The system account's folder holds the meta group's own log and no stream of a user.
      .filter((account) => account !== "$SYS" && account !== "SYS")
      .some((account) => folders(join(root, account, "streams")).length > 0)
  );
}

function modified(path: string): number {
  return Math.floor(statSync(path).mtimeMs);
}

function folders(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
