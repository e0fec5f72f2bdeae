export type {
  ConsumerDetail,
  Jsz,
  RaftGroup,
  Replica,
  StreamDetail,
  StreamState,
} from "@tfdc/pulumi-nats/internal/backup/answers";

/** What servers say of themselves, under their own names, as far as it is used. */
export interface Varz {
  readonly server_id: string;
  readonly server_name: string;
  readonly version: string;
  readonly cluster?: { readonly name?: string };
  readonly connections?: number;
  readonly max_connections?: number;
  readonly slow_consumers?: number;
  readonly uptime?: string;
  readonly tls_required?: boolean;
  readonly start?: string;
  readonly now?: string;
}

/** How far a server is with what its meta group agreed on; indexes of the group's log. */
export interface MetaProgress {
  readonly committed: number;
  readonly applied: number;
}

/** Raft groups by account and group, of the system account. */
export type Raftz = Readonly<Record<string, { readonly _meta_?: MetaProgress }>>;

export interface Healthz {
  readonly status?: string;
  readonly error?: string;
}
