import type { StreamInfo } from "@nats-io/jetstream";
import type { Adopt, DeletionPolicy } from "../asset-options";
import { type AssetKind, assetVersionProblems } from "../jetstream/asset-kinds";
import { stepBetween } from "../jetstream/changes";
import { isForeign } from "../jetstream/ownership";
import { type Disagreement, isReconfigured } from "../jetstream/replica-agreement";
import type { StreamSettings } from "../jetstream/stream-fields";
import { differences, fromWire, toWire } from "../jetstream/stream-settings";
import { withUnknown } from "../jetstream/unknown-settings";
import { UserError } from "../user-error";
import { adoptionReason, foreignReason } from "./adoption";
import { explained, label, listed } from "./asset-messages";
import { judgeUpdate } from "./change-guard";
import type { ChangeOptions } from "./change-options";
import type { ClusterLink } from "./cluster-link";
import { API_ERRORS, ApiError, isApiError } from "./faults";
import { createStream, deleteStream, updateStream, writtenStream } from "./live-streams";
import { halfApplied, settledDisagreements } from "./read-back";
import { removalReason } from "./removal";

/** A create that a server took can be undone for five seconds. */
const APPEARANCE = 6_000;

/** How long an update waits for a move before it asks to be run again. */
const MOVE_PATIENCE = 60_000;

/** How far a leader may be behind a replica with an update. */
const MOMENT = 1_000;

const INHERITED =
  "A server gives a mirror the allowDirect of its origin: leave mirrorDirect out, or set allowDirect there.";

const OVERWRITTEN = "Another program may write it too; run 'pulumi preview' to see what is there.";

/**
 * Makes an asset, or takes an existing one for it where `adopt` allows. Half-made work of an
 * interrupted run carries the owner's mark and is recognised by it.
 */
export async function createAsset(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  adopt: Adopt,
  options: ChangeOptions,
): Promise<void> {
  await explained(link, kind, declared, "create", async () => {
    const isCreated = await makeOrAdopt(link, kind, declared, adopt, options);
    await converge(link, kind, declared, isCreated);
  });
}

/**
 * A name can be in use although nothing is found under it: somebody made it in between, or a
 * deletion is not through on every server. The next look tells which.
 *
 * @returns whether it was made
 */
