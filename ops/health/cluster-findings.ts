import { isLost } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import { answering } from "../observe/observation";
import { type Finding, listed, verb } from "./finding";
import { type Subject, startRemedy } from "./subject";

/** What is wrong with the servers as a group: their meta leader, and who follows it. */
export function clusterFindings(subject: Subject): Finding[] {
  const { observation, cluster } = subject;
  const servers = answering(observation).filter(({ jsz }) => jsz?.meta_cluster !== undefined);
  const isClustered = (cluster.declared?.servers ?? observation.servers.length) > 1;
  if (!isClustered || servers.length === 0) {
    return [];
  }
  const opinions = new Map<string, string[]>();
  for (const { name, jsz } of servers) {
    const leader = jsz?.meta_cluster?.leader ?? "";
    opinions.set(leader, [...(opinions.get(leader) ?? []), name]);
  }
  return [...leaderFindings(opinions, subject), ...peerFindings(subject)];
}

function leaderFindings(
  opinions: ReadonlyMap<string, readonly string[]>,
  { observation, cluster }: Subject,
): Finding[] {
  const remedy = `see who is cut off with: tfdc-nats split-brain ${cluster.name}`;
  const lost = opinions.get("") ?? [];
  const known = [...opinions].filter(([leader]) => leader !== "");
  if (known.length === 0) {
    const up = answering(observation).length;
    return [
      {
        check: "meta-leader",
        severity: "critical",
        what: `there is no meta leader: ${up} of ${observation.servers.length} servers answer, and more than half have to see each other`,
        remedy,
      },
    ];
  }
  return [
    ...(known.length > 1
      ? [
          {
            check: "meta-leader",
            severity: "critical",
            what: `the servers follow different meta leaders: ${known
              .map(
                ([leader, names]) =>
                  `${listed(names)} ${verb(names, "follows", "follow")} ${leader}`,
              )
              .join(", ")}`,
            remedy,
          } as const,
        ]
      : []),
    ...(lost.length > 0
      ? [
          {
            check: "meta-leader",
            severity: "critical",
            what: `${listed(lost)} ${verb(lost, "knows", "know")} no meta leader, the others follow ${known[0]?.[0]}`,
            remedy,
          } as const,
        ]
      : []),
  ];
}

function peerFindings(subject: Subject): Finding[] {
  const { observation, cluster } = subject;
  const [leader] = observation.servers.filter(
    ({ name, jsz }) => jsz?.meta_cluster?.leader === name,
  );
  const group = leader?.jsz?.meta_cluster;
  if (group === undefined) {
    return [];
  }
  const silent = new Set(
    observation.servers.filter(({ varz }) => varz === undefined).map(({ name }) => name),
  );
  const replicas = group.replicas ?? [];
  const absent = replicas.filter(isLost);
  const declared = cluster.declared?.servers;
  const size = replicas.length + 1;
  return [
    ...absent.map(
      ({ name, offline }): Finding => ({
        check: "meta-peers",
        severity: "critical",
        what: `the meta leader ${leader?.name} ${offline === true ? "counts" : "does not hear"} ${name}${offline === true ? " as offline" : ""}`,
        remedy:
          silent.size > 0
            ? startRemedy(subject)
            : `see what cuts it off with: tfdc-nats split-brain ${cluster.name}`,
      }),
    ),
    ...(declared !== undefined && size > declared
      ? [
          {
            check: "meta-peers",
            severity: "warning",
            what: `the meta group has ${size} peers, and ${declared} servers are declared`,
            remedy:
              "a server that left for good still counts for the quorum; remove it with: nats server cluster peer-remove <name>",
          } as const,
        ]
      : []),
    ...(declared !== undefined && size < declared
      ? [
          {
            check: "meta-peers",
            severity: "critical",
            what: `the meta group has ${size} peers, and ${declared} servers are declared`,
            remedy: "a server that starts without hearing the others stays outside: restart it",
          } as const,
        ]
      : []),
  ];
}
