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

/** One peer of a Raft group, as the group's leader sees it. */
export interface Replica {
  readonly name: string;
  readonly current: boolean;
  readonly offline?: boolean;
  /** Nanoseconds since the leader last heard of it. */
  readonly active?: number;
  /** Operations that it is behind. */
  readonly lag?: number;
}

export interface RaftGroup {
  readonly leader?: string;
  readonly replicas?: readonly Replica[];
  readonly cluster_size?: number;
}

export interface StreamState {
  readonly messages: number;
  readonly bytes: number;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly first_ts?: string;
  readonly last_ts?: string;
  readonly num_subjects?: number;
  readonly num_deleted?: number;
  readonly consumer_count: number;
}

export interface ConsumerDetail {
  readonly name: string;
  readonly stream_name?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly cluster?: RaftGroup;
  readonly delivered: { readonly consumer_seq: number; readonly stream_seq: number };
  readonly ack_floor: { readonly consumer_seq: number; readonly stream_seq: number };
  readonly num_ack_pending: number;
  readonly num_redelivered: number;
  readonly num_waiting: number;
  readonly num_pending: number;
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
  readonly config?: { readonly max_memory?: number; readonly max_storage?: number };
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
