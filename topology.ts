import type { KeyValueSettingsArgs, Plain, StreamSettingsArgs } from "@tfdc/pulumi-nats";

/**
 * The streams of the tFDC platform, by logical name: the same on both colours. NATS refuses dots
 * in stream names, so `metrics.v1` is `metrics_v1` on the servers.
 */
export const streams: Readonly<Record<string, Plain<StreamSettingsArgs>>> = {
  "metrics.v1": {
    subjects: ["metrics.>"],
    maxAge: "7d",
    maxMsgsPerSubject: 100_000,
    maxBytes: "50GiB",
    replicas: 3,
    duplicateWindow: "2m",
  },
  "alerts.v1": {
    subjects: ["alerts.>"],
    maxAge: "30d",
    maxMsgs: 1_000_000,
    maxBytes: "10GiB",
    replicas: 3,
    duplicateWindow: "5m",
  },
  "events.v1": {
    subjects: ["events.>"],
    maxAge: "14d",
    maxMsgs: 5_000_000,
    maxBytes: "100GiB",
    replicas: 3,
    duplicateWindow: "1m",
  },
};

/** The key-value buckets of the platform, by name: the same on both colours. */
export const buckets: Readonly<Record<string, Plain<KeyValueSettingsArgs>>> = {
  assignments_v1: { history: 10, maxValueSize: "1MiB", replicas: 3 },
  heartbeats: { history: 5, ttl: "60s", maxValueSize: "10KiB", replicas: 3 },
  workers_v1: { history: 20, maxValueSize: "100KiB", replicas: 3 },
};
