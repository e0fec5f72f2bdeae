import type { ConnectionArgs } from "@tfdc/pulumi-nats/internal/connection-args";
import type { ServerProps } from "@tfdc/pulumi-nats/internal/provider/local-server/server-props";

/** What a stack declares of a cluster: what health and parity measure it by. */
export interface Declared {
  /** Number of servers. */
  readonly servers: number;
  /** Names of the streams, as on the servers. */
  readonly streams: readonly string[];
  /** Names of the key-value buckets. */
  readonly buckets: readonly string[];
}

/**
 * Where a cluster is and how it is reached: plain data, whatever it was found by. Nothing is open.
 */
export interface Cluster {
  /** What messages call it: the colour, or where it was found. */
  readonly name: string;
  /** How the applications' account is reached. */
  readonly connection: ConnectionArgs;
  /** How the system account is reached, where that is known. */
  readonly system?: ConnectionArgs;
  /** Monitoring addresses, `http://host:port`, where they are known. */
  readonly monitoring: readonly string[];
  /** What the stack declares; nothing where the cluster was not found through one. */
  readonly declared?: Declared;
  /** The stack it was found through. */
  readonly stack?: string;
  /** Its servers as processes of this machine. */
  readonly processes?: readonly ServerProps[];
}
