import { renameSync, rmSync } from "node:fs";
import { checkBackup } from "../../backup/check";
import { closedSubject, isClosed } from "../../backup/recreation";
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
import { deleteStream, writtenStream } from "../live-streams";
import { bringBack, reopen } from "./bring-back";
import { closeStream, isOpen, openStream, settingsOf, waysIn } from "./closing";
import { type Pending, pendingWords, progressOf } from "./pending";
import { waitingOf } from "./waiting-counts";
import { mustBe, subjectSum, TRANSFER, type Work } from "./work";

/** Backups that are made of a stream into which something still comes, as into a mirror. */
const ATTEMPTS = 3;

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
  const pending = await saved(work, original);
  await deleteStream(link, name);
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

/** Closes the stream and backs it up; an error leaves it open, and as it was. */
async function saved(work: Work, original: StreamSettings): Promise<Pending> {
  const { link, declared } = work;
  const name = String(declared.name);
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
          `the ${label(work.kind, declared)} of ${link.where} is not recreated: messages came into it while it was saved, ${ATTEMPTS} times; stop what writes to it, and run the command again. Nothing was deleted.`,
        );
      }
    }
  } catch (error) {
    // Where it cannot be opened it stays closed, which the next preview shows and the next run mends.
    await openStream(link, { ...original, name }).catch(() => undefined);
    throw error;
  }
}

async function savedOnce(
  work: Work,
  original: StreamSettings,
): Promise<Pending & { readonly last: number }> {
  const { link, client, declared, options } = work;
  const name = String(declared.name);
  const closed = await closeStream(link, await mustBe(work));
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
    const journal: Journal = {
      format: 1,
      stream: name,
      cluster: link.clusterName,
      saved: manifest.end,
      messages: manifest.messages,
      bytes: manifest.state.bytes,
      ...(subjects === undefined ? {} : { subjects }),
      waiting: waitingOf(await consumerDetails(link, name)),
      target: targetOf(original, declared, link.serverVersion),
      isClosed: isOpen(original),
    };
    writeJournal(partial, journal);
    // Once more from the disk: from here on this is all there is of it.
    const { problems } = await checkBackup(partial);
    if (problems.length > 0) {
      throw new UserError(
        `the backup of ${name} in ${partial} cannot be read back: ${problems.join("; ")}. Nothing was deleted; see whether that disk is well.`,
      );
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
