import { isClosed } from "@tfdc/pulumi-nats/internal/backup/recreation";
import { BUCKET_PREFIX } from "@tfdc/pulumi-nats/internal/jetstream/names";
import {
  pendingServers,
  replicaServers,
} from "@tfdc/pulumi-nats/internal/jetstream/replica-agreement";
import type { StreamSettings } from "@tfdc/pulumi-nats/internal/jetstream/stream-fields";
import { lossOnKill } from "@tfdc/pulumi-nats/internal/jetstream/versions";
import { ageOf, isLost } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import type { RaftGroup, Replica } from "../observe/answers";
import { answering, type HeldStream, heldStreams, streamsByLeader } from "../observe/observation";
import { type Finding, listed, readable, verb } from "./finding";
import { type Subject, updateRemedy } from "./subject";

/** A busy replica is always some operations behind. */
const LAG = 200;
const ALMOST_FULL = 0.9;
/** A server that has just started may be about to get its streams; what it forgot goes after this. */
const STARTING = 30_000;

/** What is wrong with streams, buckets and consumers. */
export function streamFindings(subject: Subject): Finding[] {
  const streams = streamsByLeader(subject.observation);
  return [
    ...missing(subject, streams),
    ...leaderless(subject, streams),
    ...shortOfReplicas(subject),
    ...forgotten(subject),
    ...full(subject, streams),
    ...closed(streams),
  ];
}

/**
 * What is declared and nobody holds. A server that is away may hold it alone, so it is missing only
 * where all servers say what they hold.
 */
function missing(subject: Subject, streams: readonly HeldStream[]): Finding[] {
  const { cluster, observation } = subject;
  const telling = answering(observation).filter(({ jsz }) => jsz !== undefined);
  if (telling.length < (cluster.declared?.servers ?? 1)) {
    return [];
  }
  const held = new Set(streams.map(({ name }) => name));
  const { streams: names = [], buckets = [] } = cluster.declared ?? {};
  return [
    ...absent(
      "stream",
      names.filter((name) => !held.has(name)),
    ),
    ...absent(
      "bucket",
      buckets.filter((name) => !held.has(`${BUCKET_PREFIX}${name}`)),
    ),
  ];

  function absent(noun: string, gone: readonly string[]): Finding[] {
    return gone.length === 0
      ? []
      : [
          {
            check: `${noun}-declared`,
            severity: "critical",
            what: `the declared ${noun}${gone.length === 1 ? "" : "s"} ${listed(gone)} ${verb(gone, "does", "do")} not exist`,
            remedy: updateRemedy(subject),
          },
        ];
  }
}

function leaderless({ observation, cluster }: Subject, streams: readonly HeldStream[]): Finding[] {
  const remedy = `see who is cut off with: tfdc-nats split-brain ${cluster.name}`;
  const held = heldStreams(observation);
  const without = streams
    .filter((stream) => !isLed(stream, held.get(stream.name) ?? []))
    .map(({ name }) => name);
  const consumers = streams.flatMap(({ name, consumer_detail: details = [] }) =>
    details
      .filter(({ cluster: group }) => group !== undefined && (group.leader ?? "") === "")
      .map((consumer) => `${name} > ${consumer.name}`),
  );
  return [
    ...group("stream-leader", without, "no leader: nothing can be written or read", remedy),
    ...group("consumer-leader", consumers, "no leader: nothing is delivered", remedy),
  ];
}

function group(
  check: string,
  names: readonly string[],
  trouble: string,
  remedy: string,
): Finding[] {
  return names.length === 0
    ? []
    : [
        {
          check,
          severity: "critical",
          what: `${listed(names)} ${verb(names, "has", "have")} ${trouble}`,
          remedy,
        },
      ];
}

/** A stream outside of a cluster has no group and needs no leader. */
function isLed({ cluster }: HeldStream, held: readonly HeldStream[]): boolean {
  return cluster === undefined || held.some((one) => (one.cluster?.leader ?? "") !== "");
}

