import { errors, type Msg } from "nats";
import { UserError } from "../user-error";

/** Codes of JetStream's API errors that are acted on, under the server's own numbers. */
export const API_ERRORS = {
  streamNotFound: 10059,
  nameInUse: 10058,
  noSuitablePeers: 10005,
  unavailable: 10008,
  streamCreate: 10049,
  peerNotMember: 10040,
  serverNotMember: 10044,
  moveInProgress: 10124,
  /** A stream whose replicas change, since 2.15. */
  reconfigured: 10226,
} as const;

/** Codes that pass by themselves: elections, servers that start, queues that are full. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([
  10004, 10007, 10008, 10009, 10023, 10035, 10041, 10064, 10076, 10118, 10124, 10226,
]);

/** The cluster cannot be reached, or JetStream in it does not answer, or it lets nobody in. */
export class Unreachable extends UserError {
  /** Why, in as few words as possible; it stands in the state. */
  readonly reason: string;
  private readonly where: string;

  constructor(
    where: string,
    reason: string,
    remedy: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`cannot reach ${where}: ${reason}; ${remedy}`, options);
    this.name = "Unreachable";
    this.reason = reason;
    this.where = where;
  }

  /** The same failure for whoever else waited: the whole story is told once. */
  again(): Unreachable {
    const error = new Unreachable(this.where, this.reason, "as said above", { cause: this });
    error.message = `cannot reach ${this.where} either: the reason is given once, with another resource`;
    error.stack = error.message;
    return error;
  }
}

/** The connection leads to another cluster, or another domain, than the one that is declared. */
export class WrongCluster extends UserError {}

/** An answer of JetStream that says no. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly description: string,
    readonly subject: string,
  ) {
    super(`${description} (${code})`);
    this.name = "ApiError";
  }
}

/** JetStream's answer to a request; one that says no is thrown. */
export function answerOf<T>(subject: string, reply: Pick<Msg, "json">): T {
  const answer = reply.json<T & { error?: { err_code?: number; description?: string } }>();
  if (answer.error !== undefined) {
    const { err_code: code = 0, description = "no reason given" } = answer.error;
    throw new ApiError(code, description, subject);
  }
  return answer;
}

/** Whether an error is JetStream's answer with this code. */
export function isApiError(error: unknown, code: number): boolean {
  return error instanceof ApiError && error.code === code;
}

/** Whether it is worth trying again: nobody answered, or the answer was "not now". */
export function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) {
    return (
      TRANSIENT_CODES.has(error.code) ||
      // The folder of an account's last stream goes away while the next one is made in it.
      (error.code === API_ERRORS.streamCreate && /creating store/.test(error.description)) ||
      (error.code === API_ERRORS.noSuitablePeers &&
        /peer offline|miscellaneous|not enabled in cluster/.test(error.description)) ||
      (error.code === API_ERRORS.noSuitablePeers && error.description.endsWith("for placement"))
    );
  }
  if (isAboutCertificate(error)) {
    return false;
  }
  return (
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoRespondersError ||
    error instanceof errors.ConnectionError ||
    error instanceof errors.ClosedConnectionError ||
    error instanceof errors.DrainingConnectionError ||
    (error instanceof errors.RequestError &&
      !(error.cause instanceof errors.PermissionViolationError))
  );
}

/** Whether a connection failed for a certificate, which the next try will not find another. */
export function isAboutCertificate(error: unknown): boolean {
  return error instanceof Error && /certificate/i.test(wordsOf(error));
}

/** What went wrong, in the words of whoever said it. */
export function wordsOf(error: unknown): string {
  if (isNoResponders(error)) {
    return "nobody answers";
  }
  if (error instanceof errors.TimeoutError) {
    return "no answer in time";
  }
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return cause === "" ? error.message : cause;
}

/** Whether nobody listens on the subject of a request. */
export function isNoResponders(error: unknown): boolean {
  return (
    error instanceof errors.NoRespondersError ||
    (error instanceof errors.RequestError && error.isNoResponders())
  );
}

/**
 * Tries until it works, fails for good, or time is up; the last error is thrown as it came.
 * Waits grow from a quarter of a second to four, with jitter so that resources do not march in step.
 */
export async function untilDone<T>(deadline: number, attempt: () => Promise<T>): Promise<T> {
  for (let wait = 250; ; wait = Math.min(wait * 2, 4000)) {
    try {
      return await attempt();
    } catch (error) {
      const pause = wait * (0.75 + Math.random() / 2);
      if (!isTransient(error) || Date.now() + pause > deadline) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
