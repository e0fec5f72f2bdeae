import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { Unreachable } from "@tfdc/pulumi-nats/internal/provider/faults";
import { describeAccess } from "@tfdc/pulumi-nats/internal/provider/kubernetes/kube-client";
import type { Cluster } from "../cluster/cluster";
import { UsageError } from "../usage-error";
import { certificateEnd } from "./certificate";
import { readMonitoring } from "./monitoring-reader";
import { answering, type Observation, type ServerObservation } from "./observation";
import { readSystemAccount } from "./system-reader";

/** Everything that is known of streams, with their consumers. */
const EVERYTHING = { accounts: true, streams: true, consumers: true, config: true } as const;

/**
 * Asks all servers of a cluster at once: over their monitoring addresses where these are known, and
 * through the system account otherwise.
 */
export async function observe(cluster: Cluster): Promise<Observation> {
  const servers = await readServers(cluster);
  const observation = { servers: await withCertificates(servers, cluster) };
  if (answering(observation).length === 0) {
    throw new Unreachable(
      `cluster '${cluster.name}' at ${whereOf(cluster)}`,
      "no server answers",
      cluster.processes === undefined
        ? "check that the servers run and that this machine reaches them"
        : `start them with: npm run local -- up -s ${cluster.stack}`,
    );
  }
  return observation;
}

async function readServers(cluster: Cluster): Promise<ServerObservation[]> {
  if (cluster.monitoring.length > 0) {
    return readMonitoring(cluster.monitoring, EVERYTHING);
  }
  if (cluster.system === undefined) {
    throw new UsageError(
      `the servers of '${cluster.name}' cannot be asked how they are: name their monitoring addresses with --monitoring, or a user of the system account with --system-user and --system-password-file.`,
    );
  }
  const connection = await openConnection(cluster.system);
  try {
    const { declared } = cluster;
    return await readSystemAccount(connection, EVERYTHING, declared?.servers);
  } finally {
    await connection.close();
  }
}

/** Only servers with TLS have a certificate, and their client ports are in the order of monitoring. */
async function withCertificates(
  servers: readonly ServerObservation[],
  { connection: { servers: addresses = [] }, monitoring }: Cluster,
): Promise<ServerObservation[]> {
  const isPaired = monitoring.length === addresses.length;
  return Promise.all(
    servers.map(async (server, index) => {
      const address = isPaired ? addresses[index] : undefined;
      return address === undefined || server.varz?.tls_required !== true
        ? server
        : { ...server, certificateEnds: await certificateEnd(address) };
    }),
  );
}

function whereOf({ connection: { servers = [], kubernetes }, monitoring }: Cluster): string {
  if (monitoring.length > 0) {
    return monitoring.join(", ");
  }
  return kubernetes === undefined ? servers.join(", ") : describeAccess(kubernetes);
}
