import type { StreamInfo } from "@nats-io/jetstream";
import type { ClusterCapacity } from "../connection-args";
import { capacityTable, reservedBytes } from "../jetstream/capacity";
import { overfull, type PlacedStream, planOnLive } from "../jetstream/live-capacity";
import { ownerOf } from "../jetstream/ownership";
import type { StreamSettings } from "../jetstream/stream-fields";
import { fromWire } from "../jetstream/stream-settings";
import { parseSize } from "../jetstream/units";
import { showUnknown, unknownSettings } from "../jetstream/unknown-settings";
import type { Streams } from "./live-streams";
import { called } from "./removal";

/** The streams that carry no owner's mark and are not about to get one: nobody's code has them. */
export function unmanagedStreams(live: Streams, declared: readonly string[]): string[] {
  return [...live.values()]
    .filter((info) => ownerOf(settingsOf(info).metadata) === undefined)
    .map(({ config }) => config.name)
    .filter((name) => !declared.includes(name))
    .sort();
}

/** What live streams of these names have that the field table does not know, one line a stream. */
export function strangeSettings(live: Streams, names: readonly string[]): string[] {
  return [...names].sort().flatMap((name) => {
    const found = unknownSettings((live.get(name)?.config ?? {}) as Record<string, unknown>);
    return found.length === 0 ? [] : [`${called(name)}: ${found.map(showUnknown).join(", ")}`];
  });
}

/**
 * Why the declared streams do not fit the live cluster, where what others have reserved counts.
 * Only what the declaration adds is held against it.
 *
 * @param declared - every declared stream that is known
 * @param leaving - names of streams that are about to be deleted
 */
export function capacityReasons(
  where: string,
  live: Streams,
  declared: readonly StreamSettings[],
  leaving: ReadonlySet<string>,
  capacity: ClusterCapacity,
): string[] {
  const staying = [...live.values()].filter(({ config }) => !leaving.has(config.name));
  const placed = staying.map((info) => placedStream(info, capacity));
  const offered = {
    servers: capacity.servers,
    maxFileStore: parseSize(capacity.maxFileStore) ?? 0n,
    maxMemoryStore: parseSize(capacity.maxMemoryStore) ?? 0n,
  };
  return planOnLive(placed, declared, offered).flatMap(({ before, after }) => {
    const full = overfull(before, after).map(({ server }) => server);
    if (full.length === 0) {
      return [];
    }
    const names = new Set(declared.map(({ name }) => name));
    const others = placed.filter(
      ({ settings }) =>
        !names.has(settings.name) &&
        settings.storage === after.storage &&
        reservedBytes(settings) > 0n,
    ).length;
    const limit = after.storage === "file" ? "max_file_store" : "max_memory_store";
    const theirs =
      others === 0
        ? ""
        : `, where ${others === 1 ? "one stream" : `${others} streams`} of others ${others === 1 ? "has" : "have"} reserved room, too`;
    return [
      [
        `the declared streams do not fit ${where}${theirs}: ${full.join(", ")} would have more reserved than its ${limit}`,
        capacityTable(after),
        `  lower maxBytes, raise ${limit}, or take streams away that are not needed`,
      ].join("\n"),
    ];
  });
}

function placedStream(info: StreamInfo, { servers }: ClusterCapacity): PlacedStream {
  const { cluster } = info;
  const names =
    cluster === undefined
      ? servers.slice(0, 1)
      : [cluster.leader, ...(cluster.replicas ?? []).map(({ name }) => name)];
  return {
    settings: settingsOf(info),
    servers: names.filter((name): name is string => name !== undefined && name !== ""),
  };
}

/** The settings of a live stream. */
export function settingsOf({ config }: StreamInfo): StreamSettings {
  return fromWire(config as unknown as Record<string, unknown>);
}
