import { type Observation, streamsByLeader } from "../observe/observation";

/** One server's turn in a roll. */
export interface Turn {
  readonly server: string;
  readonly role: "follower" | "meta leader";
  /** Streams and consumers that only this server holds: they are away while it restarts. */
  readonly alone: readonly string[];
}

/** The order of a roll: one at a time, followers first, the meta leader last. */
export function rollPlan(observation: Observation): Turn[] {
  const leader = observation.servers.find(
    ({ name, jsz }) => jsz?.meta_cluster?.leader === name,
  )?.name;
  const alone = heldAlone(observation);
  const turns = observation.servers
    .map(
      ({ name }): Turn => ({
        server: name,
        role: name === leader ? "meta leader" : "follower",
        alone: alone.get(name) ?? [],
      }),
    )
    .sort((a, b) => a.server.localeCompare(b.server, undefined, { numeric: true }));
  return [
    ...turns.filter(({ role }) => role === "follower"),
    ...turns.filter(({ role }) => role === "meta leader"),
  ];
}

function heldAlone(observation: Observation): ReadonlyMap<string, string[]> {
  const alone = new Map<string, string[]>();
  for (const { name, server, config, consumer_detail: consumers = [] } of streamsByLeader(
    observation,
  )) {
    const isSingle = Number(config?.num_replicas ?? 1) === 1;
    if (isSingle) {
      alone.set(server, [...(alone.get(server) ?? []), name]);
    }
    for (const consumer of isSingle ? [] : consumers) {
      const { leader, replicas = [] } = consumer.cluster ?? {};
      if (leader !== undefined && replicas.length === 0 && consumer.config?.num_replicas === 1) {
        alone.set(leader, [...(alone.get(leader) ?? []), `${name} > ${consumer.name}`]);
      }
    }
  }
  return alone;
}