async function makeOrAdopt(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  adopt: Adopt,
  options: ChangeOptions,
): Promise<boolean> {
  const deadline = Date.now() + APPEARANCE;
  for (;;) {
    const info = await writtenStream(link, String(declared.name));
    refuseUnknownFields(link, kind, declared);
    if (info !== undefined) {
      refuse(adoptionReason(link, kind, settingsIn(info), declared, adopt));
      await refuseHarm(link, kind, info, declared, options);
      return false;
    }
    try {
      await makeStream(link, declared);
      return true;
    } catch (error) {
      if (!isApiError(error, API_ERRORS.nameInUse) || Date.now() > deadline) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** Brings an existing asset to its declaration, and makes it where it is gone. */
export async function applyAsset(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  options: ChangeOptions,
): Promise<void> {
  await explained(link, kind, declared, "update", async () => {
    const info = await writtenStream(link, String(declared.name));
    refuseUnknownFields(link, kind, declared);
    if (info === undefined) {
      await makeStream(link, declared);
    } else {
      await refuseHarm(link, kind, info, declared, options);
    }
    await converge(link, kind, declared, info === undefined);
  });
}

/** The preview's verdict once more: between the two, and without one, things change. */
async function refuseHarm(
  link: ClusterLink,
  kind: AssetKind,
  info: StreamInfo,
  declared: StreamSettings,
  options: ChangeOptions,
): Promise<void> {
  refuse(foreignReason(link, kind, settingsIn(info), declared));
  const { problems } = await judgeUpdate(link, kind, info, declared, options, false);
  if (problems.length > 0) {
    const reasons = problems.map(({ reason }) => reason).join(". ");
    throw new UserError(
      `the ${label(kind, declared)} of ${link.where} is not updated: ${reasons}.`,
    );
  }
}

/** Deletes an asset, unless it holds messages that nobody allowed to delete. */
export async function removeAsset(
  link: ClusterLink,
  kind: AssetKind,
  name: string,
  declared: StreamSettings,
  policy: DeletionPolicy,
): Promise<void> {
  await explained(link, kind, declared, "delete", async () => {
    const info = await writtenStream(link, name);
    if (info === undefined) {
      return;
    }
    const live = settingsIn(info);
    if (isForeign(live.metadata, declared.metadata)) {
      // It belongs to another stack by now: ours is gone, theirs is not ours to delete.
      return;
    }
    // What copies from it is the guard's to find: it knows what else is deleted.
    refuse(removalReason(link.where, info, policy, new Map(), new Set()));
    await deleteStream(link, name);
  });
}

/** Creates a stream, unsealed: none can be born sealed, so that is left to the update after it. */
async function makeStream(link: ClusterLink, declared: StreamSettings): Promise<void> {
  await createStream(link, toWire({ ...declared, sealed: false }));
}

/** Writes what differs, reads it back, and accepts nothing less than the declaration. */
async function converge(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  isCreated: boolean,
): Promise<void> {
  const info = await presentInfo(link, kind, declared);
  const live = settingsIn(info);
  refuse(foreignReason(link, kind, live, declared));
  if (differences(live, declared).length > 0) {
    const between = stepBetween(live, declared, link.serverVersion);
    if (between !== undefined) {
      await updateStream(link, wireOver(info, between));
      await settledReplicas(link, kind, between);
    }
    await rewrite(link, kind, declared, info);
  } else if ((await disagreeing(link, kind, declared, info, isCreated)).length > 0) {
    // An earlier write was taken by half: a server that has been mended takes it the next time.
    await rewrite(link, kind, declared, info);
  }
}

/** Writes a declaration, and reads it back from its leader and from every server that holds it. */
async function rewrite(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  before: StreamInfo,
): Promise<void> {
  await updateStream(link, wireOver(before, declared)).catch(async (error: unknown) => {
    if (!(error instanceof ApiError) || !(await isTaken(link, kind, declared))) {
      throw error;
    }
    // A replica that refuses may answer before the leader does, which took it.
  });
  const info = await presentInfo(link, kind, declared);
  const left = differences(settingsIn(info), declared);
  if (left.length > 0) {
    throw new UserError(
      `the ${label(kind, declared)} of ${link.where} was written, and the server has something else: ${listed(kind, left)}. ${left.some(({ property }) => property === "mirrorDirect") ? INHERITED : OVERWRITTEN}`,
    );
  }
  const found = await disagreeing(link, kind, declared, info, false);
  if (found.length > 0) {
    throw halfApplied(link, kind, declared, found);
  }
}

/** Whether the leader has taken what was answered with a refusal, now or in a moment. */
async function isTaken(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
): Promise<boolean> {
  if (link.system === undefined) {
    return false;
  }
  await new Promise((resolve) => setTimeout(resolve, MOMENT));
  const info = await presentInfo(link, kind, declared);
  return differences(settingsIn(info), declared).length === 0;
}

function disagreeing(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  info: StreamInfo,
  isCreated: boolean,
): Promise<Disagreement[]> {
  const look = () => presentInfo(link, kind, declared);
  return settledDisagreements(link, declared, info, look, isCreated);
}

/**
 * Waits until a stream is where its placement says, on as many servers as it has replicas. A move
 * copies every message; where it takes longer, the next run goes on from there.
 */
async function settledReplicas(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
): Promise<void> {
  const deadline = Date.now() + MOVE_PATIENCE;
  for (;;) {
    if (isOnAllReplicas(await presentInfo(link, kind, declared), declared)) {
      return;
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `the ${label(kind, declared)} of ${link.where} is still on its way to other servers after ${MOVE_PATIENCE / 1000} s; run 'pulumi up' again when it has arrived: the rest is changed then.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Whether a stream is led, current on as many servers as it has replicas, and bound for no others. */
function isOnAllReplicas(
  { cluster }: Pick<StreamInfo, "cluster">,
  { replicas }: StreamSettings,
): boolean {
  const followers = cluster?.replicas ?? [];
  // A server that is no member of a cluster says nothing of one.
  return (
    cluster === undefined ||
    (cluster.leader !== undefined &&
      !isReconfigured(cluster) &&
      followers.length + 1 === replicas &&
      followers.every(({ current, offline }) => current && offline !== true))
  );
}

/**
 * What the server says of a stream that must be there. Right after a create a server may still
 * answer that there is none: it has not heard of it yet, or it has undone it.
 */
async function presentInfo(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
): Promise<StreamInfo> {
  const deadline = Date.now() + APPEARANCE;
  for (;;) {
    const info = await writtenStream(link, String(declared.name));
    if (info !== undefined) {
      return info;
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `the ${label(kind, declared)} was made on ${link.where} and is gone again: a server could not hold it, and its log says why; mend that and run the command again.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) {
    throw new UserError(reason);
  }
}

/** To be asked once a server has answered: the one before it may have been of another version. */
function refuseUnknownFields(link: ClusterLink, kind: AssetKind, declared: StreamSettings): void {
  const problems = assetVersionProblems(kind, declared, link.serverVersion);
  if (problems.length > 0) {
    const reasons = problems.map(({ reason }) => reason).join(". ");
    throw new UserError(`the ${label(kind, declared)} cannot be on ${link.where}: ${reasons}.`);
  }
}

function settingsIn({ config }: StreamInfo): StreamSettings {
  return fromWire(config as unknown as Record<string, unknown>);
}

/** What to send: a declaration says nothing against what a newer server has beside it. */
function wireOver({ config }: StreamInfo, declared: StreamSettings): Record<string, unknown> {
  return withUnknown(toWire(declared), config as unknown as Record<string, unknown>);
}
