import type { Jsz, RaftGroup, Replica } from "../backup/answers";
import { getJson } from "../http-json";
import { SYSTEM_ACCOUNT } from "../nats-server/accounts";

/** What `/varz` tells of a server, as far as it is used. */
export interface Varz {
  readonly server_name: string;
  readonly version: string;
  readonly config_load_time: string;
  /** When the process started, and when it says so. */
  readonly start?: string;
  readonly now?: string;
}

/** For so long what a server lacks may be on its way. */
export const STARTING = 60_000;

/** Milliseconds since a server started; `NaN` where it does not say. */
export function ageOf(self: Pick<Partial<Varz>, "start" | "now"> | undefined): number {
  return Date.parse(self?.now ?? "") - Date.parse(self?.start ?? "");
}

/**
 * Whether a server calls itself unhealthy for the sake of a stream that was restored there: up to
 * 2.10.29 at least it does not note that the restored stream's routine runs, and says that it does
 * not until it starts again. Nothing is wrong with the stream. A server that is starting says the
 * same for a moment, and for a real reason.
 */
export function isRestoredNote(
  error: string | undefined,
  self: Partial<Varz> | undefined,
): boolean {
  return (
    ageOf(self) > STARTING &&
    /stream '.*' is not current: monitor goroutine not running$/.test(error ?? "")
  );
}

interface Accountz {
  readonly account_detail?: { readonly exports?: readonly { readonly subject: string }[] };
}

interface Healthz {
  readonly error?: string;
}

interface Routez {
  readonly routes?: readonly { readonly remote_name?: string }[];
}

/** What one server of a cluster says at one moment; what it does not answer is missing. */
interface Report {
  readonly peer: string;
  readonly name?: string;
  readonly self?: Varz;
  readonly jsz?: Jsz;
  readonly healthz?: Healthz;
}

const TIMEOUT = 2_000;
/** Three heartbeats. */
const SILENCE = 3_000_000_000;

/** What a server says of itself; `undefined` where nobody answers. */
export function varz(address: string): Promise<Varz | undefined> {
  return askMonitoring<Varz>(`${address}/varz`);
}

/**
 * The subjects that the system account of a server exports; `undefined` where nobody answers.
 * `/varz` would show tags, and before 2.12 those that the server was started with.
 */
export async function systemExports(address: string): Promise<string[] | undefined> {
  const answer = await askMonitoring<Accountz>(`${address}/accountz?acc=${SYSTEM_ACCOUNT}`);
  return answer?.account_detail?.exports?.map(({ subject }) => subject);
}

/** What a monitoring address answers; `undefined` where it does not. */
export async function askMonitoring<T>(
  url: string,
  isAnswer: (status: number) => boolean = (status) => status === 200,
  timeout = TIMEOUT,
): Promise<T | undefined> {
  try {
    const { status, body } = await getJson(url, timeout);
    return isAnswer(status) ? (body as T) : undefined;
  } catch {
    return undefined;
  }
}

async function report(peer: string): Promise<Report> {
  const [self, jsz, healthz] = await Promise.all([
    varz(peer),
    askMonitoring<Jsz>(`${peer}/jsz?accounts=true&streams=true`),
    // A server that is not healthy says why in the body of a 503.
    askMonitoring<Healthz>(`${peer}/healthz`, () => true),
  ]);
  return { peer, name: self?.server_name, self, jsz, healthz };
}

/**
 * Why a cluster is not settled: who does not answer, who is not current, who does not know a meta
 * leader, who is not healthy, which stream is short of a replica. `undefined` where it is settled.
 */
export async function unsettled(peers: readonly string[]): Promise<string | undefined> {
  const reports = await Promise.all(peers.map(report));
  const silent = reports.filter(({ name, jsz }) => name === undefined || jsz === undefined);
  if (silent.length > 0) {
    const which = silent.map(({ peer }) => peer).join(", ");
    return `${which} ${silent.length === 1 ? "does" : "do"} not answer`;
  }
  const sick = reports.find(
    ({ healthz, self }) =>
      healthz === undefined ||
      (healthz.error !== undefined && !isRestoredNote(healthz.error, self)),
  );
  return (
    (peers.length > 1 ? metaReason(reports) : undefined) ??
    (sick && `${sick.name} is not healthy: ${sick.healthz?.error ?? "no answer"}`) ??
    (peers.length > 1 ? streamReason(reports) : undefined)
  );
}

/** The meta group as its leader sees it. Since 2.15 the others tell as well, and do not know. */
function seenByMetaLeader(reports: readonly Report[]): readonly Replica[] {
  return reports.flatMap(({ name, jsz }) =>
    jsz?.meta_cluster?.leader === name ? (jsz?.meta_cluster?.replicas ?? []) : [],
  );
}

