import { type Capacity, type Plan, type Reservation, reservedBytes } from "./capacity";
import type { StreamSettings } from "./stream-fields";

/** A stream of the cluster, and the servers that hold its replicas, its leader first. */
export interface PlacedStream {
  readonly settings: StreamSettings;
  readonly servers: readonly string[];
}

/**
 * What every server has reserved, and what it would have once the declared streams are as they are
 * declared. A replica that is there stays where it is; one more goes to the server with the most
 * room, as the server's own placement does. Streams that others declare count as they are.
 */
export function planOnLive(
  live: readonly PlacedStream[],
  declared: readonly StreamSettings[],
  capacity: Capacity,
): { readonly before: Plan; readonly after: Plan }[] {
  return (["file", "memory"] as const).map((storage) => {
    const ofStorage = ({ settings }: PlacedStream) => settings.storage === storage;
    const limit = storage === "file" ? capacity.maxFileStore : capacity.maxMemoryStore;
    const wanted = new Map(declared.map((settings) => [settings.name, settings]));
    const others = live.filter(({ settings }) => !wanted.has(settings.name)).filter(ofStorage);
    const before = new Ledger(capacity.servers);
    for (const { settings, servers } of live.filter(ofStorage)) {
      before.add(servers, reservedBytes(settings));
    }
    const after = new Ledger(capacity.servers);
    for (const { settings, servers } of others) {
      after.add(servers, reservedBytes(settings));
    }
    const mine = declared.filter((settings) => settings.storage === storage);
    const there = new Map(live.filter(ofStorage).map((one) => [one.settings.name, one.servers]));
    // What is placed already is counted first: only the rest looks for room.
    for (const settings of mine) {
      after.add(kept(settings, there), reservedBytes(settings));
    }
    for (const settings of mine) {
      const stays = kept(settings, there);
      const more = Number(settings.replicas) - stays.length;
      after.add(after.roomiest(more, stays), reservedBytes(settings));
    }
    return { before: before.plan(storage, limit), after: after.plan(storage, limit) };
  });
}

/** The servers that have more reserved than they may, and more than before. */
export function overfull(before: Plan, after: Plan): Reservation[] {
  const was = new Map(before.reservations.map(({ server, reserved }) => [server, reserved]));
  return after.reservations.filter(
    ({ server, reserved, limit }) => reserved > limit && reserved > (was.get(server) ?? 0n),
  );
}

function kept(
  { name, replicas }: StreamSettings,
  there: ReadonlyMap<unknown, readonly string[]>,
): readonly string[] {
  return (there.get(name) ?? []).slice(0, Number(replicas));
}

/** The bytes that each server has reserved. */
class Ledger {
  private readonly reserved: Map<string, bigint>;

  constructor(servers: readonly string[]) {
    this.reserved = new Map(servers.map((server) => [server, 0n]));
  }

  add(servers: readonly string[], bytes: bigint): void {
    for (const server of servers) {
      this.reserved.set(server, (this.reserved.get(server) ?? 0n) + bytes);
    }
  }

  roomiest(count: number, except: readonly string[]): string[] {
    return [...this.reserved]
      .filter(([server]) => !except.includes(server))
      .sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0))
      .slice(0, Math.max(0, count))
      .map(([server]) => server);
  }

  plan(storage: "file" | "memory", limit: bigint): Plan {
    const reservations = [...this.reserved].map(([server, reserved]) => ({
      server,
      reserved,
      limit,
    }));
    return { storage, reservations, fits: reservations.every((one) => one.reserved <= limit) };
  }
}
