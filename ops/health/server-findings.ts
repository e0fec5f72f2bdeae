import { lossOnKill } from "@tfdc/pulumi-nats/internal/jetstream/versions";
import { isRestoredNote } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import { answering, type ServerObservation } from "../observe/observation";
import { counted, type Finding, listed, readable, verb } from "./finding";
import { type Subject, startRemedy } from "./subject";

const DAY = 86_400_000;
const CERTIFICATE_WARNING = 30 * DAY;
const CERTIFICATE_CRITICAL = 7 * DAY;
const NEARLY = 0.75;
const ALMOST_FULL = 0.9;
/** From so many replicated streams and consumers on, a server is busy with heartbeats. */
const HA_ASSETS = 1_000;

/** What is wrong with single servers. */
export function serverFindings(subject: Subject): Finding[] {
  return [
    ...silentServers(subject),
    ...wrongCluster(subject),
    ...sameNames(subject),
    ...disabledJetStream(subject),
    ...unanswered(subject),
    ...unhealthyServers(subject),
    ...versions(subject),
    ...slowConsumers(subject),
    ...connections(subject),
    ...storage(subject),
    ...assets(subject),
    ...certificates(subject),
  ];
}

function silentServers(subject: Subject): Finding[] {
  const { observation, cluster } = subject;
  const silent = observation.servers.filter(({ varz }) => varz === undefined);
  const missing =
    (cluster.declared?.servers ?? observation.servers.length) - observation.servers.length;
  return [
    ...silent.map(
      ({ name }): Finding => ({
        check: "server-reachable",
        severity: "critical",
        what: `the server at ${name} does not answer`,
        remedy: startRemedy(subject),
      }),
    ),
    ...(missing > 0
      ? [
          {
            check: "server-reachable",
            severity: "critical",
            what: `${observation.servers.length} servers answer, and ${cluster.declared?.servers} are declared`,
            remedy: startRemedy(subject),
          } as const,
        ]
      : []),
  ];
}

function wrongCluster({ observation, cluster }: Subject): Finding[] {
  const expected = cluster.connection.cluster;
  return answering(observation).flatMap(({ name, varz }) => {
    const found = varz?.cluster?.name;
    return expected === undefined || found === expected
      ? []
      : [
          {
            check: "cluster-name",
            severity: "critical",
            what: `${name} belongs to cluster '${found ?? ""}', and '${expected}' is declared`,
            remedy: "correct the addresses, or the cluster block of its nats.conf",
          },
        ];
  });
}

function sameNames({ observation }: Subject): Finding[] {
  const ids = new Map<string, Set<string>>();
  for (const { name, varz } of answering(observation)) {
    ids.set(name, (ids.get(name) ?? new Set()).add(varz?.server_id ?? ""));
  }
  return [...ids]
    .filter(([, set]) => set.size > 1)
    .map(([name, set]) => ({
      check: "server-name",
      severity: "critical",
      what: `${set.size} servers call themselves ${name}`,
      remedy: "give each server a server_name of its own: JetStream takes them for one",
    }));
}

function disabledJetStream({ observation }: Subject): Finding[] {
  return answering(observation)
    .filter(({ jsz }) => jsz?.disabled === true)
    .map(({ name }) => ({
      check: "jetstream-enabled",
      severity: "critical",
      what: `JetStream is disabled on ${name}`,
      remedy:
        "a server turns it off when its disk is full or fails: look into its log, make room, and restart it",
    }));
}

/** A server that answers, but not what it holds: too busy, or waiting in the middle of something. */
function unanswered({ observation }: Subject): Finding[] {
  return answering(observation)
    .filter(({ jsz }) => jsz === undefined)
    .map(({ name }) => ({
      check: "jetstream-answers",
      severity: "critical",
      what: `${name} does not say in time what streams it holds, so that nothing is known of them`,
      remedy: "look again; if it stays, look into its log, and restart it",
    }));
}

function unhealthyServers({ observation, cluster }: Subject): Finding[] {
  const unhealthy = answering(observation).filter(
    ({ jsz, healthz }) => jsz?.disabled !== true && healthz?.error !== undefined,
  );
  const isNote = ({ healthz, varz }: ServerObservation) => isRestoredNote(healthz?.error, varz);
  return [
    ...unhealthy
      .filter((one) => !isNote(one))
      .map(
        ({ name, healthz }): Finding => ({
          check: "server-healthy",
          severity: "critical",
          what: `${name} says that it is not healthy: "${healthz?.error}"`,
          remedy: "give it a minute if it has just started; look into its log if it stays",
        }),
      ),
    ...unhealthy.filter(isNote).map(
      ({ name, healthz }): Finding => ({
        check: "restored-stream",
        severity: "warning",
        what: `${name} says "${healthz?.error}", as nats-server does of a stream that was restored, until it starts again`,
        remedy: `nothing is wrong with the stream; have the servers start again with: tfdc-nats roll ${cluster.name}`,
      }),
    ),
  ];
}

