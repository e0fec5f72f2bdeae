import type { Canonical } from "./kinds";
import { parseDuration, UNLIMITED } from "./units";
import { isOlder } from "./versions";

/** The settings of a consumer that an update of its stream can contradict, as on the wire. */
export interface ConsumerSettings {
  readonly name: string;
  /** Nanoseconds; absent where the consumer stays. */
  readonly inactive_threshold?: number;
  readonly max_ack_pending?: number;
  readonly num_replicas?: number;
}

/**
 * The consumers whose own settings are over new limits of their stream, as the server compares
 * them. Before 2.12 it takes a limit that is not set for 0, so that every consumer that says
 * anything is over it.
 */
export function consumersOver(
  limits: Canonical | undefined,
  consumers: readonly ConsumerSettings[],
  serverVersion: string,
): string[] {
  const { inactiveThreshold, maxAckPending } = (limits ?? {}) as Readonly<Record<string, unknown>>;
  const isZeroALimit = isOlder(serverVersion, "2.12.0");
  const isOver = (value: number, limit: number) => (limit > 0 || isZeroALimit) && value > limit;
  const threshold = Number(parseDuration(String(inactiveThreshold ?? "none")) ?? 0n);
  const pending = maxAckPending === UNLIMITED ? 0 : Number(maxAckPending ?? 0);
  return consumers
    .filter(
      ({ inactive_threshold: inactive = 0, max_ack_pending: unacknowledged = 0 }) =>
        isOver(inactive, threshold) || isOver(unacknowledged, pending),
    )
    .map(({ name }) => name)
    .sort();
}

/** The consumers that say another number of replicas than a stream of interest allows them. */
export function consumersOfOtherReplicas(
  replicas: Canonical | undefined,
  consumers: readonly ConsumerSettings[],
): string[] {
  return consumers
    .filter(({ num_replicas: own = 0 }) => own > 0 && own !== replicas)
    .map(({ name }) => name)
    .sort();
}
