import type { Problem } from "./problems";
import { formatSize } from "./units";

/** A replica of a stream, or of one of its consumers, on one server. */
export interface HeldReplica {
  readonly server: string;
  /** Whether its leader calls it current; the leader itself is. */
  readonly isCurrent: boolean;
}

/** A stream of any account, and where it is. */
export interface HeldAsset {
  readonly account: string;
  readonly stream: string;
  /** As many as it is declared with; while it moves it has more. */
  readonly replicas: number;
  readonly storage: "file" | "memory";
  /** What each replica takes of a server: `max_bytes`, or what it holds where that is not set. */
  readonly bytes: bigint;
  readonly held: readonly HeldReplica[];
  /** Whether it is on its way to other servers, or to another number of them. */
  readonly isMoving: boolean;
  /** Its consumers; each is on servers of the stream. */
  readonly consumers: readonly (readonly HeldReplica[])[];
}

/** What a server may hold. */
export interface ServerRoom {
  readonly server: string;
  readonly file: bigint;
  readonly memory: bigint;
}

/** How many streams move at once, so that a server is not busy with copies alone. */
const AT_ONCE = 4;
/** Lines of a preview. */
const LINES = 50;
/** Names in one message. */
const SHOWN = 10;

/**
 * Why servers cannot leave: a cluster of another size could not work, or what it holds has no place
 * on those that stay. Empty where they can.
 *
 * @param rooms - what each staying server may hold
 */
export function departureProblems(
  { from, to }: { readonly from: number; readonly to: number },
  assets: readonly HeldAsset[],
  rooms: readonly ServerRoom[],
): Problem[] {
  const step = `'replicas' goes from ${from} to ${to}`;
  const tooMany = assets.filter(({ replicas }) => replicas > to);
  const refuse = (reason: string) => ({ property: "replicas", reason: `${step}: ${reason}` });
  return [
    ...(tooMany.length === 0
      ? []
      : [
          refuse(
            `${tooMany.length === 1 ? "a stream has" : "streams have"} more replicas than servers would stay: ${listed(tooMany.map((one) => `${called(one)} has ${one.replicas}`))}; lower their replicas to ${to} in an update of its own, and then the servers`,
          ),
        ]),
    ...(["file", "memory"] as const).flatMap((storage) => {
      const fitting = assets.filter((one) => one.storage === storage && one.replicas <= to);
      const needed = fitting.reduce((sum, one) => sum + one.bytes * BigInt(one.replicas), 0n);
      const offered = rooms.reduce((sum, room) => sum + room[storage], 0n);
      return needed <= offered || rooms.length < to
        ? []
        : [
            refuse(
              `what the streams have reserved in ${storage} (${formatSize(needed)}, replicas counted) does not fit those that stay (${formatSize(offered)}); raise max_${storage}_store, or lower maxBytes of streams first`,
            ),
          ];
    }),
  ];
}

/** Why a cluster cannot go from one number of servers to another, whatever it holds. */
export function sizeRule(before: number, after: number): string | undefined {
  if (before === after || (before > 1 && after > before)) {
    return undefined;
  }
  if (before === 1) {
    return "a server that was alone deletes its streams when it joins a cluster";
  }
  return after === 1
    ? "a server that stays alone is no cluster any more and does not find its streams again"
    : undefined;
}

/** What has to move before these servers can go, one line a stream. */
export function departureMoves(assets: readonly HeldAsset[], leaving: readonly string[]): string[] {
  const moves = assets
    .flatMap((one) => {
      const from = one.held.map(({ server }) => server).filter((name) => leaving.includes(name));
      const size = one.replicas === 1 ? "its only replica" : `${from.length} of ${one.replicas}`;
      return from.length === 0
        ? []
        : [`${called(one)}: ${size} off ${from.sort().join(" and ")}, ${formatSize(one.bytes)}`];
    })
    .sort();
  return moves.length <= LINES
    ? moves
    : [...moves.slice(0, LINES), `and ${moves.length - LINES} more streams`];
}

/** The streams that still have something on a server, consumers included. */
export function heldBy(assets: readonly HeldAsset[], server: string): HeldAsset[] {
  return assets.filter(({ held, consumers }) =>
    [held, ...consumers].some((replicas) => replicas.some((one) => one.server === server)),
  );
}

/**
 * The streams to move off a server now. One that moves already, or whose other replicas are not all
 * current, is let alone: no stream ever misses two replicas at once.
 */
export function nextMoves(assets: readonly HeldAsset[], server: string): HeldAsset[] {
  const moving = assets.filter(({ isMoving }) => isMoving).length;
  return assets
    .filter((one) => one.held.some((replica) => replica.server === server))
    .filter((one) => isComplete(one.replicas === 1 ? one : without(one, server)))
    .slice(0, Math.max(0, AT_ONCE - moving));
}

/** A stream as if it had no replica on a server, which may be away. */
function without(asset: HeldAsset, server: string): HeldAsset {
  const elsewhere = (group: readonly HeldReplica[]) => group.filter((one) => one.server !== server);
  return {
    ...asset,
    replicas: asset.replicas - 1,
    held: elsewhere(asset.held),
    consumers: asset.consumers.map(elsewhere).filter((group) => group.length > 0),
  };
}

/** Whether a stream has all its replicas, and every one is current. */
export function isComplete({ replicas, held, isMoving, consumers }: HeldAsset): boolean {
  return (
    !isMoving &&
    held.length === replicas &&
    held.every(({ isCurrent }) => isCurrent) &&
    consumers.every((group) => group.length > 0 && group.every(({ isCurrent }) => isCurrent))
  );
}

/** A stream as a message calls it. */
export function called({ account, stream }: Pick<HeldAsset, "account" | "stream">): string {
  return `${stream} (account ${account})`;
}

/** The first of many, and how many more. */
export function listed(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