function versions({ observation, cluster }: Subject): Finding[] {
  const servers = answering(observation);
  const found = [...new Set(servers.map(({ varz }) => varz?.version ?? ""))].sort();
  const skew = servers.map(({ name, varz }) => `${name} ${varz?.version}`);
  return [
    ...(found.length > 1
      ? [
          {
            check: "version-skew",
            severity: "warning",
            what: `the servers run different versions: ${skew.join(", ")}`,
            remedy: `finish the upgrade: tfdc-nats roll ${cluster.name}`,
          } as const,
        ]
      : []),
    ...found.flatMap((version): Finding[] => {
      const loss = lossOnKill(version);
      return loss === undefined
        ? []
        : [
            {
              check: "version-safe",
              severity: "warning",
              what: `nats-server ${version} ${loss.words}`,
              remedy: loss.remedy,
            },
          ];
    }),
  ];
}

function slowConsumers({ observation }: Subject): Finding[] {
  return answering(observation)
    .filter(({ varz }) => (varz?.slow_consumers ?? 0) > 0)
    .map(({ name, varz }) => ({
      check: "slow-consumers",
      severity: "warning",
      what: `${name} has dropped ${counted(varz?.slow_consumers ?? 0, "slow consumer")} in ${varz?.uptime}`,
      remedy:
        "its log names the clients: make them faster, or give them fewer subjects; a restart of the server begins the count anew",
    }));
}

function connections({ observation }: Subject): Finding[] {
  return answering(observation).flatMap(({ name, varz }) => {
    const { connections: open = 0, max_connections: most = 0 } = varz ?? {};
    return most <= 0 || open < most * ALMOST_FULL
      ? []
      : [
          {
            check: "connections",
            severity: "warning",
            what: `${name} has ${open} of at most ${most} client connections`,
            remedy: "close idle clients, or raise maxConnections; a reload takes it over",
          },
        ];
  });
}

function storage({ observation, cluster }: Subject): Finding[] {
  return observation.servers.flatMap(({ name, jsz }) => {
    const { max_storage: disk = 0, max_memory: memory = 0 } = jsz?.config ?? {};
    return [
      ...fullness(name, "disk", jsz?.storage ?? 0, disk, cluster.name),
      ...fullness(name, "memory", jsz?.memory ?? 0, memory, cluster.name),
      ...overcommitted(name, "max_file_store", jsz?.reserved_storage ?? 0, disk),
      ...overcommitted(name, "max_memory_store", jsz?.reserved_memory ?? 0, memory),
    ];
  });
}

function fullness(server: string, what: string, used: number, most: number, cluster: string) {
  if (most <= 0 || used < most * NEARLY) {
    return [];
  }
  const percent = Math.floor((used / most) * 100);
  return [
    {
      check: "storage-used",
      severity: used < most * ALMOST_FULL ? "warning" : "critical",
      what: `${server} uses ${readable(used)} of ${readable(most)} for streams on ${what} (${percent} %)`,
      remedy: `see what takes it with: tfdc-nats storage ${cluster}`,
    } as const,
  ];
}

function overcommitted(server: string, option: string, reserved: number, most: number) {
  return most <= 0 || reserved <= most
    ? []
    : [
        {
          check: "storage-reserved",
          severity: "warning",
          what: `the streams on ${server} may grow to ${readable(reserved)}, and its ${option} is ${readable(most)}`,
          remedy: `lower the streams' maxBytes, or raise ${option} on a larger volume`,
        } as const,
      ];
}

function assets({ observation }: Subject): Finding[] {
  const busy = observation.servers.filter(({ jsz }) => (jsz?.ha_assets ?? 0) > HA_ASSETS);
  const names = busy.map(({ name }) => name);
  const most = Math.max(0, ...busy.map(({ jsz }) => jsz?.ha_assets ?? 0));
  return busy.length === 0
    ? []
    : [
        {
          check: "ha-assets",
          severity: "warning",
          what: `${listed(names)} ${verb(names, "holds", "hold")} up to ${most} replicated streams and consumers`,
          remedy: `more than ${HA_ASSETS} a server slow elections down: use fewer durable consumers, or a second cluster`,
        },
      ];
}

function certificates({ observation, now }: Subject): Finding[] {
  return observation.servers.flatMap(({ name, certificateEnds: end }) => {
    const left = end === undefined ? Number.POSITIVE_INFINITY : end.getTime() - now.getTime();
    if (end === undefined || left > CERTIFICATE_WARNING) {
      return [];
    }
    const when = left < 0 ? "ended" : "ends";
    return [
      {
        check: "certificate",
        severity: left > CERTIFICATE_CRITICAL ? "warning" : "critical",
        what: `the certificate of ${name} ${when} on ${end.toISOString().slice(0, 10)}`,
        remedy: "renew it and have the server reload its configuration",
      },
    ];
  });
}
