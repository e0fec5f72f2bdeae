import type { Jsz, RaftGroup, Replica, StreamDetail } from "../backup/answers";
import type { HeldAsset, HeldReplica, ServerRoom } from "../jetstream/departure";
import { isReconfigured, replicaServers } from "../jetstream/replica-agreement";
import type { SystemAccount } from "./system-account";

/** With thousands of streams and consumers a server takes its time. */
const LOOK_TIMEOUT = 8_000;
const GROUP_TIMEOUT = 3_000;

/** The servers of a JetStream cluster, as its meta leader knows them. */
export interface MetaGroup {
  readonly leader: string;
  readonly members: readonly string[];
  /** Members that the leader does not hear, or that are behind. */
  readonly late: readonly string[];
  /** Members that the leader does not hear. */
  readonly offline: readonly string[];
}

/** What the servers of a cluster hold, of all accounts. */
export interface Holdings {
  readonly assets: readonly HeldAsset[];
  readonly rooms: readonly ServerRoom[];
  /** Who of those that were asked gave no answer. */
  readonly silent: readonly string[];
  /** Bytes in new replicas of streams that move: they grow until they are current. */
  readonly copied: number;
}

/** Who belongs to the cluster; `undefined` where nobody leads it. */
export async function metaGroup(system: SystemAccount): Promise<MetaGroup | undefined> {
  const answers = await system.gather<Jsz>(
    "$SYS.REQ.SERVER.PING.JSZ",
    { leader_only: true },
    "one",
    GROUP_TIMEOUT,
  );
  const group = [...answers.values()][0]?.meta_cluster;
  if (group?.leader === undefined || group.leader === "") {
    return undefined;
  }
  const { leader, replicas = [] } = group;
  const names = (peers: readonly Replica[]) => peers.map(({ name }) => name);
  return {
    leader,
    members: [leader, ...names(replicas)],
    late: names(replicas.filter(({ current, offline }) => !current || offline === true)),
    offline: names(replicas.filter(({ offline }) => offline === true)),
  };
}

/** Asks servers what they hold. */
export async function holdings(
  system: SystemAccount,
  servers: readonly string[],
): Promise<Holdings> {
  const answers = await system.gather<Jsz>(
    "$SYS.REQ.SERVER.PING.JSZ",
    { accounts: true, streams: true, consumer: true, config: true },
    new Set(servers),
    LOOK_TIMEOUT,
  );
  const streams = new Map<string, { account: string; views: Map<string, StreamDetail> }>();
  for (const [server, { account_details: accounts = [] }] of answers) {
    for (const { name: account, stream_detail: details = [] } of accounts) {
      for (const detail of details) {
        const key = `${account} ${detail.name}`;
        const known = streams.get(key) ?? { account, views: new Map() };
        known.views.set(server, detail);
        streams.set(key, known);
      }
    }
  }
  const found = [...streams.values()].map(({ account, views }) => heldAsset(account, views));
  return {
    assets: found.map(({ asset }) => asset),
    rooms: [...answers].map(([server, { config }]) => ({
      server,
      file: BigInt(config?.max_storage ?? 0),
      memory: BigInt(config?.max_memory ?? 0),
    })),
    silent: servers.filter((server) => !answers.has(server)),
    copied: found.reduce((sum, { copied }) => sum + copied, 0),
  };
}

function heldAsset(
  account: string,
  views: ReadonlyMap<string, StreamDetail>,
): { readonly asset: HeldAsset; readonly copied: number } {
  const detail = chosen(views);
  const { config, state } = detail;
  const names = [...views.values()].flatMap(({ consumer_detail: own = [] }) =>
    own.map(({ name }) => name),
  );
  const held = replicasOf(views);
  const late = held.filter(({ isCurrent }) => !isCurrent).map(({ server }) => server);
  const limit = config?.max_bytes ?? 0;
  const replicas = config?.num_replicas ?? 1;
  const groups = [...views.values()].map(({ cluster }) => cluster);
  const isMoving = held.length > replicas || groups.some(isReconfigured);
  return {
    asset: {
      account,
      stream: detail.name,
      replicas,
      storage: config?.storage === "memory" ? "memory" : "file",
      bytes: BigInt(limit > 0 ? limit : (state?.bytes ?? 0)),
      held,
      isMoving,
      consumers: [...new Set(names)].map((name) =>
        replicasOf(
          new Map(
            [...views].flatMap(([server, { consumer_detail: own = [] }]) => {
              const one = own.find((consumer) => consumer.name === name);
              return one === undefined ? [] : [[server, one] as const];
            }),
          ),
        ),
      ),
    },
    copied: isMoving
      ? late.reduce((sum, server) => sum + (views.get(server)?.state?.bytes ?? 0), 0)
      : 0,
  };
}

/** Only a leader knows who is current; without its word nobody is. */
function replicasOf(views: ReadonlyMap<string, { readonly cluster?: RaftGroup }>): HeldReplica[] {
  const leads = [...views].find(([server, { cluster }]) => cluster?.leader === server);
  if (leads !== undefined) {
    const [leader, { cluster }] = leads;
    return [
      { server: leader, isCurrent: true },
      ...(cluster?.replicas ?? []).map(({ name, current, offline }) => ({
        server: name,
        isCurrent: current && offline !== true,
      })),
    ];
  }
  const named = [...views].flatMap(([server, { cluster }]) => [server, ...replicaServers(cluster)]);
  return [...new Set(named)].map((server) => ({ server, isCurrent: false }));
}

function chosen(views: ReadonlyMap<string, StreamDetail>): StreamDetail {
  const leads = [...views].find(([server, { cluster }]) => cluster?.leader === server);
  const [view] = leads === undefined ? [...views.values()] : [leads[1]];
  if (view === undefined) {
    throw new Error("a stream that no server shows");
  }
  return view;
}
