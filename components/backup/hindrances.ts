import type { ConsumerDetail, LiveStream } from "./answers";

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
