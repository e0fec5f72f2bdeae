import { serverName } from "@tfdc/pulumi-nats/internal/jetstream/names";
import type { ConsumerDetail } from "../observe/answers";
import { UsageError } from "../usage-error";
import type { LiveStream } from "./transfer/live";

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

/** Why a stream cannot be backed up; nothing where it can. */
export function streamHindrance({ config }: LiveStream): string | undefined {
  return config.storage === "memory"
    ? `${config.name} is held in memory, and the server saves streams on disk only`
    : undefined;
}

/** The consumers that a backup of a stream does not hold, or may not. */
export function consumerHindrances(
  { config }: LiveStream,
  consumers: readonly ConsumerDetail[],
): string[] {
  const replicas = Number(config.num_replicas ?? 1);
  return consumers.flatMap(({ name, config: consumer = {} }) => {
    const own = Number(consumer.num_replicas ?? 0) || replicas;
    if (consumer.mem_storage === true) {
      return [`the consumer ${config.name} > ${name} is held in memory and is not saved`];
    }
    if (consumer.durable_name === undefined) {
      return [`the consumer ${config.name} > ${name} is ephemeral and may not be saved`];
    }
    return own === 1 && replicas > 1
      ? [
          `the consumer ${config.name} > ${name} has one replica, and is saved only where that is on the stream's leader`,
        ]
      : [];
  });
}
