import { serverName } from "@tfdc/pulumi-nats/internal/jetstream/names";
import { UsageError } from "../usage-error";

/** The streams that are named, by the names of the program or of the servers; all where none is. */
export function selected<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  names: readonly string[],
  where: string,
): readonly T[] {
  if (names.length === 0) {
    return all;
  }
  const wanted = new Set(names.map(serverName));
  const found = all.filter((one) => wanted.delete(nameOf(one)));
  if (wanted.size > 0) {
    throw new UsageError(
      `${where} has no stream ${[...wanted].join(", ")}; it has ${all.map(nameOf).join(", ")}.`,
    );
  }
  return found;
}
