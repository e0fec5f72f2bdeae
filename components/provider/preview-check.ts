import type { StreamInfo } from "@nats-io/jetstream";
import type { AssetKind } from "../jetstream/asset-kinds";
import { changesBetween, refusedChanges } from "../jetstream/changes";
import { settingsOn, versionStep } from "../jetstream/coming-version";
import { hasUnknown } from "../jetstream/kinds";
import type { Problem } from "../jetstream/problems";
import type { StreamSettings } from "../jetstream/stream-fields";
import { canonicalText, differences, fromWire } from "../jetstream/stream-settings";
import { unaskedWords } from "../preview-words";
import { adoptedDifferences, adoptionReason, foreignReason } from "./adoption";
import {
  adoptOf,
  assetProperties,
  connectionOf,
  deletionPolicyOf,
  LIVE_STATE,
  READ,
} from "./asset-inputs";
import { listed } from "./asset-messages";
import { HARMLESS, judgeUpdate, type Verdict } from "./change-guard";
import { changeOptionsOf } from "./change-options";
import type { ClusterLink } from "./cluster-link";
import type { Properties } from "./dynamic-provider";
import { judgedStream, readStream, type Streams, streamInfo, sweptStreams } from "./live-streams";
import { noteOf } from "./preview-notes";
import { reached, reachedOr } from "./preview-question";
import { hasBackups, pendingRecreation, pendingWords, progressOf } from "./recreate/pending";
import { removalReason } from "./removal";
import { versionLeftFor } from "./running-versions";

/** Assets whose deletion is planned, so that their successors may have their names. */
const replaced = new Set<string>();

/** Versions that this update brings before it writes an asset, by asset: a check knows them. */
const coming = new Map<string, string>();

/**
 * Judges a declaration at preview, from the live cluster. Where nothing differs, nothing is asked.
 * A cluster that cannot be reached cannot be asked: the write judges again.
 */
export async function judgeAtPreview(
  kind: AssetKind,
  olds: Properties,
  news: Properties,
): Promise<Verdict> {
  if (hasUnknown(connectionOf(news))) {
    return HARMLESS;
  }
  const last = kind.toStream(assetProperties(kind, olds));
  const declared = asFarAsKnown(kind.toStream(assetProperties(kind, news)), last);
  const { serverVersion } = changeOptionsOf(news);
  if (serverVersion !== undefined) {
    coming.set(keyOf(news, declared), serverVersion);
  }
  const interrupted = await judgeInterrupted(kind, declared, news);
  if (interrupted !== undefined) {
    return interrupted;
  }
  if (last.name === undefined || last.name !== declared.name) {
    return declared.name === undefined ? HARMLESS : judgeCreate(kind, olds, declared, news);
  }
  if (olds[LIVE_STATE] !== READ || differences(last, declared).length === 0) {
    return HARMLESS;
  }
  return reached(connectionOf(news), HARMLESS, async (link) => {
    const name = String(last.name);
    const info = (await judgedStream(link, name)) ?? (await readStream(link, name));
    return info === undefined
      ? versionVerdict(link, kind, declared, news)
      : judged(link, kind, info, declared, news, true);
  });
}

/** What becomes of a recreation that an earlier run left half done. */
async function judgeInterrupted(
  kind: AssetKind,
  declared: StreamSettings,
  news: Properties,
): Promise<Verdict | undefined> {
  const options = changeOptionsOf(news);
  if (declared.name === undefined || !hasBackups(options)) {
    return undefined;
  }
  return reached(connectionOf(news), undefined, async (link) => {
    const name = String(declared.name);
    const pending = pendingRecreation(link, name, options);
    if (pending === undefined) {
      return undefined;
    }
    const progress = progressOf(pending, await streamInfo(link, name));
    const { warning, reason } = pendingWords(link, kind, declared, pending, progress);
    return progress === "old"
      ? undefined
      : {
          problems: reason === undefined ? [] : [{ property: "", reason }],
          warnings: warning === undefined ? [] : [warning],
        };
  });
}

/** What stands in the way of making an asset: a field the server does not know, an asset there. */
function judgeCreate(
  kind: AssetKind,
  olds: Properties,
  declared: StreamSettings,
  news: Properties,
): Promise<Verdict> {
  // Servers that this program makes or upgrades first are often not there yet.
  const isOwn = changeOptionsOf(news).serverVersion !== undefined;
  const unasked = (tell: () => string | undefined): Verdict => {
    const reason = isOwn ? undefined : tell();
    return reason === undefined ? HARMLESS : { problems: [], warnings: [unaskedWords(reason)] };
  };
  return reachedOr(connectionOf(news), unasked, async (link) => {
    const isRenamed = kind.toStream(assetProperties(kind, olds)).name !== undefined;
    const left =
      isRenamed && news.guarded !== true
        ? renamedProblems(link, kind, olds, await sweptStreams(link))
        : [];
    const info = await judgedStream(link, String(declared.name));
    if (left.length > 0) {
      return { problems: left, warnings: [] };
    }
    if (info === undefined || replaced.has(keyOf(news, declared))) {
      return versionVerdict(link, kind, declared, news);
    }
    return judgeAdoption(link, kind, info, declared, news);
  });
}

