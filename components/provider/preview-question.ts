import type { ConnectionArgs } from "../connection-args";
import { canonicalText } from "../jetstream/stream-settings";
import { UserError } from "../user-error";
import { type ClusterLink, describeCluster } from "./cluster-link";
import { isTransient, WrongCluster, wordsOf } from "./faults";
import { isSilent, linkForReading, noteSilence } from "./link-pool";

/** Why a connection cannot be asked; nothing once that was said. */
const reasons = new Map<string, string | undefined>();

/**
 * Asks the live cluster in a preview; `otherwise` where it cannot be reached, or does not let
 * anybody in. Checks come one after the other, so a cluster that gives no answer is waited for once.
 */
export function reached<T>(
  connection: ConnectionArgs,
  otherwise: T,
  ask: (link: ClusterLink) => Promise<T>,
): Promise<T> {
  return reachedOr(connection, () => otherwise, ask);
}

/**
 * The same, where it matters why it cannot be asked.
 *
 * @param otherwise - is given what says so, once for a connection and nothing after that
 */
export async function reachedOr<T>(
  connection: ConnectionArgs,
  otherwise: (tell: () => string | undefined) => T,
  ask: (link: ClusterLink) => Promise<T>,
): Promise<T> {
  const key = canonicalText(connection);
  const tell = () => {
    const reason = reasons.get(key);
    reasons.set(key, undefined);
    return reason;
  };
  if (isSilent(connection)) {
    return otherwise(tell);
  }
  try {
    return await ask(await linkForReading(connection));
  } catch (error) {
    if (isTransient(error)) {
      noteSilence(connection);
    }
    const isBug = !(error instanceof UserError) && !isTransient(error);
    if (error instanceof WrongCluster || isBug) {
      throw error;
    }
    if (!reasons.has(key)) {
      reasons.set(key, reasonOf(connection, error));
    }
    return otherwise(tell);
  }
}

function reasonOf(connection: ConnectionArgs, error: unknown): string {
  return error instanceof UserError
    ? error.message
    : `cannot ask ${describeCluster(connection)}: ${wordsOf(error)}`;
}
