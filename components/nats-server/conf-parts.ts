import { createHash } from "node:crypto";
import { type ConfMap, type ConfValue, Raw, writeConf } from "./conf-value";

/**
 * Options that a running server takes over on a reload. What is not listed restarts it, so an
 * option that is forgotten here costs a restart and never goes unapplied.
 *
 * @see https://github.com/nats-io/nats-server/blob/v2.10.29/server/reload.go
 */
const RELOADABLE: ReadonlySet<string> = new Set([
  "max_connections",
  "max_payload",
  "write_deadline",
  "ping_interval",
  "accounts",
]);

/** The same within `cluster`: a server takes over logins and certificates, and no address. */
const RELOADABLE_IN_CLUSTER: ReadonlySet<string> = new Set(["authorization", "routes"]);

/** A configuration in the part that can be reloaded and the part that only a restart applies. */
export interface ConfParts {
  readonly reloadable: ConfMap;
  readonly restartOnly: ConfMap;
}

/** Splits a configuration. TLS restarts: switching it brings files that a running pod has not. */
export function splitConf(conf: ConfMap): ConfParts {
  const { cluster, ...rest } = conf;
  const [reloadable, restartOnly] = partition(rest, RELOADABLE);
  if (!isMap(cluster)) {
    return { reloadable, restartOnly };
  }
  const [inner, outer] = partition(cluster, RELOADABLE_IN_CLUSTER);
  return {
    reloadable: { ...reloadable, cluster: inner },
    restartOnly: { ...restartOnly, cluster: outer },
  };
}

/** A short mark that changes with any line of a configuration. */
export function confHash(conf: ConfMap): string {
  return textHash(writeConf(conf));
}

/** A short mark that changes with the text. */
export function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function partition(map: ConfMap, names: ReadonlySet<string>): [ConfMap, ConfMap] {
  const entries = Object.entries(map);
  return [
    Object.fromEntries(entries.filter(([name]) => names.has(name))),
    Object.fromEntries(entries.filter(([name]) => !names.has(name))),
  ];
}

function isMap(value: ConfValue | undefined): value is ConfMap {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Raw);
}
