import { setTimeout } from "node:timers/promises";
import type { NatsConnection } from "nats";
import type { CheckedBackup } from "../../backup/check";
import { countSubjects, findLive, listConsumers } from "./live";
import {
  type AskServers,
  areCalledCurrent,
  type Look,
  replicaProgress,
  Silence,
} from "./restored-replicas";

/** How long it may take, and how long replicas may then go without another message. */
const PATIENCE = 30_000;
/** Subjects that a difference names. */
const NAMED = 3;
/** Between a restore's answer and the stream there is an election at most. */
const GONE_PATIENCE = 12_000;
const LOOK = 200;

/** What a restored stream has and should not, or lacks, and what only time took. */
export interface Comparison {
  readonly differences: readonly string[];
  readonly notes: readonly string[];
  /** There is no such stream at all. */
  readonly isGone?: true;
}

/** How a restored stream is compared. */
export interface CompareOptions {
  /** Its consumers' clients go on at once: they may be further than in the backup. */
  readonly isInUse?: boolean;
  /** Asks the servers what they hold. @default nobody can, and the leader's word is taken twice */
  readonly ask?: AskServers;
  /** Ends the wait for replicas that go on taking messages. */
  readonly signal?: AbortSignal;
}

/**
 * Compares a restored stream with its backup: messages, sequences, the counts of every subject,
 * consumers and where they stand, and waits until every replica has all of it.
 */
export async function compareRestored(
  connection: NatsConnection,
  backup: CheckedBackup,
  options: CompareOptions = {},
): Promise<Comparison> {
  const start = Date.now();
  const silence = new Silence();
  let [first, most, moved]: [Look | undefined, number, number] = [undefined, 0, start];
  for (;;) {
    const asked = Date.now();
    const live = await findLive(connection, backup.stream);
    const look = live === undefined ? undefined : { asked, answered: Date.now(), live };
    first = look !== undefined && areCalledCurrent(look) ? (first ?? look) : undefined;
    const comparison = await compare(connection, backup, look, first, silence, options);
    if (comparison.held > most && options.signal?.aborted !== true) {
      [most, moved] = [comparison.held, Date.now()];
    }
    const since = comparison.isGone === true ? start : moved;
    const patience = comparison.isGone === true ? GONE_PATIENCE : PATIENCE;
    if (comparison.differences.length === 0 || Date.now() - since > patience) {
      return comparison;
    }
    // Replicas catch up, and consumers are proposed again, after the restore has been answered.
    await setTimeout(LOOK);
  }
}

async function compare(
  connection: NatsConnection,
  { stream, contents: wanted }: CheckedBackup,
  look: Look | undefined,
  first: Look | undefined,
  silence: Silence,
  { isInUse = false, ask }: CompareOptions,
): Promise<Comparison & { readonly held: number }> {
  if (look === undefined || wanted === undefined) {
    return { differences: [`${stream} is not there`], notes: [], isGone: true, held: 0 };
  }
  const { live } = look;
  const { state } = live;
  const differences: string[] = [];
  const notes: string[] = [];
  const aged = wanted.messages - state.messages;
  if (aged > 0 && Number(live.config.max_age ?? 0) > 0 && state.first_seq > wanted.firstSequence) {
    notes.push(`${aged} messages had become older than max_age since, and are gone`);
  } else if (aged > 0 && isInUse && live.config.retention !== "limits") {
    notes.push(`${aged} messages were done with, and are gone`);
  } else if (aged !== 0) {
    differences.push(`it has ${state.messages} messages, and the backup ${wanted.messages}`);
  } else if (wanted.messages > 0 && state.first_seq !== wanted.firstSequence) {
    differences.push(
      `it begins with sequence ${state.first_seq}, and the backup with ${wanted.firstSequence}`,
    );
  }
  if (state.last_seq !== wanted.lastSequence) {
    differences.push(
      `it ends with sequence ${state.last_seq}, and the backup with ${wanted.lastSequence}`,
    );
  }
  const mayLose = isInUse || Number(live.config.max_age ?? 0) > 0;
  const { late, held } = await replicaProgress(look, first, ask, mayLose, silence);
  if (late.length > 0) {
    differences.push(`its replica on ${late.join(", ")} does not have all of it yet`);
  }
  differences.push(...(await consumerDifferences(connection, stream, wanted.consumers, isInUse)));
  // Last, for it is the most to ask; of messages that came or went meanwhile nobody knows the subjects.
  if (differences.length === 0 && aged === 0 && !isInUse) {
    if (wanted.subjects === undefined) {
      notes.push("the messages of its subjects were not compared one by one: there are too many");
    } else {
      const had = new Map(Object.entries(wanted.subjects));
      differences.push(...subjectDifferences(await countSubjects(connection, stream), had));
    }
  }
  return { differences, notes, held };
}

/** The subjects that have another number of messages than in the backup. */
export function subjectDifferences(
  has: ReadonlyMap<string, number>,
  had: ReadonlyMap<string, number>,
): string[] {
  const subjects = [...new Set([...had.keys(), ...has.keys()])];
  const others = subjects.filter((subject) => has.get(subject) !== had.get(subject)).sort();
  const named = others
    .slice(0, NAMED)
    .map(
      (subject) =>
        `the subject ${subject} has ${has.get(subject) ?? 0} messages, and the backup ${had.get(subject) ?? 0}`,
    );
  const more = others.length - named.length;
  return more > 0 ? [...named, `so it is with ${more} more of its subjects`] : named;
}

async function consumerDifferences(
  connection: NatsConnection,
  stream: string,
  wanted: NonNullable<CheckedBackup["contents"]>["consumers"],
  isInUse: boolean,
): Promise<string[]> {
  const live = new Map(
    (await listConsumers(connection, stream)).map((one) => [one.name, one] as const),
  );
  return wanted.flatMap(({ name, ackFloor, delivered, pending }) => {
    const found = live.get(name);
    if (found === undefined) {
      return [`the consumer ${name} is not there`];
    }
    const positions = [
      ["ack floor", found.ack_floor.stream_seq, ackFloor.stream],
      ["last delivery", found.delivered.stream_seq, delivered.stream],
      ...(isInUse ? [] : [["unacknowledged", found.num_ack_pending, pending] as const]),
    ] as const;
    return positions
      .filter(([, has, had]) => (isInUse ? has < had : has !== had))
      .map(([what, has, had]) => `the consumer ${name} has ${what} ${has}, and the backup ${had}`);
  });
}
