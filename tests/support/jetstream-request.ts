import type { NatsConnection } from "nats";

/** How often a request is made that no server answers. */
const ATTEMPTS = 4;
const PAUSE = 500;

/** "Stream not found", "consumer not found". */
const GONE: readonly (number | undefined)[] = [10059, 10014];

interface ApiAnswer {
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/**
 * What says nothing about what was asked: "JetStream is temporarily unavailable", and servers that
 * count as offline because a cluster that has just started does not have their figures yet.
 */
function isPassing({ error }: ApiAnswer): boolean {
  return error?.err_code === 10008 || (error?.description ?? "").endsWith("peer offline");
}

/**
 * Asks JetStream's API, with nothing of a client library in between. Servers leave a request
 * unanswered when their leader changes under it, so that it is made again: it is only for questions
 * and for writes that end the same when they are made twice. A deletion whose answer got lost has
 * deleted all the same.
 *
 * @param subject - without `$JS.API.`
 * @param patience - how long one attempt waits, in milliseconds
 */
export async function askJetStream<T>(
  client: NatsConnection,
  subject: string,
  question?: unknown,
  patience = 10_000,
): Promise<T> {
  const payload = question === undefined ? "" : JSON.stringify(question);
  for (let isLost = false, left = ATTEMPTS - 1; ; left--) {
    try {
      const reply = await client.request(`$JS.API.${subject}`, payload, { timeout: patience });
      const answer = reply.json<T & ApiAnswer>();
      if (isLost && subject.includes(".DELETE.") && GONE.includes(answer.error?.err_code)) {
        return { ...answer, success: true, error: undefined };
      }
      if (left === 0 || !isPassing(answer)) {
        return answer;
      }
    } catch (error) {
      isLost = true;
      if (left === 0) {
        throw new Error(`no server answers ${subject}: ${(error as Error).message}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
