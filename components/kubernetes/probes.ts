import type { Probe } from "./manifests";

/** What each probe asks the monitoring port. */
export const PROBE_PATHS = {
  startupProbe: "/healthz",
  readinessProbe: "/healthz?js-server-only=true",
  livenessProbe: "/healthz?js-enabled-only=true",
} as const;

function probe(path: string, periodSeconds: number, failureThreshold: number): Probe {
  return {
    httpGet: { path, port: "monitor" },
    timeoutSeconds: 5,
    periodSeconds,
    successThreshold: 1,
    failureThreshold,
  };
}

/**
 * The probes of the official chart, asked sooner. A server has a quarter of an hour to recover its
 * streams; it is ready when its own JetStream is, because readiness that waits for a meta leader
 * would keep the servers from ever electing one; and it is killed only where JetStream has shut
 * down, never while it recovers. The others wait for the startup probe, so that no delay is needed:
 * the chart's ten seconds, twice where a server is not yet current after them, are what most of a
 * roll consisted of.
 *
 * @see https://github.com/nats-io/k8s/blob/main/helm/charts/nats/files/stateful-set/nats-container.yaml
 */
export const PROBES = {
  startupProbe: probe(PROBE_PATHS.startupProbe, 2, 450),
  readinessProbe: probe(PROBE_PATHS.readinessProbe, 10, 3),
  livenessProbe: probe(PROBE_PATHS.livenessProbe, 30, 3),
} as const;
