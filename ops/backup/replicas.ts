import { setTimeout } from "node:timers/promises";
import type { AskServers } from "@tfdc/pulumi-nats/internal/provider/backup/restored-replicas";
import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { SystemAccount } from "@tfdc/pulumi-nats/internal/provider/system-account";
import type { Cluster } from "../cluster/cluster";
import { readMonitoring } from "../observe/monitoring-reader";
import { heldStreams, type Observation } from "../observe/observation";
import { observe } from "../observe/observe";

const PATIENCE = 10_000;
const LOOK = 500;

/**
 * The streams whose replicas are not equal. A snapshot holds up deletions on the leader alone
 * before nats-server 2.12.3, so that they can drift apart while it runs.
 */
export function unequalReplicas(observation: Observation, streams: readonly string[]): string[] {
  const held = heldStreams(observation);
  return streams.filter((name) => {
    const states = (held.get(name) ?? []).map(({ state }) => state);
    // Where the last sequences differ one is only behind, which is no difference that stays.
    const isBehind = new Set(states.map(({ last_seq: last }) => last)).size > 1;
    const contents = states.map(
      (one) => `${one.messages} ${one.first_seq} ${one.num_deleted ?? 0}`,
    );
    return !isBehind && new Set(contents).size > 1;
  });
}

/** Waits until replicas are equal; the streams of which they stay unequal. */
export async function replicasApart(
  cluster: Cluster,
  streams: readonly string[],
): Promise<readonly string[]> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const apart = unequalReplicas(await observe(cluster), streams);
    if (apart.length === 0 || Date.now() > deadline) {
      return apart;
    }
    await setTimeout(LOOK);
  }
}

/**
 * Work with a way to ask every server what it holds, where there is one: the system account, or the
 * monitoring addresses.
 */
export async function askingServers<T>(
  { system, monitoring }: Cluster,
  work: (ask: AskServers | undefined) => Promise<T>,
): Promise<T> {
  if (system === undefined) {
    return work(monitoring.length === 0 ? undefined : () => monitored(monitoring));
  }
  const account = new SystemAccount(() => openConnection(system));
  try {
    return await work((servers) => account.streamsOf(servers));
  } finally {
    await account.close();
  }
}

async function monitored(addresses: readonly string[]): ReturnType<AskServers> {
  const servers = await readMonitoring(addresses, { accounts: true, streams: true });
  return servers.flatMap(({ name: server, jsz }) =>
    jsz === undefined
      ? []
      : {
          server,
          streams: (jsz.account_details ?? []).flatMap(({ stream_detail: own }) => own ?? []),
        },
  );
}
