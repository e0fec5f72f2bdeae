import type { DeletionPolicy } from "../asset-options";
import type { ClusterCapacity, ConnectionArgs } from "../connection-args";
import { hasUnknown } from "../jetstream/kinds";
import { replicaServers } from "../jetstream/replica-agreement";
import { canonicalText } from "../jetstream/stream-settings";
import { versionChangeNote } from "../jetstream/version-change";
import { UserError } from "../user-error";
import { connectionOf, forcedDeletionPolicy } from "./asset-inputs";
import type { ClusterLink } from "./cluster-link";
import type { CheckResult, DiffResult, DynamicProvider, Properties } from "./dynamic-provider";
import { capacityReasons, settingsOf, strangeSettings, unmanagedStreams } from "./guard-findings";
import { linkForWriting } from "./link-pool";
import { listStreams, type Streams, sweptStreams } from "./live-streams";
import { noteOf } from "./preview-notes";
import { reached } from "./preview-question";
import { called, removalReason } from "./removal";
import { versionLeftFor } from "./running-versions";
import { keepStackConfig } from "./stack-config";

/** The assets of a guard: the names of their streams, each with its policy. */
type Guarded = Readonly<Record<string, DeletionPolicy>>;

/** The property under which the state keeps what was said of a version that did not come. */
const TOLD = "toldVersionChange";

/**
 * A resource that stands for no object of a server. It is registered after its assets, so that a
 * preview shows all of them and then refuses all at once; and it is deleted before them, so that a
 * destroy is refused before anything of theirs is gone.
 */
export const guardProvider: DynamicProvider = {
  configure: async (request) => keepStackConfig(request),
  check,
  diff: async (_id, olds, news) => diff(olds, news),
  create: async (inputs) => ({ id: "guard", outs: arrived(inputs) }),
  update: async (_id, _olds, news) => ({ outs: arrived(news) }),
  read: async (id, props) => {
    const { unknownSettings, unmanaged, ...rest } = props;
    const last = { unmanaged, ...(unknownSettings === undefined ? {} : { unknownSettings }) };
    const seen = await reached<Properties>(connectionOf(props), last, async (link) =>
      seenIn(await sweptStreams(link), Object.keys(assetsOf(props))),
    );
    const live = { ...rest, ...seen };
    return { id, props: live, inputs: { ...live } };
  },
  delete: async (_id, props) => refuseRemovals(props),
};

/** What is there beside the declarations. */
function seenIn(
  live: Streams,
  declared: readonly string[],
  leaving: readonly string[] = [],
): Properties {
  const strange = strangeSettings(live, declared);
  return {
    unmanaged: unmanagedStreams(live, [...declared, ...leaving]),
    ...(strange.length === 0 ? {} : { unknownSettings: strange }),
  };
}

async function check(olds: Properties, news: Properties): Promise<CheckResult> {
  if (hasUnknown(news.connection) || hasUnknown(news.assets)) {
    return { inputs: { ...news, unmanaged: [] }, failures: [] };
  }
  const connection = connectionOf(news);
  const names = Object.keys(assetsOf(news));
  const refused = names.flatMap((name) =>
    (noteOf(connection, name)?.reasons ?? []).map((reason) => `${called(name)}: ${reason}`),
  );
  const live = await reached(connection, undefined, async (link) => {
    const streams = await sweptStreams(link);
    const removed = removedFrom(olds, news);
    return {
      reasons: [
        ...removals(link, removed, streams),
        ...capacityProblems(link, olds, news, streams, new Set(Object.keys(removed))),
      ],
      seen: seenIn(streams, names, Object.keys(assetsOf(olds))),
      versionChange: await versionChange(link, news, streams),
    };
  });
  const reasons = [...refused, ...(live?.reasons ?? [])];
  return {
    inputs: {
      ...news,
      ...(live?.seen ?? { unmanaged: [] }),
      ...(live?.versionChange === undefined ? {} : { versionChange: live.versionChange }),
    },
    failures: reasons.map((reason) => ({ property: "", reason })),
  };
}

/** What to know of a change of version; nothing once every server runs the declared one. */
async function versionChange(
  link: ClusterLink,
  news: Properties,
  live: Streams,
): Promise<string | undefined> {
  const capacity = news.capacity as ClusterCapacity | undefined;
  if (capacity === undefined || hasUnknown(capacity)) {
    return undefined;
  }
  const { serverVersion: coming } = capacity;
  const left = await versionLeftFor(link, coming);
  return versionChangeNote(left, coming, [...live.values()].map(settingsOf));
}

