import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { askMonitoring } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import type { Cluster } from "../cluster/cluster";
import type { View } from "../split-brain/views";
import type { Observation } from "./observation";
import { askAllServers } from "./system-reader";

interface Routez {
  readonly server_id: string;
  readonly server_name?: string;
  readonly routes?: readonly { readonly remote_id: string; readonly remote_name?: string }[];
}

/** What every server sees of the others: routes, and whom it takes for the meta leader. */
export async function readViews(cluster: Cluster, observation: Observation): Promise<View[]> {
  const routez = await readRoutez(cluster);
  return observation.servers.map(({ name, varz, jsz }) => {
    const routes = routez.get(varz?.server_id ?? "")?.routes ?? [];
    const leader = jsz?.meta_cluster?.leader;
    return {
      server: name,
      answers: varz !== undefined,
      routes: [
        ...new Set(
          routes.map((route) => route.remote_name ?? nameOf(route.remote_id, observation)),
        ),
      ],
      ...(leader === undefined || leader === "" ? {} : { metaLeader: leader }),
    };
  });
}

function nameOf(id: string, { servers }: Observation): string {
  return servers.find(({ varz }) => varz?.server_id === id)?.name ?? id;
}

async function readRoutez(cluster: Cluster): Promise<ReadonlyMap<string, Routez>> {
  if (cluster.monitoring.length > 0 || cluster.system === undefined) {
    const answers = await Promise.all(
      cluster.monitoring.map((address) => askMonitoring<Routez>(`${address}/routez`)),
    );
    return new Map(answers.flatMap((one) => (one === undefined ? [] : [[one.server_id, one]])));
  }
  const connection = await openConnection(cluster.system);
  try {
    const replies = await askAllServers<Routez>(
      connection,
      "ROUTEZ",
      {},
      cluster.declared?.servers,
    );
    return new Map([...replies].flatMap(([id, { data }]) => (data ? [[id, data] as const] : [])));
  } finally {
    await connection.close();
  }
}
