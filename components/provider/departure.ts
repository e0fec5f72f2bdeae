import { setTimeout } from "node:timers/promises";
import { called, type HeldAsset, heldBy, listed, nextMoves } from "../jetstream/departure";
import { UserError } from "../user-error";
import { type Holdings, holdings, type MetaGroup, metaGroup } from "./cluster-holdings";
import type { ClusterLink } from "./cluster-link";
import { API_ERRORS, ApiError, isApiError, isTransient, wordsOf } from "./faults";
import type { SystemAccount } from "./system-account";

const PAUSE = 500;
const ASK_TIMEOUT = 10_000;
/** The server's own page of STREAM.NAMES. */
const NAMES_PAGE = 1024;

/** A cluster that servers leave. */
export interface Departing {
  readonly link: ClusterLink;
  readonly system: SystemAccount;
  /** Names of the servers that stay. */
  readonly staying: readonly string[];
  /** How long nothing may get better before it is given up. */
  readonly stallSeconds: number;
  /** Ends a server for good, and returns when it has ended. One that has ended is left as it is. */
  stop(server: string): Promise<void>;
  /** Shows a line of progress. */
  tell(line: string): void;
}

/** How far a step is: `undefined` where it is done, or why it is not. */
type Attempt = () => Promise<{ readonly waits: string; readonly progress: string } | undefined>;

/**
 * Lets servers leave a cluster one after the other: their streams move to others, the meta leader
 * goes elsewhere, the server ends, and the others forget it. One at a time, because the server that
 * gets a replica is NATS's choice: it could be another one that is to leave, and that one has its
 * turn. All of it is read from the live cluster, so it goes on where it was interrupted.
 *
 * @param leaving - names of servers, in the order in which they go
 */
export async function depart(cluster: Departing, leaving: readonly string[]): Promise<void> {
  const { staying } = cluster;
  for (const [index, server] of leaving.entries()) {
    const others = [...staying, ...leaving.slice(index + 1)];
    await moveStreams(cluster, server, others);
    await moveMetaLeader(cluster, server);
    cluster.tell(`${server} holds nothing any more: it ends`);
    await cluster.stop(server);
    await forget(cluster, server);
    await agreed(cluster, server);
    cluster.tell(`${server} has left; the cluster is ${others.length} servers`);
  }
}

async function moveStreams(
  cluster: Departing,
  server: string,
  others: readonly string[],
): Promise<void> {
  const refusals = new Map<string, string>();
  let told: string | undefined;
  await until(cluster, `${server} still holds streams`, async () => {
    const group = await knownGroup(cluster.system);
    const asked = [server, ...others].filter((name) => group.members.includes(name));
    const found = await holdings(cluster.system, asked);
    await refuseUnseen(cluster, server, found, group);
    const left = heldBy(found.assets, server);
    if (left.length === 0) {
      return undefined;
    }
    const names = listed(left.map(called));
    if (names !== told) {
      cluster.tell(`moving off ${server}: ${names}`);
      told = names;
    }
    for (const asset of nextMoves(left, server)) {
      await move(cluster, asset, server, refusals);
    }
    const words = left.flatMap((asset) => refusals.get(called(asset)) ?? []);
    const reason = words.length === 0 ? "" : ` (the servers say "${words[0]}")`;
    return { waits: `${names}${reason}`, progress: `${left.length} ${found.copied}` };
  });
}

/**
 * A server that is asked and says nothing may hold what nobody else does. Only one that its cluster
 * does not hear either has ended, and then every stream must be somewhere else.
 */
async function refuseUnseen(
  { link, staying }: Departing,
  server: string,
  { silent, assets }: Holdings,
  { members, offline }: MetaGroup,
): Promise<void> {
  const outside = staying.filter((name) => !members.includes(name));
  const unheard = silent.filter((name) => staying.includes(name) || !offline.includes(name));
  const missing = [...outside, ...unheard];
  if (missing.length > 0) {
    throw new Waiting(`${missing.join(", ")} ${missing.length === 1 ? "does" : "do"} not answer`);
  }
  if (members.includes(server) && !silent.includes(server)) {
    return;
  }
  const seen = new Set(assets.map(({ stream }) => stream));
  const unseen = (await streamNames(link)).filter((name) => !seen.has(name));
  if (unseen.length > 0) {
    throw new UserError(
      `${server} is away, and no server shows ${listed(unseen)}: ${server} may hold the only replica. Bring it back and run the command again, or delete what is not needed.`,
    );
  }
}

