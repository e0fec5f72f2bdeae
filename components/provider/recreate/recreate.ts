import { renameSync, rmSync } from "node:fs";
import { errors } from "nats";
import { formatRefusal } from "../../backup/archive/formats";
import { checkBackup } from "../../backup/check";
import { closedSubject, isClosed, leftOutReason } from "../../backup/recreation";
import {
  endRecreation,
  freshPartial,
  type Journal,
  recreationFolder,
  writeJournal,
} from "../../backup/recreation-folder";
import { changesBetween, unmakeableChanges } from "../../jetstream/changes";
import { STREAM_FIELDS, type StreamSettings } from "../../jetstream/stream-fields";
import { toWire } from "../../jetstream/stream-settings";
import { UserError } from "../../user-error";
import { label } from "../asset-messages";
import { backupStream } from "../backup/backup-stream";
import { consumerDetails } from "../contents";
import { ApiError, isTransient } from "../faults";
import { deleteStream, writtenStream } from "../live-streams";
import { runningVersions } from "../running-versions";
import { bringBack, reopen } from "./bring-back";
import { closeStream, isOpen, openStream, settingsOf, waysIn } from "./closing";
import { type Pending, pendingWords, progressOf } from "./pending";
import { waitingOf } from "./waiting-counts";
import { mustBe, subjectSum, TRANSFER, type Work, withStop } from "./work";

/** Backups that are made of a stream into which something still comes, as into a mirror. */
const ATTEMPTS = 3;
const PROBE_TIMEOUT = 2_000;

/**
 * Saves a stream, deletes it, restores it with the settings that no update could give it, and
 * compares. Until its backup is whole nothing is deleted; from there on the backup and its journal
 * are enough to go on, whoever is killed.
 */
export async function recreate(work: Work): Promise<void> {
  const { link, declared } = work;
  const name = String(declared.name);
  const info = await writtenStream(link, name);
  if (info === undefined) {
    return;
  }
  const before = settingsOf(info);
  // Closed by a run that was killed: nobody knows the old ways into it.
  const original = isClosed(before) ? { ...before, ...waysIn(declared) } : before;
  await assertMayTransfer(work);
  const pending = await saved(work, original);
  await deleted(work, pending, original);
  await bringBack(work, pending, original);
}

/** Goes on with a recreation that an earlier run began. */
export async function resume(work: Work, pending: Pending): Promise<void> {
  const { link, kind, declared, options } = work;
  const info = await writtenStream(link, String(declared.name));
  const progress = progressOf(pending, info);
  const { reason } = pendingWords(link, kind, declared, pending, progress);
  if (reason !== undefined) {
    throw new UserError(reason);
  }
  if (progress === "old") {
    rmSync(pending.folder, { recursive: true, force: true });
  } else if (progress === "done") {
    await reopen(work, pending);
    endRecreation(pending.folder, pending.journal, options.keepBackup);
  } else {
    await bringBack(work, pending, declared);
  }
}

/**
 * Publishes where chunks are acknowledged and sent, and nobody listens yet: a user who may not would
 * be found out by a snapshot that ends halfway, and by a restore when the stream is gone.
 */
async function assertMayTransfer({ link, client, kind, declared }: Work): Promise<void> {
  for (const way of ["ACK", "RESTORE"]) {
    const subject = `$JS.SNAPSHOT.${way}.${String(declared.name)}.try`;
    try {
      await client.request(subject, "", { timeout: PROBE_TIMEOUT });
    } catch (error) {
      const cause = error instanceof errors.RequestError ? error.cause : error;
      if (cause instanceof errors.PermissionViolationError) {
        throw new UserError(
          `the ${label(kind, declared)} of ${link.where} is not recreated: the server refused a message on '${subject}': "${cause.message}"; allow the user of the connection to publish on '$JS.SNAPSHOT.${way}.>'. Nothing was changed.`,
          { cause: error },
        );
      }
    }
  }
}

/** Deletes the stream. Where the server says no, it is opened again, and as it was. */
async function deleted(work: Work, { folder }: Pending, original: StreamSettings): Promise<void> {
  const { link, declared } = work;
  try {
    await deleteStream(link, String(declared.name));
  } catch (error) {
    if (error instanceof ApiError ? isTransient(error) : !(error instanceof UserError)) {
      // It may be gone: the next run sees.
      throw error;
    }
    const refusal = await leftAsItWas(work, original, error);
    rmSync(folder, { recursive: true, force: true });
    throw refusal;
  }
}

