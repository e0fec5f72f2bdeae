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
  /** Name of the group: a stream that is made again has another one. */
  readonly raft_group?: string;
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

/** A stream as the server tells it. */
export interface LiveStream {
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly state: StreamState;
  readonly cluster?: RaftGroup;
}

/** A stream as a server that holds it tells it. */
export interface StreamDetail {
  readonly name: string;
  readonly cluster?: RaftGroup;
  readonly config?: Readonly<Record<string, unknown>> & {
    readonly num_replicas?: number;
    readonly storage?: string;
    readonly max_bytes?: number;
  };
  readonly state: StreamState;
  readonly consumer_detail?: readonly ConsumerDetail[];
}

/** What a server tells of its JetStream (`/jsz`, `$SYS.REQ.SERVER.PING.JSZ`), as far as it is used. */
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
  /** How many streams the server holds. */
  readonly streams?: number;
  readonly ha_assets?: number;
  readonly meta_cluster?: RaftGroup;
  readonly account_details?: readonly {
    readonly name: string;
    readonly stream_detail?: readonly StreamDetail[];
  }[];
}
