import type { StreamInfo } from "@nats-io/jetstream";
import type { DeletionPolicy } from "../asset-options";
import { BUCKET_PREFIX } from "../jetstream/names";

/**
 * Why a live stream is not deleted; `undefined` where nothing is lost by it. One that holds
 * messages is kept, and one that others copy from, unless those are deleted with it.
 *
 * @param live - every stream of the cluster that could depend on it, by name
 * @param leaving - names of the streams that are deleted together
 */
export function removalReason(
  where: string,
  info: StreamInfo,
  policy: DeletionPolicy,
  live: ReadonlyMap<string, StreamInfo>,
  leaving: ReadonlySet<string>,
): string | undefined {
  if (policy !== "refuseIfNotEmpty") {
    return undefined;
  }
  const name = info.config.name;
  const { messages, bytes } = info.state;
  if (messages > 0) {
    return `the ${called(name)} of ${where} is not deleted: it holds ${messages} ${messages === 1 ? "message" : "messages"} (${bytes} bytes). Set deletionPolicy: "delete" to delete them with it, or "retain" to leave it on the servers, and run 'pulumi up' once so that the policy is known; or empty it first.`;
  }
  const copies = copiesOf(name, live, leaving);
  return copies.length === 0
    ? undefined
    : `the ${called(name)} of ${where} is not deleted: the ${copies.join(" and the ")} ${copies.length === 1 ? "copies" : "copy"} its messages. Remove that mirror or source first, or set deletionPolicy: "delete".`;
}

/** The streams that mirror or source one, as a message names them. */
export function copiesOf(
  name: string,
  live: ReadonlyMap<string, StreamInfo>,
  leaving: ReadonlySet<string> = new Set(),
): string[] {
  return [...live.values()]
    .filter(({ config }) => !leaving.has(config.name) && copiesFrom(config, name))
    .map(({ config }) => called(config.name));
}

/** A stream as a message names what it holds. */
export function called(stream: string): string {
  return stream.startsWith(BUCKET_PREFIX)
    ? `bucket '${stream.slice(BUCKET_PREFIX.length)}'`
    : `stream '${stream}'`;
}

function copiesFrom({ mirror, sources = [] }: StreamInfo["config"], name: string): boolean {
  return [mirror, ...sources].some(
    (origin) => origin?.name === name && origin.external === undefined,
  );
}
