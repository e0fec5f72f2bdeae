import { METRIC_PREFIX, METRICS } from "./metric-catalogue";

/** The exporter that runs beside each server, at the version whose metrics the catalogue names. */
export const EXPORTER_IMAGE = "natsio/prometheus-nats-exporter:0.20.1";

/** Where the exporter listens, and the name of that port of the pod. */
export const EXPORTER_PORT = 7777;
export const EXPORTER_PORT_NAME = "metrics";

/**
 * Arguments of prometheus-nats-exporter: the collectors that the catalogue needs and no other.
 *
 * @param monitoring - monitoring address of the one server it reads
 */
export function exporterArguments(monitoring = "http://localhost:8222"): string[] {
  const collectors = new Set(METRICS.flatMap(({ source }) => source.flag ?? []));
  return [
    `-port=${EXPORTER_PORT}`,
    ...collectors,
    `-prefix=${METRIC_PREFIX}`,
    // The name of the server is the pod's; its ID is a new one on each start.
    "-use_internal_server_name",
    monitoring,
  ];
}
