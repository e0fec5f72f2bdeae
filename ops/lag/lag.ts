import type { HeldStream } from "../observe/observation";

/** How far a consumer is behind, why, and what to do. */
export interface ConsumerLag {
  readonly stream: string;
  readonly consumer: string;
  /** Messages that were not delivered yet. */
  readonly pending: number;
  /** Messages that were delivered and not acknowledged. */
  readonly unacknowledged: number;
  readonly redelivered: number;
  /** Requests of workers that wait for messages. */
  readonly waiting: number;
  /** Whether it is further behind than it may be. */
  readonly isLate: boolean;
  readonly cause?: string;
  readonly remedy?: string;
}

/**
 * How far every consumer is behind, the furthest first.
 *
 * @param most - messages that a consumer may be behind
 */
export function consumerLags(streams: readonly HeldStream[], most: number): ConsumerLag[] {
  return streams
    .flatMap((stream) => (stream.consumer_detail ?? []).map((one) => lagOf(stream, one, most)))
    .sort((a, b) => b.pending + b.unacknowledged - (a.pending + a.unacknowledged));
}

type Detail = NonNullable<HeldStream["consumer_detail"]>[number];

function lagOf({ name: stream }: HeldStream, detail: Detail, most: number): ConsumerLag {
  const lag = {
    stream,
    consumer: detail.name,
    pending: detail.num_pending,
    unacknowledged: detail.num_ack_pending,
    redelivered: detail.num_redelivered,
    waiting: detail.num_waiting,
  };
  const isLate = lag.pending + lag.unacknowledged > most;
  return { ...lag, isLate, ...(isLate ? causeOf(detail) : {}) };
}

/** The cause that the figures show; the most certain ones are asked for first. */
function causeOf(detail: Detail): { readonly cause: string; readonly remedy: string } {
  const config = detail.config ?? {};
  const limit = Number(config.max_ack_pending ?? 0);
  if (config.pause_until !== undefined && Date.parse(String(config.pause_until)) > Date.now()) {
    return { cause: `it is paused until ${config.pause_until}`, remedy: "resume it" };
  }
  if (limit > 0 && detail.num_ack_pending >= limit) {
    return {
      cause: `${detail.num_ack_pending} messages wait for an acknowledgement, which is its max_ack_pending: nothing more is delivered`,
      remedy:
        "see why the workers do not acknowledge; add workers, or raise max_ack_pending where they are only slow",
    };
  }
  if (detail.num_redelivered > 0) {
    return {
      cause: `${detail.num_redelivered} messages were delivered more than once: workers fail, or need longer than ack_wait`,
      remedy: "look into the workers' logs; raise ack_wait where they are only slow",
    };
  }
  const isPush = config.deliver_subject !== undefined;
  if (isPush && (detail as { push_bound?: boolean }).push_bound !== true) {
    return { cause: "nobody listens on its deliver subject", remedy: "start the workers" };
  }
  if (!isPush && detail.num_waiting === 0 && detail.num_ack_pending === 0) {
    return { cause: "no worker asks for messages", remedy: "start the workers" };
  }
  return {
    cause: "the workers are slower than the stream",
    remedy: "add workers: kubectl scale deployment <workers> --replicas=<more>",
  };
}
