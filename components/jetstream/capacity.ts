import type { StreamSettings } from "./stream-fields";
import { formatSize, parseSize, UNLIMITED } from "./units";

/** What the servers of a cluster offer. */
export interface Capacity {
  readonly servers: readonly string[];
  readonly maxFileStore: bigint;
  readonly maxMemoryStore: bigint;
}

/** What one server would have reserved. */
export interface Reservation {
  readonly server: string;
  readonly reserved: bigint;
  readonly limit: bigint;
}

/** What a set of streams asks of every server, for one sort of storage. */
export interface Plan {
  readonly storage: "file" | "memory";
  readonly reservations: readonly Reservation[];
  readonly fits: boolean;
}

/**
 * Places streams on servers as the server's placement does: every replica reserves the stream's
 * full `maxBytes` on a server of its own, the servers with the most room first. A stream without
 * `maxBytes` reserves nothing. Where replicas equals servers this is exact; below that it is the
 * placement that an empty cluster would choose.
 */
export function planCapacity(streams: readonly StreamSettings[], capacity: Capacity): Plan[] {
  return (["file", "memory"] as const).map((storage) => {
    const limit = storage === "file" ? capacity.maxFileStore : capacity.maxMemoryStore;
    const reserved = new Map(capacity.servers.map((server) => [server, 0n]));
    for (const stream of streams.filter((one) => one.storage === storage)) {
      const roomiest = [...reserved.entries()].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
      for (const [server, before] of roomiest.slice(0, Number(stream.replicas))) {
        reserved.set(server, before + reservedBytes(stream));
      }
    }
    const reservations = [...reserved].map(([server, bytes]) => ({
      server,
      reserved: bytes,
      limit,
    }));
    return { storage, reservations, fits: reservations.every((one) => one.reserved <= limit) };
  });
}

/** The bytes that one replica of a stream reserves. */
export function reservedBytes({ maxBytes }: StreamSettings): bigint {
  return maxBytes === undefined || maxBytes === UNLIMITED
    ? 0n
    : (parseSize(String(maxBytes)) ?? 0n);
}

/** The plan as a table, one line a server, for a message. */
export function capacityTable({ storage, reservations }: Plan): string {
  const limitName = storage === "file" ? "max_file_store" : "max_memory_store";
  const rows = [
    ["server", "reserved", limitName, ""],
    ...reservations.map(({ server, reserved, limit }) => [
      server,
      formatSize(reserved),
      formatSize(limit),
      reserved > limit ? `${formatSize(reserved - limit)} too much` : "fits",
    ]),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    )
    .join("\n");
}