async function streamNames(link: ClusterLink): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const { streams } = await link.ask<{ streams?: readonly string[] | null }>(
      "$JS.API.STREAM.NAMES",
      { offset: found.length },
      ASK_TIMEOUT,
    );
    const page = streams ?? [];
    found.push(...page);
    if (page.length < NAMES_PAGE) {
      return found;
    }
  }
}

/**
 * The servers add a replica elsewhere, wait until it is current, and only then give up the one that
 * is to go: a stream never has fewer replicas than before.
 */
async function move(
  { system }: Departing,
  asset: HeldAsset,
  server: string,
  refusals: Map<string, string>,
): Promise<void> {
  try {
    const subject = `$JS.API.ACCOUNT.STREAM.MOVE.${asset.account}.${asset.stream}`;
    await system.ask(subject, { server }, ASK_TIMEOUT);
    refusals.delete(called(asset));
  } catch (error) {
    const { moveInProgress, reconfigured, peerNotMember } = API_ERRORS;
    const isUnderWay = [moveInProgress, reconfigured, peerNotMember].some((code) =>
      isApiError(error, code),
    );
    if (!isUnderWay && !(error instanceof ApiError) && !isTransient(error)) {
      throw error;
    }
    if (!isUnderWay) {
      refusals.set(called(asset), wordsOf(error));
    }
  }
}

/** No leader that has to go, and every other server current: then one may end. */
async function moveMetaLeader(cluster: Departing, server: string): Promise<void> {
  await until(cluster, `${server} cannot end yet`, async () => {
    const group = await knownGroup(cluster.system);
    if (group.leader === server) {
      await cluster.system.ask("$JS.API.META.LEADER.STEPDOWN", undefined, ASK_TIMEOUT);
      return { waits: "it is the meta leader", progress: "" };
    }
    return behind(cluster, group, server);
  });
}

async function forget({ system, ...rest }: Departing, server: string): Promise<void> {
  await until(rest, `the others still count on ${server}`, async () => {
    const { members } = await knownGroup(system);
    if (!members.includes(server)) {
      return undefined;
    }
    await system.ask("$JS.API.SERVER.REMOVE", { peer: server }, ASK_TIMEOUT);
    return { waits: "its removal is being agreed on", progress: "" };
  });
}

async function agreed(cluster: Departing, server: string): Promise<void> {
  await until(cluster, `${server} has left and the others are not in order`, async () =>
    behind(cluster, await knownGroup(cluster.system), server),
  );
}

/** Who of the others is not current. One that is to leave as well may have ended already. */
function behind(
  { staying }: Departing,
  { members, late, offline }: MetaGroup,
  server: string,
): Awaited<ReturnType<Attempt>> {
  const missing = staying.filter((name) => !members.includes(name));
  const slow = late.filter(
    (name) => name !== server && (staying.includes(name) || !offline.includes(name)),
  );
  const names = [...missing, ...slow].join(", ");
  return names === ""
    ? undefined
    : { waits: `${names} not current in the meta group`, progress: names };
}

async function knownGroup(system: SystemAccount): Promise<MetaGroup> {
  const group = await metaGroup(system);
  if (group === undefined) {
    throw new Waiting("there is no meta leader");
  }
  return group;
}

/** What passes by itself. */
class Waiting extends Error {}

/** Tries until it is done. Time runs anew whenever something gets better. */
async function until(
  { link, stallSeconds }: Pick<Departing, "link" | "stallSeconds">,
  what: string,
  attempt: Attempt,
): Promise<void> {
  let best: string | undefined;
  let since = Date.now();
  for (;;) {
    const state = await attempt().catch((error: unknown) => {
      if (error instanceof UserError) {
        throw error;
      }
      if (!(error instanceof Waiting) && !(error instanceof ApiError) && !isTransient(error)) {
        throw error;
      }
      return { waits: wordsOf(error), progress: best ?? "" };
    });
    if (state === undefined) {
      return;
    }
    if (state.progress !== best) {
      best = state.progress;
      since = Date.now();
    }
    if (Date.now() - since > stallSeconds * 1_000) {
      throw new UserError(
        `${what}, and nothing has changed for ${stallSeconds} s at ${link.where}: ${state.waits}. Nothing is lost: mend that and run the command again, which goes on from here.`,
      );
    }
    await setTimeout(PAUSE);
  }
}