/**
 * What was made or updated has its servers: what a preview said of their version is history. Where
 * they run another one all the same, somebody else has them, and has been told once.
 */
function arrived({ versionChange, ...inputs }: Properties): Properties {
  return versionChange === undefined ? inputs : { ...inputs, [TOLD]: versionChange };
}

function capacityProblems(
  link: ClusterLink,
  olds: Properties,
  news: Properties,
  live: Streams,
  leaving: ReadonlySet<string>,
): string[] {
  const capacity = news.capacity as ClusterCapacity | undefined;
  if (capacity === undefined || hasUnknown(capacity)) {
    return [];
  }
  const declared = Object.keys(assetsOf(news)).flatMap((name) => {
    const note = noteOf(connectionOf(news), name);
    return note === undefined ? [] : [note.declared];
  });
  return [
    ...strangeServers(link, capacity, live, lastOf(olds, capacity)),
    ...capacityReasons(link.where, live, declared, leaving, capacity),
  ];
}

/** The servers that were declared last, where some of them are declared no more: those leave. */
function lastOf({ capacity }: Properties, { servers }: ClusterCapacity): readonly string[] {
  const last = (capacity as ClusterCapacity | undefined)?.servers ?? [];
  return servers.every((name) => last.includes(name)) ? last : [];
}

/**
 * A cluster has the declared name, and other servers than the declared ones: the one that answers,
 * or those that its streams are on. Servers that were declared before may be about to leave.
 */
function strangeServers(
  { where, serverName }: ClusterLink,
  { servers }: ClusterCapacity,
  live: Streams,
  leaving: readonly string[],
): string[] {
  const known = [...servers, ...leaving];
  const there = [...live.values()].flatMap(({ cluster }) => replicaServers(cluster));
  const strange = [...new Set([serverName, ...there])].filter((name) => !known.includes(name));
  return strange.length === 0
    ? []
    : [
        `${where} is not the cluster that capacity describes: ${strange.length === 1 ? "server" : "servers"} ${quoted(strange.sort())} ${strange.length === 1 ? "answers" : "answer"} there, and 'capacity.servers' names ${quoted(servers)}; correct 'servers' of the connection, or 'capacity'`,
      ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}

function diff(olds: Properties, news: Properties): DiffResult {
  const declared = ({ connection, assets, capacity }: Properties) =>
    canonicalText({ connection, assets, capacity });
  // Servers that go back from where an interrupted update had led them change nothing else here.
  const isTold = news.versionChange === undefined || news.versionChange === olds[TOLD];
  return declared(olds) === declared(news) && isTold ? { changes: false } : {};
}

/** The assets that the declaration no longer has, and that are therefore about to be deleted. */
function removedFrom(olds: Properties, news: Properties): Guarded {
  const { cluster: was } = (olds.connection ?? {}) as ConnectionArgs;
  const { cluster: is } = connectionOf(news);
  const kept = assetsOf(news);
  return was === is
    ? Object.fromEntries(Object.entries(assetsOf(olds)).filter(([name]) => !(name in kept)))
    : {};
}

async function refuseRemovals(props: Properties): Promise<void> {
  const assets = assetsOf(props);
  const forced = forcedDeletionPolicy();
  const policies = Object.values(assets).map((policy) => forced ?? policy);
  if (policies.every((policy) => policy !== "refuseIfNotEmpty")) {
    return;
  }
  const link = await linkForWriting(connectionOf(props));
  const reasons = removals(link, assets, await listStreams(link));
  if (reasons.length > 0) {
    throw new UserError(`nothing of these assets was deleted: ${reasons.join(" ")}`);
  }
}

function removals(link: ClusterLink, assets: Guarded, live: Streams): string[] {
  const forced = forcedDeletionPolicy();
  const leaving = new Set(Object.keys(assets));
  return Object.entries(assets).flatMap(([name, policy]) => {
    const info = live.get(name);
    return info === undefined
      ? []
      : (removalReason(link.where, info, forced ?? policy, live, leaving) ?? []);
  });
}

function assetsOf(props: Properties): Guarded {
  return (props.assets ?? {}) as Guarded;
}
