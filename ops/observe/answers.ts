import type {
  ConsumerDetail,
  RaftGroup,
  StreamState,
} from "@tfdc/pulumi-nats/internal/backup/answers";

export type {
  ConsumerDetail,
  RaftGroup,
  Replica,
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

export interface StreamDetail {
  readonly name: string;
  readonly cluster?: RaftGroup;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly state: StreamState;
  readonly consumer_detail?: readonly ConsumerDetail[];
}

export interface Jsz {
  readonly server_id?: string;
  readonly disabled?: boolean;
  readonly config?: {
    readonly max_memory?: number;
    readonly max_storage?: number;
    readonly store_dir?: string;
  };
  readonly memory?: number;
  readonly storage?: number;
  readonly reserved_memory?: number;
  readonly reserved_storage?: number;
  readonly ha_assets?: number;
  readonly meta_cluster?: RaftGroup;
  readonly account_details?: readonly {
    readonly name: string;
    readonly stream_detail?: readonly StreamDetail[];
  }[];
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
