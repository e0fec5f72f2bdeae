import type { ConnectionArgs } from "../connection-args";
import { departureMoves, departureProblems, sizeRule } from "../jetstream/departure";
import { hasUnknown } from "../jetstream/kinds";
import type { Problem } from "../jetstream/problems";
import { type Departures, recentDepartures, returnNotes } from "../jetstream/return";
import { canonicalText } from "../jetstream/stream-settings";
import type { MembersHome } from "../nats-cluster-members";
import { UserError } from "../user-error";
import { connectionOf } from "./asset-inputs";
import { holdings, metaGroup } from "./cluster-holdings";
import { type ClusterLink, describeCluster } from "./cluster-link";
import { depart } from "./departure";
import type { CheckResult, DiffResult, DynamicProvider, Properties } from "./dynamic-provider";
import { endPod } from "./kubernetes/end-pod";
import { linkForWriting } from "./link-pool";
import { forgetSweep } from "./live-streams";
import { reached } from "./preview-question";
import { keepStackConfig } from "./stack-config";
import type { SystemAccount } from "./system-account";

/**
 * The servers of a cluster as a resource, which is registered before whatever runs them: servers
 * that are declared no more leave the cluster before they are taken away. It makes nothing.
 */
export const clusterMembers: DynamicProvider = {
  configure: async (request) => keepStackConfig(request),
  check,
  diff: async (_id, olds, news) => diff(olds, news),
  create: async (inputs) => ({ id: "members", outs: { ...inputs, moves: [], waits: [] } }),
  read: async (id, props) => {
    const extra = await reached(connectionOf(props), [], (link) => strays(link, serversOf(props)));
    const seen = { ...props, servers: [...serversOf(props), ...extra] };
    return { id, props: seen, inputs: { ...seen } };
  },
  update: async (_id, olds, news) => {
    await letLeave(olds, news);
    const now = new Date().toISOString();
    const left = Object.fromEntries(leavingOf(olds, news).map((name) => [name, now]));
    return { outs: { ...news, moves: [], waits: [], left: { ...departuresOf(news), ...left } } };
  },
  delete: async () => undefined,
};

async function check(olds: Properties, news: Properties): Promise<CheckResult> {
  const leaving = leavingOf(olds, news);
  const [from, to] = [serversOf(olds).length || serversOf(news).length, serversOf(news).length];
  const rule = sizeRule(from, to);
  const found: { problems: Problem[]; moves: string[] } =
    rule !== undefined
      ? { problems: [refusal(from, to, `${rule}; ${OTHER_COLOUR}`)], moves: [] }
      : leaving.length === 0 || hasUnknown(news.connection)
        ? { problems: [], moves: [] }
        : await judged(connectionOf(news), leaving, serversOf(news));
  const left = recentDepartures(departuresOf(olds), new Date());
  const waits = returnNotes(left, leavingOf(news, olds), new Date());
  return {
    inputs: { ...news, moves: found.moves, waits, left },
    failures: found.problems.map((one) => ({ ...one })),
  };
}

const OTHER_COLOUR = "make the other colour with it and move the streams there";

function refusal(from: number, to: number, reason: string): Problem {
  return { property: "replicas", reason: `'replicas' goes from ${from} to ${to}: ${reason}` };
}

/** What stands in the way of servers that leave, and what has to move. */
async function judged(
  connection: ConnectionArgs,
  leaving: readonly string[],
  staying: readonly string[],
): Promise<{ problems: Problem[]; moves: string[] }> {
  const size = { from: staying.length + leaving.length, to: staying.length };
  const asked = await reached(connection, undefined, async (link) => {
    const group = await metaGroup(systemOf(link));
    const members = (group?.members ?? []).filter((name) => leaving.includes(name));
    return { group, found: await holdings(systemOf(link), [...staying, ...members]) };
  });
  const { members = [], offline = [] } = asked?.group ?? {};
  const silent = asked?.found.silent ?? [];
  const unheard = [
    ...staying.filter((name) => !members.includes(name)),
    ...silent.filter((name) =>
      // One that is to leave may have ended in a run that was interrupted.
      staying.includes(name) ? members.includes(name) : !offline.includes(name),
    ),
  ];
  if (asked === undefined || unheard.length > 0) {
    const reason = `${describeCluster(connection)} cannot be asked what has to move off ${leaving.join(" and ")}: ${unheard.join(", ")} ${unheard.length === 1 ? "does" : "do"} not answer; bring it in order and run the command again`;
    return { problems: [refusal(size.from, size.to, reason)], moves: [] };
  }
  const { assets, rooms } = asked.found;
  return {
    problems: departureProblems(
      size,
      assets,
      rooms.filter(({ server }) => staying.includes(server)),
    ),
    moves: departureMoves(assets, leaving),
  };
}

function diff(olds: Properties, news: Properties): DiffResult {
  const declared = ({ connection, servers, home, stallSeconds }: Properties) =>
    canonicalText({ connection, servers, home, stallSeconds });
  return declared(olds) === declared(news) ? { changes: false } : {};
}

async function letLeave(olds: Properties, news: Properties): Promise<void> {
  const before = leavingOf(olds, news);
  if (before.length === 0) {
    return;
  }
  const staying = serversOf(news);
  const link = await linkForWriting(connectionOf(news));
  const leaving = new Set([...before, ...(await strays(link, staying))]);
  const home = news.home as MembersHome;
  await depart(
    {
      link,
      system: systemOf(link),
      staying,
      stallSeconds: Number(news.stallSeconds),
      stop: (server) => endPod(home, server, Number(news.stallSeconds)),
      tell: (line) => process.stdout.write(`${line}\n`),
    },
    [...leaving].sort((one, other) => ordinalOf(other) - ordinalOf(one)),
  );
  // The streams are elsewhere now than a refresh has found them.
  forgetSweep(link);
}

/** Servers of this colour that the cluster counts on and nobody declares: some that have not left. */
async function strays(link: ClusterLink, declared: readonly string[]): Promise<string[]> {
  if (link.system === undefined) {
    return [];
  }
  const family = familyOf(declared[0] ?? "");
  const group = await metaGroup(link.system);
  return (group?.members ?? [])
    .filter((name) => familyOf(name) === family && !declared.includes(name))
    .sort();
}

/** Name of a server without its number. */
function familyOf(name: string): string {
  return name.replace(/-\d+$/, "");
}

function ordinalOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}

function leavingOf(olds: Properties, news: Properties): string[] {
  const stays = serversOf(news);
  return serversOf(olds).filter((name) => !stays.includes(name));
}

/** When servers have left that NATS would not let in again yet. A refresh brings it to the inputs. */
function departuresOf({ left }: Properties): Departures {
  return (left ?? {}) as Departures;
}

function systemOf({ system, where }: ClusterLink): SystemAccount {
  if (system === undefined) {
    throw new UserError(
      `${where} has no user of the system account in its connection, which letting servers leave takes.`,
    );
  }
  return system;
}

function serversOf(props: Properties): readonly string[] {
  return (props.servers ?? []) as readonly string[];
}
