import type { ConnectionArgs } from "../connection-args";
import { canonicalText } from "../jetstream/stream-settings";
import { UserError } from "../user-error";
import { type ClusterLink, describeCluster, openLink } from "./cluster-link";
import { isTransient, Unreachable, untilDone, WrongCluster, wordsOf } from "./faults";

/** How long a write waits for a cluster to come up and settle. */
const PATIENCE = 30_000;
/** How long a read waits for an election to end, which takes four to nine seconds after a kill. */
const READ_PATIENCE = 9_000;
const ASK_TIMEOUT = 2_000;

/** Connections over which a question of a preview got no answer. */
const silent = new Set<string>();
const reading = new Map<string, Promise<ClusterLink>>();
const writing = new Map<string, Promise<ClusterLink>>();

/**
 * The connection that all reads of this process share. One that failed has failed for all of
 * them, so that a thousand streams wait for an absent cluster once.
 */
export function linkForReading(connection: ConnectionArgs): Promise<ClusterLink> {
  return once(reading, canonicalText(connection), async () => {
    const link = await openLink(connection);
    return settled(link, connection, Date.now() + READ_PATIENCE);
  });
}

/**
 * The connection that all writes share. Unlike a read, a write waits for a cluster that is just
 * being started: it is often the same `pulumi up` that starts it.
 */
export async function linkForWriting(connection: ConnectionArgs): Promise<ClusterLink> {
  const key = canonicalText(connection);
  const isFirst = !writing.has(key);
  try {
    return await once(writing, key, () => openForWriting(key, connection));
  } catch (error) {
    throw error instanceof Unreachable && !isFirst ? error.again() : error;
  }
}

async function openForWriting(key: string, connection: ConnectionArgs): Promise<ClusterLink> {
  const open = await reading.get(key)?.catch(() => undefined);
  if (open !== undefined && !open.isClosed) {
    return open;
  }
  const link = await openPatiently(connection);
  reading.set(key, Promise.resolve(link));
  return link;
}

/** Remembers that a cluster gave no answer to a preview, so that its next question waits no more. */
export function noteSilence(connection: ConnectionArgs): void {
  silent.add(canonicalText(connection));
}

/** Whether a question of a preview got no answer before. */
export function isSilent(connection: ConnectionArgs): boolean {
  return silent.has(canonicalText(connection));
}

/** Closes every connection of this process. */
export async function closeLinks(): Promise<void> {
  silent.clear();
  const open = [...reading.values(), ...writing.values()];
  reading.clear();
  writing.clear();
  await Promise.allSettled(open.map(async (link) => (await link).close()));
}

function once(
  pool: Map<string, Promise<ClusterLink>>,
  key: string,
  open: () => Promise<ClusterLink>,
): Promise<ClusterLink> {
  const known = pool.get(key);
  if (known !== undefined) {
    return known;
  }
  const opening = open();
  pool.set(key, opening);
  return opening;
}

async function openPatiently(connection: ConnectionArgs): Promise<ClusterLink> {
  const start = Date.now();
  try {
    return await untilDone(start + PATIENCE, async () => {
      const link = await openLink(connection).catch((error: unknown) => {
        // Connecting has its own error, whose cause tells whether another try could help.
        throw error instanceof Unreachable && isTransient(error.cause) ? error.cause : error;
      });
      return settled(link, connection, start + PATIENCE);
    });
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    const seconds = Math.round((Date.now() - start) / 1000);
    throw new Unreachable(
      describeCluster(connection),
      wordsOf(error),
      `tried for ${seconds} s; bring the servers up and run the command again: nothing was lost, and nothing is written twice`,
      { cause: error },
    );
  }
}

/** Waits until JetStream answers, which it does once there is a meta leader. */
async function settled(
  link: ClusterLink,
  connection: ConnectionArgs,
  deadline: number,
): Promise<ClusterLink> {
  try {
    const { domain } = await untilDone(deadline, () =>
      link.ask<{ domain?: string }>("$JS.API.INFO", undefined, ASK_TIMEOUT),
    );
    if (connection.domain !== undefined && domain !== connection.domain) {
      throw new WrongCluster(
        `${link.where} is the wrong JetStream: its domain is '${domain ?? ""}', and '${connection.domain}' is declared. Nothing was read or written; correct 'servers' or 'domain' of the connection.`,
      );
    }
    return link;
  } catch (error) {
    await link.close();
    throw error instanceof UserError
      ? error
      : new Unreachable(
          link.where,
          `JetStream has no meta leader (${wordsOf(error)})`,
          "check that more than half of the servers run and see each other",
          { cause: error },
        );
  }
}