/** Closes the stream and backs it up; an error leaves it open, and as it was. */
async function saved(work: Work, original: StreamSettings): Promise<Pending> {
  try {
    for (let attempt = 1; ; attempt++) {
      const pending = await savedOnce(work, original);
      const { messages, last_seq: last } = (await mustBe(work)).state;
      const isWhole = last === pending.last && messages <= pending.journal.messages;
      if (isWhole) {
        return pending;
      }
      rmSync(pending.folder, { recursive: true, force: true });
      if (attempt === ATTEMPTS) {
        throw new UserError(
          `messages came into it while it was saved, ${ATTEMPTS} times; stop what writes to it, and run 'pulumi up' again.`,
        );
      }
    }
  } catch (error) {
    throw await leftAsItWas(work, original, error);
  }
}

/** Opens a stream again that was not deleted, and says so. */
async function leftAsItWas(
  { link, kind, declared, options }: Work,
  original: StreamSettings,
  error: unknown,
): Promise<unknown> {
  const isOpen = await openStream(link, { ...original, name: declared.name }).then(
    () => true,
    () => false,
  );
  const isFull = (error as NodeJS.ErrnoException).code === "ENOSPC";
  if (!isFull && !(error instanceof UserError) && !(error instanceof ApiError)) {
    return error;
  }
  const reason = isFull
    ? `the disk of '${options.backupDirectory}' is full; make room, or have 'backupDirectory' on another one.`
    : error instanceof ApiError
      ? `the server says "${error.description}" (${error.code}).`
      : withStop((error as Error).message);
  const now = isOpen
    ? "takes messages as before"
    : "is still closed to publishers; 'pulumi up' opens it when the cluster is well";
  return new UserError(
    `the ${label(kind, declared)} of ${link.where} is not recreated: ${reason} Nothing of it was deleted, and it ${now}.`,
    { cause: error },
  );
}

async function savedOnce(
  work: Work,
  original: StreamSettings,
): Promise<Pending & { readonly last: number }> {
  const { link, client, declared, options } = work;
  const name = String(declared.name);
  const closed = await closeStream(work);
  const folder = recreationFolder(options.backupDirectory, link.clusterName, name);
  const partial = freshPartial(folder);
  rmSync(folder, { recursive: true, force: true });
  try {
    const subjects = await subjectSum(link, name);
    const origin = {
      tool: "@tfdc/pulumi-nats",
      cluster: link.clusterName,
      serverVersion: link.serverVersion,
    };
    const manifest = await backupStream(client, name, partial, origin, {
      ...TRANSFER,
      withConsumers: true,
    });
    const consumers = await consumerDetails(link, name);
    const journal: Journal = {
      format: 1,
      stream: name,
      cluster: link.clusterName,
      saved: manifest.end,
      messages: manifest.messages,
      bytes: manifest.state.bytes,
      ...(subjects === undefined ? {} : { subjects }),
      waiting: waitingOf(consumers),
      target: targetOf(original, declared, link.serverVersion),
      isClosed: isOpen(original),
    };
    writeJournal(partial, journal);
    // Once more from the disk: from here on this is all there is of it.
    const checked = await checkBackup(partial);
    const { problems } = checked;
    if (problems.length > 0) {
      throw new UserError(
        `the backup of ${name} in ${partial} cannot be read back: ${problems.join("; ")}; see whether that disk is well.`,
      );
    }
    // During an upgrade another server may receive it than the one that sent it.
    const versions = [link.serverVersion, ...(await runningVersions(link))];
    const refusal = formatRefusal([{ ...checked, stream: name }], versions);
    const reason =
      refusal ??
      (options.allowDataLoss === true
        ? undefined
        : leftOutReason(consumers, checked.contents?.consumers ?? []));
    if (reason !== undefined) {
      throw new UserError(reason);
    }
    renameSync(partial, folder);
    return { folder, journal, last: Math.max(manifest.lastSequence, closed.state.last_seq) };
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/** What a stream is restored with instead of what it had: the rest is left to an update after it. */
function targetOf(
  live: StreamSettings,
  declared: StreamSettings,
  serverVersion: string,
): Record<string, unknown> {
  const wanted = toWire(declared);
  const rows = new Map(STREAM_FIELDS.map(({ name, wire }) => [name, wire]));
  const target = Object.fromEntries(
    unmakeableChanges(changesBetween(live, declared, serverVersion)).map(({ property }) => {
      const wire = rows.get(property) ?? property;
      return [wire, wanted[wire] ?? null];
    }),
  );
  const name = String(declared.name);
  // No stream is born sealed, and one that was a mirror or sealed has not been closed before.
  return { ...target, sealed: false, subjects: [closedSubject(name)] };
}
