import { NatsMonitoring } from "@tfdc/pulumi-nats";
import type { MonitoringConfig } from "./stack-config";
import { buckets, streams } from "./topology";

/** Watches all colours: one dashboard and one set of rules, in a stack of their own. */
export function monitoring(config: MonitoringConfig) {
  const { colours, podNamespace, servers, backupMaxAge: maxAge, ...args } = config;
  new NatsMonitoring("nats", {
    ...args,
    clusters: colours.map((colour) => ({
      colour,
      namespace: podNamespace,
      servers,
      streams,
      buckets,
      ...(maxAge === undefined ? {} : { backup: { cronJob: `nats-backup-${colour}`, maxAge } }),
    })),
  });
  return { colours };
}
