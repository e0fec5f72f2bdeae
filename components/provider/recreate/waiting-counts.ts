import type { ConsumerDetail } from "../../backup/answers";
import type { Waiting } from "../../backup/recreation-folder";
import type { ClusterLink } from "../cluster-link";
import { consumerDetails, known } from "../contents";

const ASK_TIMEOUT = 5_000;
const LOOKS = 10;
const PAUSE = 500;

/** What the consumers of a stream wait for. */
export function waitingOf(consumers: readonly ConsumerDetail[]): Waiting {
  return Object.fromEntries(
    consumers.map(({ name, delivered, num_pending: pending, num_ack_pending: flying }) => [
      name,
      [delivered.stream_seq, pending, flying] as const,
    ]),
  );
}

/**
 * The consumers that are where they were, and count fewer messages ahead of them. One that was set back
 * has those ahead of it again that it had in flight.
 */
export function miscounting(before: Waiting, now: Waiting): string[] {
  return Object.entries(before)
    .filter(([name, [delivered, pending, flying = 0]]) => {
      const [isAt, has] = now[name] ?? [];
      return (
        isAt !== undefined &&
        has !== undefined &&
        isAt <= delivered &&
        has < pending + (isAt < delivered ? flying : 0)
      );
    })
    .map(([name]) => name);
}

/**
 * A consumer that is led by a server which had not all messages yet when it began counts too few of
 * them for ever, and tells clients that ask without waiting that there are none. Another leader
 * counts anew. Nothing is lost by it, so nothing is refused for it either.
 */
export async function countAnew(link: ClusterLink, stream: string, before: Waiting): Promise<void> {
  await known(async () => {
    for (let look = 0; look < LOOKS; look++) {
      const wrong = miscounting(before, waitingOf(await consumerDetails(link, stream)));
      if (wrong.length === 0) {
        return;
      }
      if (look % 4 === 1) {
        for (const name of wrong) {
          const subject = `$JS.API.CONSUMER.LEADER.STEPDOWN.${stream}.${name}`;
          await link.ask(subject, undefined, ASK_TIMEOUT);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  });
}
