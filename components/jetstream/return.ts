/** When servers left a cluster, by their names: ISO 8601. */
export type Departures = Readonly<Record<string, string>>;

/**
 * How long a cluster does not let a server in again that it was told to forget: `peerRemoveTimeout`
 * of nats-server. Its name is what it is known by, so a new volume changes nothing.
 */
const REFUSED_FOR = 5 * 60_000;

/** The departures that the cluster still acts on. */
export function recentDepartures(departures: Departures, now: Date): Departures {
  return Object.fromEntries(
    Object.entries(departures).filter(([, left]) => readmittedAt(left) > now.getTime()),
  );
}

/** What to expect of servers that come back too early; one line, or none. */
export function returnNotes(
  departures: Departures,
  joining: readonly string[],
  now: Date,
): string[] {
  const recent = recentDepartures(departures, now);
  const names = joining.filter((name) => recent[name] !== undefined).sort();
  if (names.length === 0) {
    return [];
  }
  const until = Math.max(...names.map((name) => readmittedAt(recent[name] ?? "")));
  return [
    `${names.join(" and ")} left less than five minutes ago: NATS lets ${names.length === 1 ? "it" : "them"} in again at ${clock(until)}, and the update waits until then as long as 'settleTimeout' allows`,
  ];
}

function readmittedAt(left: string): number {
  return Date.parse(left) + REFUSED_FOR;
}

function clock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 19)} UTC`;
}
