import type { NatsConnection } from "nats";
import type { ConsumerDetail, LiveStream } from "../../backup/answers";
import { UserError } from "../../user-error";
import { consumerList } from "../consumer-list";
import { API_ERRORS, isApiError, untilDone } from "../faults";
import { subjectCounts } from "../subject-counts";
import { askApi } from "./ask-api";

const TIMEOUT = 5_000;
const PATIENCE = 15_000;

/** Every stream of the account. A server leaves out the ones whose leaders do not answer. */
export async function listLive(connection: NatsConnection): Promise<LiveStream[]> {
  const found: LiveStream[] = [];
  for (let total = 1; found.length < total; ) {
    const page = await ask<{ total: number; streams?: LiveStream[]; missing?: string[] }>(
      connection,
      "$JS.API.STREAM.LIST",
      { offset: found.length },
    );
    if ((page.missing?.length ?? 0) > 0) {
      throw new UserError(
        `these streams do not answer: ${page.missing?.join(", ")}; bring their servers back first, or name the streams that you want with --stream.`,
      );
    }
    total = page.total;
    found.push(...(page.streams ?? []));
    if ((page.streams ?? []).length === 0) {
      break;
    }
  }
  return found.sort((a, b) => (a.config.name < b.config.name ? -1 : 1));
}

/** One stream; nothing where the server says that there is none. */
export async function findLive(
  connection: NatsConnection,
  stream: string,
): Promise<LiveStream | undefined> {
  try {
    return await ask<LiveStream>(connection, `$JS.API.STREAM.INFO.${stream}`, {
      deleted_details: false,
    });
  } catch (error) {
    if (isApiError(error, API_ERRORS.streamNotFound)) {
      return undefined;
    }
    throw error;
  }
}

/** How many messages each subject of a stream has. */
export async function countSubjects(
  connection: NatsConnection,
  stream: string,
): Promise<ReadonlyMap<string, number>> {
  const counts = await subjectCounts(
    (subject, question) => ask(connection, subject, question),
    stream,
  );
  return new Map(Object.entries(counts));
}

/** Every consumer of a stream. */
export function listConsumers(
  connection: NatsConnection,
  stream: string,
): Promise<ConsumerDetail[]> {
  return consumerList((subject, question) => ask(connection, subject, question), stream);
}

/** Deletes a stream; one that is gone already is what was wanted. */
export async function deleteLive(connection: NatsConnection, stream: string): Promise<void> {
  try {
    await ask(connection, `$JS.API.STREAM.DELETE.${stream}`, undefined);
  } catch (error) {
    if (!isApiError(error, API_ERRORS.streamNotFound)) {
      throw error;
    }
  }
}

function ask<T>(connection: NatsConnection, subject: string, question: unknown): Promise<T> {
  return untilDone(Date.now() + PATIENCE, () => askApi<T>(connection, subject, question, TIMEOUT));
}
