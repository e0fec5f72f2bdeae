import { counted, listed } from "../health/finding";

/** What one server sees of the others. */
export interface View {
  readonly server: string;
  /** Whether it answers; one that does not may still run, cut off from here. */
  readonly answers: boolean;
  /** The servers that it has a route to. */
  readonly routes: readonly string[];
  /** Whom it takes for the meta leader. */
  readonly metaLeader?: string;
}

/** What a cluster that has fallen apart looks like, and what to do. */
export interface Diagnosis {
  readonly isWhole: boolean;
  /** The groups of servers that see each other, the largest first. */
  readonly groups: readonly (readonly string[])[];
  readonly findings: readonly string[];
}

/**
 * Which servers see each other. A route counts only where both ends have it: one that only one side
 * believes in carries nothing.
 *
 * @param declared - number of servers there should be
 */
export function diagnose(views: readonly View[], declared: number): Diagnosis {
  const answering = views.filter(({ answers }) => answers);
  const groups = groupsOf(answering);
  const quorum = Math.floor(declared / 2) + 1;
  const silent = views.filter(({ answers }) => !answers).map(({ server }) => server);
  const leaders = new Set(answering.flatMap(({ metaLeader }) => metaLeader || []));
  const [largest = []] = groups;
  const findings = [
    ...silent.map(
      (server) =>
        `${server} does not answer; see whether it runs, and whether this machine may reach it`,
    ),
    ...missingRoutes(answering).map(
      ([one, other]) =>
        `${one} and ${other} have no route to each other; check the network policy and the cluster port between them, and their logs for "Route Error"`,
    ),
    ...(groups.length > 1
      ? [
          `the cluster has fallen into ${counted(groups.length, "part")}: ${groups.map((group) => listed(group)).join(" | ")}; ${
            largest.length >= quorum
              ? `${listed(largest)} go on, the others refuse writes until they see them again`
              : "none has a quorum: nothing can be written until they see each other again"
          }`,
        ]
      : []),
    ...(leaders.size > 1
      ? [
          `the servers follow different meta leaders (${listed(leaders)}); the one without a quorum steps down by itself once it sees the others`,
        ]
      : []),
    ...(answering.length > 0 && leaders.size === 0 && declared > 1
      ? [
          `there is no meta leader: ${largest.length} of ${declared} servers see each other, and ${quorum} are needed`,
        ]
      : []),
  ];
  return { isWhole: findings.length === 0, groups, findings };
}

function missingRoutes(views: readonly View[]): [string, string][] {
  return views.flatMap((one, index) =>
    views
      .slice(index + 1)
      .filter((other) => !areJoined(one, other))
      .map((other): [string, string] => [one.server, other.server]),
  );
}

function areJoined(one: View, other: View): boolean {
  return one.routes.includes(other.server) && other.routes.includes(one.server);
}

function groupsOf(views: readonly View[]): string[][] {
  const left = new Set(views);
  const groups: string[][] = [];
  for (const start of views) {
    if (!left.delete(start)) {
      continue;
    }
    const group = [start];
    for (const member of group) {
      for (const other of [...left].filter((one) => areJoined(member, one))) {
        left.delete(other);
        group.push(other);
      }
    }
    groups.push(group.map(({ server }) => server).sort());
  }
  return groups.sort((a, b) => b.length - a.length);
}
