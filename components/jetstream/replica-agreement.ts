import type { StreamSettings } from "./stream-fields";
import { type Difference, differences, fromWire } from "./stream-settings";

/** A stream as one server holds it. */
export interface HeldStream {
  readonly name: string;
  /** When the stream was made, which all its replicas say alike. */
  readonly created: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly state?: HeldState;
  readonly cluster?: { readonly raft_group?: string };
}

/** How much of a stream a server holds. */
export interface HeldState {
  readonly messages: number;
  readonly first_seq: number;
  readonly last_seq: number;
}

/** How much one server holds of each stream, of all its accounts. */
export interface ServerHoldings {
  readonly server: string;
  readonly streams: readonly Pick<HeldStream, "name" | "state" | "cluster">[];
}

/** What one server holds, of all its accounts. */
export interface ServerStreams {
  readonly server: string;
  readonly streams: readonly HeldStream[];
}

/** A server that holds something else than the leader of a stream says. */
export interface Disagreement {
  readonly server: string;
  /** What it has otherwise; `undefined` where it does not have the stream at all. */
  readonly differences: readonly Difference[] | undefined;
}

/** The group of a stream as its leader tells it. */
interface Group {
  readonly leader?: string;
  readonly replicas?: readonly { readonly name: string; readonly pending?: boolean }[];
  readonly desired?: unknown;
}

/**
 * Whether a stream is on its way to other servers, or to another number of them. Since 2.15 a group
 * says so; before, it has more replicas meanwhile.
 */
export function isReconfigured(cluster: object | undefined): boolean {
  return (cluster as Group | undefined)?.desired !== undefined;
}

/** The servers that are to have a replica and are no members of the group yet, which 2.15 tells. */
export function pendingServers(cluster: object | undefined): string[] {
  return ((cluster as Group | undefined)?.replicas ?? [])
    .filter(({ pending }) => pending === true)
    .map(({ name }) => name);
}

/** The servers of a stream as its leader names them; none for a server on its own. */
export function replicaServers(cluster: Pick<Group, "leader" | "replicas"> | undefined): string[] {
  return [cluster?.leader, ...(cluster?.replicas ?? []).map(({ name }) => name)].filter(
    (name): name is string => name !== undefined && name !== "",
  );
}

/**
 * Which of a stream's servers hold something else than it is meant to be. The time of its creation
 * tells it from streams of other accounts that have the same name. A server that has restored or
 * recovered a stream may say another time, so one that is all that was written counts as well.
 *
 * @param servers - those of the stream; the answers of others do not count
 */
export function disagreements(
  declared: StreamSettings,
  created: string,
  servers: readonly string[],
  answers: readonly ServerStreams[],
): Disagreement[] {
  return answers
    .filter(({ server }) => servers.includes(server))
    .flatMap(({ server, streams }): Disagreement[] => {
      const namesakes = streams.filter(({ name }) => name === declared.name);
      if (namesakes.some((one) => against(one, declared).length === 0)) {
        return [];
      }
      const held = namesakes.find((one) => isSame(one, created));
      return [{ server, differences: held === undefined ? undefined : against(held, declared) }];
    })
    .sort((left, right) => (left.server < right.server ? -1 : 1));
}

/**
 * Whether a server holds as much of a stream as its leader does, and how many messages; nothing of a
 * server that did not say. A stream that was deleted, which a server may hold for some seconds more, and
 * one of another account belong to another Raft group, or to none where its Raft node has ended already.
 *
 * @param leader - what the leader holds, and of which group
 * @param mayLose - whether messages go meanwhile: then the last one tells, which comes last
 */
export function holdsAll(
  stream: string,
  leader: { readonly state: HeldState; readonly group: string | undefined },
  server: string,
  answers: readonly ServerHoldings[],
  mayLose: boolean,
): { readonly isWhole: boolean | undefined; readonly messages: number } {
  const answer = answers.find((one) => one.server === server);
  const held = (answer?.streams ?? [])
    .filter(({ name, cluster }) => name === stream && isOf(leader.group, cluster?.raft_group))
    .map(({ state }) => state ?? { messages: 0, first_seq: 0, last_seq: 0 });
  const isWhole = held.some(
    (state) =>
      state.last_seq === leader.state.last_seq &&
      (mayLose || state.messages === leader.state.messages),
  );
  return {
    isWhole: answer === undefined ? undefined : isWhole,
    messages: Math.max(0, ...held.map(({ messages }) => messages)),
  };
}

function isOf(wanted: string | undefined, group: string | undefined): boolean {
  return wanted === undefined || group === wanted;
}

function against({ config }: HeldStream, declared: StreamSettings): readonly Difference[] {
  return config === undefined ? [] : differences(fromWire(config), declared);
}

function isSame(held: HeldStream, created: string): boolean {
  return held.created === created || Date.parse(held.created) === Date.parse(created);
}