/** Another name is another stream: the old one is deleted. A guard finds out about it by itself. */
function renamedProblems(
  link: ClusterLink,
  kind: AssetKind,
  olds: Properties,
  live: Streams,
): Problem[] {
  const info = live.get(String(kind.toStream(assetProperties(kind, olds)).name));
  const reason =
    info === undefined
      ? undefined
      : removalReason(link.where, info, deletionPolicyOf(olds), live, new Set());
  return reason === undefined ? [] : [{ property: "", reason }];
}

async function judgeAdoption(
  link: ClusterLink,
  kind: AssetKind,
  info: StreamInfo,
  declared: StreamSettings,
  news: Properties,
): Promise<Verdict> {
  const live = settingsOn(versionFor(link, news), settingsIn(info));
  const reason = adoptionReason(link, kind, live, declared, adoptOf(news));
  if (reason !== undefined) {
    return { problems: [{ property: "", reason }], warnings: [] };
  }
  const changed = adoptedDifferences(live, declared);
  const verdict = await judged(link, kind, info, declared, news, false);
  const adopted = changed.length === 0 ? "as it is" : `and changed: ${listed(kind, changed)}`;
  return {
    ...verdict,
    warnings: [`exists already, and is taken over ${adopted}`, ...verdict.warnings],
  };
}

async function judged(
  link: ClusterLink,
  kind: AssetKind,
  info: StreamInfo,
  declared: StreamSettings,
  news: Properties,
  canReplace: boolean,
): Promise<Verdict> {
  const live = settingsIn(info);
  const reason = foreignReason(link, kind, live, declared);
  if (reason !== undefined) {
    return { problems: [{ property: "", reason }], warnings: [] };
  }
  const step = await versionVerdict(link, kind, declared, news, live);
  if (step.problems.length > 0) {
    return { problems: step.problems, warnings: [] };
  }
  const options = changeOptionsOf(news);
  const { problems, warnings } = await judgeUpdate(link, kind, info, declared, options, canReplace);
  return { problems, warnings: [...step.warnings, ...warnings] };
}

async function versionVerdict(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  news: Properties,
  live: StreamSettings = {},
): Promise<Verdict> {
  const { serverVersion: coming } = changeOptionsOf(news);
  return coming === undefined
    ? versionStep(kind, live, declared, link.serverVersion, link.serverVersion)
    : versionStep(kind, live, declared, await versionLeftFor(link, coming), coming);
}

/** The version of the servers by the time the asset is written. */
function versionFor({ serverVersion }: ClusterLink, news: Properties): string {
  return changeOptionsOf(news).serverVersion ?? serverVersion;
}

function settingsIn({ config }: StreamInfo): StreamSettings {
  return fromWire(config as unknown as Record<string, unknown>);
}

function keyOf(props: Properties, { name }: StreamSettings): string {
  return `${canonicalText(connectionOf(props))} ${name}`;
}

/** The properties that only a replacement can change, where the user allows one. */
export async function replacedProperties(
  kind: AssetKind,
  olds: Properties,
  news: Properties,
): Promise<string[]> {
  const last = kind.toStream(assetProperties(kind, olds));
  const declared = asFarAsKnown(kind.toStream(assetProperties(kind, news)), last);
  if (last.name !== declared.name) {
    return [kind.nameProperty];
  }
  if (changeOptionsOf(news).onRefusedChange !== "replaceIfEmpty" || olds[LIVE_STATE] !== READ) {
    return [];
  }
  return reached(connectionOf(news), [], async (link) => {
    const version = coming.get(keyOf(news, declared)) ?? link.serverVersion;
    const live = settingsOn(version, last);
    const refused = refusedChanges(changesBetween(live, declared, version));
    if ((noteOf(connectionOf(news), String(declared.name))?.reasons ?? []).length > 0) {
      // It is refused: nothing is deleted for it.
      return [];
    }
    if (refused.length > 0) {
      replaced.add(keyOf(news, declared));
    }
    return refused.map(({ property }) => kind.propertyOf(property));
  });
}

/** Whether an asset is deleted only to be made again, which it is while it is empty. */
export function isReplaced(kind: AssetKind, props: Properties): boolean {
  return replaced.has(keyOf(props, kind.toStream(assetProperties(kind, props))));
}

/** What is not known yet cannot be judged yet: it is taken to stay as it is. */
function asFarAsKnown(declared: StreamSettings, live: StreamSettings): StreamSettings {
  return Object.fromEntries(
    Object.entries(declared).map(([name, value]) => [name, hasUnknown(value) ? live[name] : value]),
  );
}
