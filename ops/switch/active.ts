/** Which colour clients should use. */
export interface Active {
  readonly colour: string;
  /** Addresses that clients take, `host:port`. */
  readonly servers: readonly string[];
  /** When it was switched to, ISO 8601. */
  readonly since: string;
  /** The colour before, which `--back` returns to. */
  readonly before?: string;
}

/** Where it is kept which colour is active, and clients look. */
export interface ActiveStore {
  /** The active colour; none where nobody has switched yet. */
  read(): Promise<Active | undefined>;
  /** Makes a colour the active one: whole or not at all. */
  write(active: Active): Promise<void>;
}

/** The address that a client takes. */
export function urlOf({ servers }: Pick<Active, "servers">): string {
  return servers.map((address) => `nats://${address}`).join(",");
}
