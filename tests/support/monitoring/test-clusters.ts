import { checkAssets, type Declarations } from "../../../components/jetstream/assets-check";
import type { MonitoredCluster } from "../../../components/monitoring/monitored-cluster";
import { buckets, streams } from "../../../topology";

/** Where the runbooks of the tests are. */
export const RUNBOOKS = "https://runbooks.example.com";

/** Declarations beside the platform's: at a limit these lose something, and some copy others. */
export const BOUNDED: Declarations = {
  copy: { mirror: { name: "metrics_v1" }, replicas: 3 },
  gathered: { sources: [{ name: "alerts_v1" }], replicas: 3 },
  jobs: { retention: "workqueue", maxMsgs: 1000, replicas: 3 },
  orders: { discard: "new", maxBytes: "1GiB", replicas: 3 },
};

/** A colour with the platform's streams and buckets, and whatever else a test wants. */
export function colour(
  color: "blue" | "green",
  more: Partial<MonitoredCluster> & { readonly streams?: Declarations } = {},
): MonitoredCluster {
  const { streams: added, ...rest } = more;
  const { assets, problems } = checkAssets(
    { ...streams, ...added } as Declarations,
    buckets as Declarations,
  );
  if (problems.length > 0) {
    throw new Error(problems.map(({ reason }) => reason).join("\n"));
  }
  return { name: `nats-${color}`, color, namespace: "tfdc", servers: 3, assets, ...rest };
}
