import type {
  ConsumerDetail,
  Healthz,
  Jsz,
  MetaProgress,
  Raftz,
  StreamDetail,
  Varz,
} from "./answers";

/** What one server said; what it did not answer is missing. */
export interface ServerObservation {
  /** The server as a message calls it: its name, or the address where nobody answered. */
  readonly name: string;
  readonly address?: string;
  readonly varz?: Varz;
  readonly jsz?: Jsz;
  readonly healthz?: Healthz;
  /** Nothing outside of a cluster, and where a server before 2.10.23 is asked by the system account. */
  readonly meta?: MetaProgress;
  /** When the certificate of its client port ends; nothing where it has none. */
  readonly certificateEnds?: Date;
}

/** What all servers of a cluster said at about the same moment. */
export interface Observation {
  readonly servers: readonly ServerObservation[];
}

/** One stream as a server holds it. */
export interface HeldStream extends StreamDetail {
  readonly server: string;
  readonly account: string;
}

/** The servers that answered. */
export function answering({ servers }: Observation): readonly ServerObservation[] {
  return servers.filter(({ varz }) => varz !== undefined);
}

/** Every stream as every server holds it, by stream; a stream is named by account where it must be. */
export function heldStreams(observation: Observation): ReadonlyMap<string, readonly HeldStream[]> {
  const streams = new Map<string, HeldStream[]>();
  for (const { name: server, jsz } of observation.servers) {
    for (const { name: account, stream_detail: details = [] } of jsz?.account_details ?? []) {
      for (const detail of details) {
        const held = streams.get(detail.name);
        const one = { ...detail, server, account };
        if (held === undefined) {
          streams.set(detail.name, [one]);
        } else {
          held.push(one);
        }
      }
    }
  }
  return streams;
}

/**
 * The streams as their leaders hold them, which is what counts; without leader, as anybody does.
 * The same goes for their consumers, each of which has a leader of its own: the others know neither
 * its position nor how much is pending.
 */
export function streamsByLeader(observation: Observation): readonly HeldStream[] {
  return [...heldStreams(observation).values()].flatMap((held) => {
    const stream = held.find(isLeader) ?? held[0];
    return stream === undefined ? [] : { ...stream, consumer_detail: consumersByLeader(held) };
  });
}

/** The meta group's progress in an answer about Raft groups. */
export function metaOf(raftz: Raftz | undefined): MetaProgress | undefined {
  return Object.values(raftz ?? {}).find(({ _meta_: meta }) => meta !== undefined)?._meta_;
}

function isLeader({ cluster, server }: HeldStream): boolean {
  return (cluster?.leader ?? server) === server;
}

function consumersByLeader(held: readonly HeldStream[]): ConsumerDetail[] {
  const consumers = new Map<string, ConsumerDetail>();
  for (const { server, consumer_detail: details = [] } of held) {
    for (const consumer of details) {
      if (!consumers.has(consumer.name) || consumer.cluster?.leader === server) {
        consumers.set(consumer.name, consumer);
      }
    }
  }
  return [...consumers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
