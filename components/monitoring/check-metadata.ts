import type { StreamSettings } from "../jetstream/stream-fields";

/** Messages that a replica may be behind before it counts as lagging, here and in the alerts. */
export const REPLICA_LAG = 200;

/** Longest silence of a replica; a server gives up on its peers after as long. */
const REPLICA_SEEN = "10s";

/** Messages that a mirror or a source may be behind, and its longest silence, here and in the alerts. */
export const ORIGIN_LAG = 1000;
export const ORIGIN_SILENCE_SECONDS = 30;

const PREFIX = "io.nats.monitor";

/**
 * Metadata from which `nats server check stream` takes its thresholds, so that it agrees with the
 * alerts about this stream.
 */
export function streamCheckMetadata(stream: StreamSettings): Record<string, string> {
  const replicas = Number(stream.replicas);
  const origins = Array.isArray(stream.sources) ? stream.sources.length : 0;
  return {
    [`${PREFIX}.enabled`]: "true",
    // The check calls a stream of one replica broken where any number is expected.
    ...(replicas > 1
      ? {
          [`${PREFIX}.peer-expect`]: String(replicas),
          [`${PREFIX}.peer-lag-critical`]: String(REPLICA_LAG),
          [`${PREFIX}.peer-seen-critical`]: REPLICA_SEEN,
        }
      : {}),
    ...(origins > 0 ? { [`${PREFIX}.min-sources`]: String(origins) } : {}),
    ...(origins > 0 || stream.mirror !== undefined
      ? {
          [`${PREFIX}.lag-critical`]: String(ORIGIN_LAG),
          [`${PREFIX}.seen-critical`]: `${ORIGIN_SILENCE_SECONDS}s`,
        }
      : {}),
  };
}
