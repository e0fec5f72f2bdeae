import type { StreamInfo } from "@nats-io/jetstream";
import type { ConsumerDetail } from "../backup/answers";
import type { ConsumerSettings } from "../jetstream/consumer-rules";
import type { Contents } from "../jetstream/losses";
import { UserError } from "../user-error";
import type { ClusterLink } from "./cluster-link";
import { consumerList } from "./consumer-list";
import { ApiError, isTransient } from "./faults";
import { subjectCounts } from "./subject-counts";

/**
 * The one consumer that is ever made here: it delivers nothing, its number of pending messages is
 * read, and it goes again. A permission can name it.
 */
export const COUNTING_CONSUMER = "tfdc_count";

const ASK_TIMEOUT = 5_000;
const SECOND = 1_000_000_000;

/** What STREAM.INFO tells of a stream's contents. */
export function contentsOf({ state }: StreamInfo): Contents {
  return {
    messages: state.messages,
    bytes: state.bytes,
    firstTime: String(state.first_ts),
    lastTime: String(state.last_ts),
    consumers: state.consumer_count,
  };
}

/**
 * How many messages of a stream are at least as young as `since`, or `undefined` where the server
 * does not tell: the user may not ask, or the stream takes no more consumers.
 */
export async function countSince(
  link: ClusterLink,
  stream: string,
  since: Date,
): Promise<number | undefined> {
  const subject = `${stream}.${COUNTING_CONSUMER}`;
  return known(async () => {
    const { num_pending: pending } = await link.ask<{ num_pending: number }>(
      `$JS.API.CONSUMER.CREATE.${subject}`,
      {
        stream_name: stream,
        config: {
          name: COUNTING_CONSUMER,
          deliver_policy: "by_start_time",
          opt_start_time: since.toISOString(),
          ack_policy: "none",
          replay_policy: "instant",
          mem_storage: true,
          num_replicas: 1,
          inactive_threshold: 5 * SECOND,
        },
      },
      ASK_TIMEOUT,
    );
    await link.ask(`$JS.API.CONSUMER.DELETE.${subject}`, undefined, ASK_TIMEOUT);
    return pending;
  });
}

/** How many messages each subject of a stream has; `undefined` where the server does not tell. */
export async function countPerSubject(
  link: ClusterLink,
  stream: string,
): Promise<Readonly<Record<string, number>> | undefined> {
  return known(() =>
    subjectCounts((subject, question) => link.ask(subject, question, ASK_TIMEOUT), stream),
  );
}

/** The settings of a stream's consumers; `undefined` where the server does not tell. */
export async function consumersOf(
  link: ClusterLink,
  stream: string,
): Promise<ConsumerSettings[] | undefined> {
  return known(async () =>
    (await consumerDetails(link, stream)).map(({ name, config }) => ({ ...config, name })),
  );
}

/** Every consumer of a stream, as it stands. */
export function consumerDetails(link: ClusterLink, stream: string): Promise<ConsumerDetail[]> {
  return consumerList((subject, question) => link.ask(subject, question, ASK_TIMEOUT), stream);
}

/** An answer that nobody depends on: where it cannot be had, a bound is said instead. */
export async function known<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError || error instanceof UserError || isTransient(error)) {
      return undefined;
    }
    throw error;
  }
}
