import { isOlder } from "../jetstream/versions";
import type { ConsumerDetail, LiveStream } from "./answers";
import { ARC_SINCE } from "./archive/formats";

/** Servers whose archive is of messages save what is in memory, and every consumer, wherever it is held. */
export function savesMemory(serverVersion: string): boolean {
  return !isOlder(serverVersion, ARC_SINCE);
}

/** Why a stream cannot be backed up; nothing where it can. */
export function streamHindrance({ config }: LiveStream, serverVersion: string): string | undefined {
  return config.storage === "memory" && !savesMemory(serverVersion)
    ? `${config.name} is held in memory, and a server before 2.15 saves streams on disk only`
    : undefined;
}

/** The consumers that a backup of a stream does not hold, or may not. A server 2.15 saves them all. */
export function consumerHindrances(
  { config }: Pick<LiveStream, "config">,
  consumers: readonly ConsumerDetail[],
  serverVersion: string,
): string[] {
  if (savesMemory(serverVersion)) {
    return [];
  }
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

/**
 * The consumers that come back further behind than they are, and by how much: the snapshot of a
 * cluster of nats-server 2.15 leaves out what they have in flight.
 *
 * @param stream - of a cluster; a server alone saves all that it knows
 */
export function consumersSetBack(
  stream: Pick<LiveStream, "cluster"> & { readonly config: { readonly name: string } },
  consumers: readonly ConsumerDetail[],
  serverVersion: string,
): string[] {
  if (stream.cluster?.raft_group === undefined || !savesMemory(serverVersion)) {
    return [];
  }
  return consumers
    .filter(({ num_ack_pending }) => num_ack_pending > 0)
    .map(({ name, delivered, ack_floor: floor }) => {
      const again = delivered.consumer_seq - floor.consumer_seq;
      return `the consumer ${stream.config.name} > ${name} waits for acknowledgements, and a cluster of nats-server 2.15 or newer saves it at the last one without a gap: up to ${again} messages are delivered again after a restore, acknowledged ones among them`;
    });
}
