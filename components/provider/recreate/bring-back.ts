import { type CheckedBackup, checkBackup } from "../../backup/check";
import { isClosed } from "../../backup/recreation";
import { endRecreation, writeJournal } from "../../backup/recreation-folder";
import type { StreamSettings } from "../../jetstream/stream-fields";
import { UserError } from "../../user-error";
import { label } from "../asset-messages";
import { compareRestored } from "../backup/compare-restored";
import { type Changes, restoreStream } from "../backup/restore-stream";
import type { AskServers } from "../backup/restored-replicas";
import { NAME_IN_USE, removeHalf } from "../backup/send-archive";
import type { ClusterLink } from "../cluster-link";
import { ApiError, isApiError, isTransient } from "../faults";
import { writtenStream } from "../live-streams";
import { openStream, settingsOf } from "./closing";
import type { Pending } from "./pending";
import { countAnew } from "./waiting-counts";
import { mustBe, subjectSum, TRANSFER, type Work, withStop } from "./work";

const ATTEMPTS = 3;
/** What a deletion takes until every server has carried it out. */
const DELETION = 1_000;

/** Restores what is not there, compares what is, and only then lets publishers in. */
export async function bringBack(
  work: Work,
  pending: Pending,
  original: StreamSettings,
): Promise<void> {
  const { link, kind, declared, options } = work;
  const { folder, journal } = pending;
  const backup = await checkBackup(folder);
  const settings = Object.fromEntries(
    Object.entries(journal.target).map(([name, value]) => [name, value ?? undefined]),
  );
  try {
    if (!(await isWhole(work, backup))) {
      await restoredPatiently(work, backup, { settings, isInUse: true });
    }
  } catch (error) {
    if (isRefusal(error)) {
      await putBack(work, pending, original).catch((failure: unknown) => {
        throw notBack(work, folder, failure);
      });
      throw new UserError(
        `the ${label(kind, declared)} of ${link.where} was not recreated: ${wordsIn(error)} It was restored with the settings that it had, and nothing is lost.`,
        { cause: error },
      );
    }
    throw notBack(work, folder, error);
  }
  await compareSubjects(work, pending);
  await countAnew(link, journal.stream, journal.waiting ?? {});
  writeJournal(folder, { ...journal, isVerified: true });
  await reopen(work, pending);
  endRecreation(folder, journal, options.keepBackup);
}

/**
 * Whether a killed run had restored all of it. A server that is sent no more keeps what it has got as
 * a stream of that name for a while: it is closed to publishers, so the backup has all of that too.
 */
async function isWhole({ link, client, declared }: Work, backup: CheckedBackup): Promise<boolean> {
  const name = String(declared.name);
  if ((await writtenStream(link, name)) === undefined) {
    return false;
  }
  const { differences } = await compareRestored(client, backup, {
    isInUse: true,
    ask: askIn(link),
  });
  if (differences.length > 0) {
    await removeHalf(client, name);
  }
  return differences.length === 0;
}

/** Asks servers what they hold, where the connection has a user who may. */
function askIn({ system }: ClusterLink): AskServers | undefined {
  return system === undefined ? undefined : (servers) => system.streamsOf(servers);
}

/** Lets publishers in again, as the declaration says. */
export async function reopen({ link, declared }: Work, { journal }: Pending): Promise<void> {
  const info = await writtenStream(link, journal.stream);
  if (info !== undefined && isClosed(settingsOf(info))) {
    await openStream(link, declared);
  }
}

/** The server does not take the new settings after all: the old ones it has taken before. */
async function putBack(
  work: Work,
  { folder, journal }: Pending,
  original: StreamSettings,
): Promise<void> {
  await restoredPatiently(work, await checkBackup(folder), { isInUse: true });
  await openStream(work.link, original);
  endRecreation(folder, journal, false);
}

function notBack({ link, kind, declared }: Work, folder: string, reason: unknown): UserError {
  return new UserError(
    `the ${label(kind, declared)} of ${link.where} was deleted to be recreated, and is not back yet: ${wordsIn(reason)} Its messages and consumers are in ${folder}; run 'pulumi up' again to go on from there.`,
    { cause: reason },
  );
}

/**
 * Restores where the name may be in use a while longer: by a server that has not heard of the deletion
 * yet, or by the restore of a killed run, which servers give up after some seconds and then may keep
 * as a stream with what they had got.
 */
async function restoredPatiently(
  work: Work,
  backup: CheckedBackup,
  changes: Changes,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, DELETION));
    try {
      await restoreStream(work.client, backup, changes, { ...TRANSFER, ask: askIn(work.link) });
      return;
    } catch (error) {
      if (!isNameInUse(error) || attempt === ATTEMPTS) {
        throw error;
      }
      await removeInterrupted(work);
    }
  }
}

/** Deletes what the restore of a killed run left: it is closed, and nobody else's would be. */
async function removeInterrupted({ link, client, declared }: Work): Promise<void> {
  const name = String(declared.name);
  const info = await writtenStream(link, name);
  if (info !== undefined && isClosed(settingsOf(info))) {
    await removeHalf(client, name);
  }
}

function isNameInUse(error: unknown): boolean {
  return error instanceof UserError && isApiError(error.cause, NAME_IN_USE);
}

/** Whether a server said no to what it was to restore, and would say it again. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof UserError &&
    error.cause instanceof ApiError &&
    !isTransient(error.cause) &&
    !isNameInUse(error)
  );
}

/** Each subject has as many messages as before, unless time or consumers took some meanwhile. */
async function compareSubjects(work: Work, { folder, journal }: Pending): Promise<void> {
  const { link, kind, declared } = work;
  const { messages } = (await mustBe(work)).state;
  const sum = await subjectSum(link, journal.stream);
  if (
    journal.subjects !== undefined &&
    sum !== undefined &&
    messages === journal.messages &&
    sum !== journal.subjects
  ) {
    throw new UserError(
      `the ${label(kind, declared)} of ${link.where} was restored and has other messages on its subjects than were backed up; it is left closed to publishers, and the backup is in ${folder}.`,
    );
  }
}

function wordsIn(error: unknown): string {
  return withStop(error instanceof Error ? error.message : String(error));
}