function metaReason(reports: readonly Report[]): string | undefined {
  const leaders = new Set(reports.map(({ jsz }) => jsz?.meta_cluster?.leader ?? ""));
  if (leaders.has("") || leaders.size !== 1) {
    return "the servers have not agreed on a meta leader";
  }
  const replicas = seenByMetaLeader(reports);
  const behind = replicas.filter(({ current, offline }) => !current || offline === true);
  if (behind.length > 0) {
    return `${[...new Set(behind.map(({ name }) => name))].join(", ")} is not current in the meta group`;
  }
  const known = new Set([...leaders, ...replicas.map(({ name }) => name)]);
  const unknown = reports.flatMap(({ name = "" }) => (known.has(name) ? [] : [name])).sort();
  return unknown.length > 0
    ? `the meta leader does not know ${unknown.join(", ")} yet; a server that has left is let in again after five minutes`
    : undefined;
}

/**
 * A server that has just started calls itself healthy for a moment in which it does not know its
 * streams yet. Only their leaders tell who has to hold them, and that they have all of it.
 */
function streamReason(reports: readonly Report[]): string | undefined {
  const held = new Map(reports.map(({ name, jsz }) => [name, streamsOf(jsz)]));
  for (const [holder, streams] of held) {
    for (const [stream, { leader, replicas = [] }] of streams) {
      if (leader === undefined || leader === "") {
        return `the stream ${stream} has no leader`;
      }
      const late =
        leader === holder
          ? replicas.find((one) => isLost(one) || held.get(one.name)?.has(stream) !== true)
          : undefined;
      if (late !== undefined) {
        return `${late.name} is not current with the stream ${stream}`;
      }
    }
  }
  return undefined;
}

/**
 * A busy replica is always some messages behind; one that its leader does not hear is lost. Servers
 * call it current for ten seconds more where nothing is written meanwhile, and give no time where a
 * leader has never heard of it.
 */
export function isLost({ current, offline, active = 0 }: Replica): boolean {
  return offline === true || active > SILENCE || (!current && active === 0);
}

function streamsOf(jsz: Jsz | undefined): Map<string, RaftGroup> {
  const details = (jsz?.account_details ?? []).flatMap(({ stream_detail = [] }) => stream_detail);
  return new Map(details.map(({ name, cluster = {} }) => [name, cluster]));
}

/**
 * The servers that answer and have no part in the cluster, where most agree on a meta leader.
 * Servers that start together have been seen to agree on a group that leaves one out, and a server
 * that starts among others to hear them and never reply; neither mends until it is started again.
 */
export async function outsiders(peers: readonly string[]): Promise<string[]> {
  const reports = await Promise.all(peers.map(report));
  const leaders = reports.flatMap(({ jsz }) => jsz?.meta_cluster?.leader || []);
  const votes = (name: string) => leaders.filter((one) => one === name).length;
  const leader = leaders.find((one) => votes(one) > peers.length / 2);
  if (leader === undefined) {
    return [];
  }
  const current = new Set([
    leader,
    ...seenByMetaLeader(reports)
      .filter((replica) => replica.current)
      .map(({ name }) => name),
  ]);
  const outside = reports.flatMap(({ name }) =>
    name !== undefined && !current.has(name) ? [name] : [],
  );
  return outside.length < peers.length / 2 ? outside : [];
}

/**
 * The servers of a cluster that holds nothing yet, where all of them answer and none knows a meta
 * leader; none otherwise.
 */
export async function leaderless(peers: readonly string[]): Promise<string[]> {
  const reports = await Promise.all(peers.map(report));
  const isNew = reports.every(
    ({ name, jsz }) =>
      name !== undefined && jsz?.streams === 0 && (jsz.meta_cluster?.leader ?? "") === "",
  );
  return isNew && peers.length > 1 ? reports.flatMap(({ name }) => name ?? []) : [];
}

/** Name of the meta leader, as far as any of the servers knows it. */
export async function metaLeader(peers: readonly string[]): Promise<string | undefined> {
  const answers = await Promise.all(peers.map((peer) => askMonitoring<Jsz>(`${peer}/jsz`)));
  return answers.map((jsz) => jsz?.meta_cluster?.leader).find((leader) => leader);
}

/**
 * Why a server calls itself unhealthy, in its own words; `undefined` where it does not, or does not
 * answer at all.
 *
 * @param path - `/healthz` with the question that its probe asks
 */
export async function healthError(address: string, path: string): Promise<string | undefined> {
  return (await askMonitoring<Healthz>(`${address}${path}`, () => true))?.error;
}

/** Names of the servers that a server has a route to; `undefined` where it does not answer. */
export async function routesOf(address: string): Promise<ReadonlySet<string> | undefined> {
  const answer = await askMonitoring<Routez>(`${address}/routez`);
  return answer && new Set((answer.routes ?? []).flatMap(({ remote_name }) => remote_name ?? []));
}

/** Whether every server of a cluster answers. */
export async function allAnswer(peers: readonly string[]): Promise<boolean> {
  return (await Promise.all(peers.map(varz))).every((one) => one !== undefined);
}

/** Waits until a cluster is settled. Returns the reason why it is not, if time runs out. */
export async function waitSettled(
  peers: readonly string[],
  within: number,
): Promise<string | undefined> {
  const deadline = Date.now() + within;
  for (;;) {
    const reason = await unsettled(peers);
    if (reason === undefined || Date.now() > deadline) {
      return reason;
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
