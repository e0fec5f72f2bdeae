import type { LiveStream } from "../../backup/answers";
import { holdsAll, replicaServers, type ServerHoldings } from "../../jetstream/replica-agreement";
import { UserError } from "../../user-error";
import { isTransient } from "../faults";

/** Asks servers of a cluster what each holds of its streams; who does not answer is missing. */
export type AskServers = (servers: readonly string[]) => Promise<readonly ServerHoldings[]>;

/** What the leader of a stream answered, and between which moments. */
export interface Look {
  readonly asked: number;
  readonly answered: number;
  readonly live: LiveStream;
}

/** How far the replicas of a stream are. */
export interface Progress {
  /** Servers of replicas that are not shown to hold what the leader holds. */
  readonly late: readonly string[];
  /** Messages that the replicas hold, as far as their servers say. */
  readonly held: number;
}

const NANOS_A_MILLISECOND = 1e6;
/** Looks at which a server that can be asked at all answers at least once. */
const SILENT_LOOKS = 3;

/** Who of the servers has answered, and who not yet, over the looks at one restored stream. */
export class Silence {
  private readonly looks = new Map<string, number>();

  /** Notes who answered a question, of those that were asked. */
  note(asked: readonly string[], answers: readonly ServerHoldings[]): void {
    for (const server of asked) {
      const has = answers.some((one) => one.server === server);
      this.looks.set(server, has ? Number.NEGATIVE_INFINITY : (this.looks.get(server) ?? 0) + 1);
    }
  }

  /** Whether a server cannot be asked; one that has answered once is only late. */
  isLasting(server: string): boolean {
    return (this.looks.get(server) ?? 0) >= SILENT_LOOKS;
  }
}

/**
 * Which replicas are not shown to hold what their leader holds. Right after a restore a leader calls
 * a replica current that has taken the log and not one message yet, so each server is asked itself.
 * One that cannot be asked counts once its leader has heard of it since it first called it current;
 * one that has too much to do to answer is waited for.
 *
 * @param first - the first of the looks in a row at which the leader called every replica current
 * @param mayLose - whether messages go meanwhile, by age or by consumers
 * @param silence - of the looks at this stream so far
 */
export async function replicaProgress(
  now: Look,
  first: Look | undefined,
  ask: AskServers | undefined,
  mayLose: boolean,
  silence: Silence,
): Promise<Progress> {
  const { config, state, cluster } = now.live;
  const replicas = cluster?.replicas ?? [];
  if (replicas.length === 0) {
    return { late: [], held: 0 };
  }
  const asked = replicaServers(cluster);
  const answers = (await ask?.(asked).catch(nobody)) ?? [];
  silence.note(asked, answers);
  const counts = (name: string, active: number) =>
    (ask === undefined || silence.isLasting(name)) && isHeardSince(first, now, active);
  const leader = { state, group: cluster?.raft_group };
  const found = replicas.map((replica) => ({
    replica,
    ...holdsAll(config.name, leader, replica.name, answers, mayLose),
  }));
  return {
    late: found
      .filter(
        ({ replica: { name, active = 0 }, isWhole }) =>
          !isCalledCurrent(now, name) || !(isWhole ?? counts(name, active)),
      )
      .map(({ replica }) => replica.name),
    held: found.reduce((sum, { messages }) => sum + messages, 0),
  };
}

/** What is restored is restored, also where the system account cannot be reached. */
function nobody(error: unknown): readonly ServerHoldings[] {
  if (error instanceof UserError || isTransient(error)) {
    return [];
  }
  throw error;
}

/** Whether the leader calls every replica current. */
export function areCalledCurrent({ live }: Look): boolean {
  return (live.cluster?.replicas ?? []).every(({ current, lag = 0 }) => current && lag === 0);
}

function isCalledCurrent({ live }: Look, name: string): boolean {
  return (live.cluster?.replicas ?? []).some(
    (one) => one.name === name && one.current && (one.lag ?? 0) === 0,
  );
}

/** Of a replica that it never heard of a leader says that it did just now: `active` is 0. */
function isHeardSince(first: Look | undefined, now: Look, active: number): boolean {
  return (
    active > 0 &&
    first !== undefined &&
    first !== now &&
    first.live.cluster?.leader === now.live.cluster?.leader &&
    now.asked - active / NANOS_A_MILLISECOND > first.answered
  );
}