function shortOfReplicas({ observation }: Subject): Finding[] {
  const lost = new Map<string, string[]>();
  const late = new Map<string, string[]>();
  const joining = new Map<string, string[]>();
  const few: string[] = [];
  const held = [...heldStreams(observation).values()].flat();
  for (const { name, server, cluster, config, consumer_detail: consumers = [] } of held) {
    collect(name, server, cluster);
    for (const consumer of consumers) {
      collect(`${name} > ${consumer.name}`, server, consumer.cluster);
    }
    const wanted = Number(config?.num_replicas ?? 1);
    if (cluster?.leader === server && (cluster.replicas ?? []).length + 1 < wanted) {
      few.push(`${name} (${(cluster.replicas ?? []).length + 1} of ${wanted})`);
    }
  }
  const silent = new Set(
    observation.servers.filter(({ varz }) => varz === undefined).map(({ name }) => name),
  );
  return [
    ...[...lost].map(
      ([peer, names]): Finding => ({
        check: "replicas-current",
        severity: "critical",
        what: `the replica on ${peer} of ${listed(names)} is not heard by its leader`,
        remedy: silent.size > 0 ? "bring that server back" : `look into the log of ${peer}`,
      }),
    ),
    ...[...late].map(
      ([peer, names]): Finding => ({
        check: "replica-lag",
        severity: "warning",
        what: `the replica on ${peer} of ${listed(names)} is more than ${LAG} operations behind`,
        remedy: `it catches up by itself; do not restart another server before; see the disk of ${peer} if it does not`,
      }),
    ),
    ...[...joining].map(
      ([peer, names]): Finding => ({
        check: "replicas-placed",
        severity: "warning",
        what: `the replica on ${peer} of ${listed(names)} is being made`,
        remedy: `wait until it is there; do not restart another server before; see the log of ${peer} if it does not come`,
      }),
    ),
    ...(few.length === 0
      ? []
      : [
          {
            check: "replicas-placed",
            severity: "critical",
            what: `${listed(few)} ${verb(few, "has", "have")} fewer replicas than configured`,
            remedy: "bring back the servers that are away, or lower replicas and raise it again",
          } as const,
        ]),
  ];

  /** Only a group's leader knows how its replicas are. */
  function collect(name: string, server: string, group: RaftGroup | undefined): void {
    const pending = pendingServers(group);
    for (const replica of group?.leader === server ? (group?.replicas ?? []) : []) {
      const isJoining = pending.includes(replica.name) && replica.offline !== true;
      const where = isJoining
        ? joining
        : isLost(replica)
          ? lost
          : isLate(replica)
            ? late
            : undefined;
      where?.set(replica.name, [...(where.get(replica.name) ?? []), name]);
    }
  }
}

function isLate({ current, lag = 0 }: Replica): boolean {
  return !current && lag > LAG;
}

/**
 * A server that calls itself current with the meta group and holds nothing of a stream whose leader
 * counts on it: its meta group's log and that of the others have come apart, and no restart mends it.
 */
function forgotten({ observation }: Subject): Finding[] {
  const held = heldStreams(observation);
  const settled = answering(observation).filter(
    ({ jsz, healthz, varz }) =>
      jsz !== undefined && healthz?.error === undefined && ageOf(varz) > STARTING,
  );
  return settled.flatMap(({ name: server, varz, jsz }): Finding[] => {
    const lacking = [...held].flatMap(([stream, holders]) => {
      const led = holders.find((one) => one.cluster?.leader === one.server);
      const isCounted = replicaServers(led?.cluster).includes(server);
      const isJoining = pendingServers(led?.cluster).includes(server);
      return isCounted && !isJoining && !holders.some((one) => one.server === server)
        ? [stream]
        : [];
    });
    const store = jsz?.config?.store_dir ?? "its store";
    return lacking.length === 0
      ? []
      : [
          {
            check: "replicas-held",
            severity: "critical",
            what: `${server} does not hold ${listed(lacking)}, and ${verb(lacking, "its leader counts", "their leaders count")} on it${lossOnKill(varz?.version ?? "") === undefined ? "" : `: nats-server ${varz?.version} forgets streams when it is killed`}`,
            remedy: `a restart does not mend that: stop ${server}, delete the folder '_meta_' (and nothing else) in ${store}/<system account>/_js_, and start it; it gets them again from the other servers`,
          },
        ];
  });
}

/** A stream that discards old messages may be full; one that refuses new ones may not. */
function full({ cluster }: Subject, streams: readonly HeldStream[]): Finding[] {
  return streams.flatMap(({ name, config, state }) => {
    if (config?.discard !== "new" || name.startsWith(BUCKET_PREFIX)) {
      return [];
    }
    const [maxBytes, maxMsgs] = [Number(config.max_bytes ?? -1), Number(config.max_msgs ?? -1)];
    const near = [
      ...(maxBytes > 0 && state.bytes >= maxBytes * ALMOST_FULL
        ? [`${readable(state.bytes)} of ${readable(maxBytes)}`]
        : []),
      ...(maxMsgs > 0 && state.messages >= maxMsgs * ALMOST_FULL
        ? [`${state.messages} of ${maxMsgs} messages`]
        : []),
    ];
    return near.length === 0
      ? []
      : [
          {
            check: "stream-full",
            severity: "critical",
            what: `${name} refuses new messages when it is full, and holds ${near.join(" and ")}`,
            remedy: `make room: tfdc-nats purge ${cluster.name} ${name} --keep <n>, or raise its limit`,
          },
        ];
  });
}

/** A recreation is under way, on whatever machine, or was interrupted: a restart may not come between. */
function closed(streams: readonly HeldStream[]): Finding[] {
  const names = streams
    .filter(({ config = {} }) => isClosed(config as StreamSettings))
    .map(({ name }) => name);
  return names.length === 0
    ? []
    : [
        {
          check: "stream-closed",
          severity: "critical",
          what: `${listed(names)} ${verb(names, "takes", "take")} no messages: a recreation has closed ${names.length === 1 ? "it" : "them"}`,
          remedy:
            "where 'pulumi up' is at it, wait for its end; otherwise run 'pulumi up' again on the machine where it was begun",
        },
      ];
}
