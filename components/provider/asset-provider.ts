import type { StreamInfo } from "@nats-io/jetstream";
import type { AssetKind } from "../jetstream/asset-kinds";
import { keptProperties } from "../jetstream/kept-properties";
import { hasUnknown } from "../jetstream/kinds";
import type { StreamSettings } from "../jetstream/stream-fields";
import {
  canonicalText,
  differences,
  fromWire,
  inOrderOf,
  withoutDerived,
} from "../jetstream/stream-settings";
import { unknownProperties } from "../jetstream/unknown-properties";
import {
  adoptOf,
  assetProperties,
  BESIDE,
  connectionOf,
  deletionPolicyOf,
  LIVE_STATE,
  optionProblems,
  otherProperties,
  READ,
  SERVER_VERSION,
  WARNING,
} from "./asset-inputs";
import { applyAsset, createAsset, removeAsset } from "./asset-writes";
import { changeOptionsOf } from "./change-options";
import type { ClusterLink } from "./cluster-link";
import type {
  CheckResult,
  DiffResult,
  DynamicProvider,
  Properties,
  ReadResult,
} from "./dynamic-provider";
import { isTransient, Unreachable, wordsOf } from "./faults";
import { linkForReading, linkForWriting } from "./link-pool";
import { readStream } from "./live-streams";
import { isReplaced, judgeAtPreview, replacedProperties } from "./preview-check";
import { takeNote } from "./preview-notes";
import { disagreementsNow, HALF_APPLIED, HalfApplied, halfApplied } from "./read-back";
import { recreateWhereRefused, resumeRecreation } from "./recreate";
import { AWAY, pendingRecreation } from "./recreate/pending";
import { keepStackConfig } from "./stack-config";

/**
 * The dynamic provider of one kind of asset. The rules that make drift visible are kept here:
 * `check` fills in every managed property, `create` and `update` return exactly those, `read`
 * returns the live ones as outputs and as inputs, and `diff` leaves the details to the engine.
 */
export function assetProvider(kind: AssetKind): DynamicProvider {
  return {
    configure: async (request) => keepStackConfig(request),
    check: (olds, news) => check(kind, olds, news),
    diff: (_id, olds, news) => diff(kind, olds, news),
    create: async (inputs) => {
      const link = await linkForWriting(connectionOf(inputs));
      const declared = kind.toStream(assetProperties(kind, inputs));
      const id = String(declared.name);
      const outs = withoutWarning(inputs);
      const options = changeOptionsOf(inputs);
      await resumeRecreation(link, connectionOf(inputs), kind, declared, options);
      await keptIfHalf(id, outs, () => createAsset(link, kind, declared, adoptOf(inputs), options));
      return { id, outs };
    },
    read: (id, props) => read(kind, id, props),
    update: async (id, _olds, news) => {
      const link = await linkForWriting(connectionOf(news));
      const declared = kind.toStream(assetProperties(kind, news));
      const outs = withoutWarning(news);
      const options = changeOptionsOf(news);
      await recreateWhereRefused(link, connectionOf(news), kind, declared, options);
      await keptIfHalf(id, outs, () => applyAsset(link, kind, declared, options));
      return { outs };
    },
    delete: async (id, props) => {
      const policy = isReplaced(kind, props) ? "refuseIfNotEmpty" : deletionPolicyOf(props);
      if (policy !== "retain") {
        const link = await linkForWriting(connectionOf(props));
        await removeAsset(link, kind, id, kind.toStream(assetProperties(kind, props)), policy);
      }
    },
  };
}

async function check(kind: AssetKind, olds: Properties, news: Properties): Promise<CheckResult> {
  const { properties, problems } = kind.normalise(news);
  const inputs = {
    ...otherProperties(kind, news),
    ...keptProperties(kind, properties, olds),
    [LIVE_STATE]: READ,
  };
  const malformed = [
    ...problems,
    ...unknownProperties(kind, news, BESIDE),
    ...optionProblems(news),
  ];
  if (malformed.length > 0) {
    return { inputs: kept(inputs), failures: malformed.map((one) => ({ ...one })) };
  }
  const verdict = await judgeAtPreview(kind, olds, inputs);
  const reasons = verdict.problems.map(({ reason }) => reason);
  noteFor(kind, inputs, reasons);
  const warning = verdict.warnings.length === 0 ? undefined : verdict.warnings.join("; ");
  return {
    inputs: kept({ ...inputs, [WARNING]: warning }),
    // Without a property: the reason names it, and the engine would print its value once more.
    failures: news.guarded === true ? [] : reasons.map((reason) => ({ property: "", reason })),
  };
}

/** What the guard of the assets needs to know, which is checked after all of them. */
function noteFor(kind: AssetKind, inputs: Properties, reasons: readonly string[]): void {
  const declared = kind.toStream(assetProperties(kind, inputs));
  if (inputs.guarded === true && !hasUnknown(inputs.connection)) {
    takeNote(connectionOf(inputs), { kind, declared, reasons });
  }
}

async function diff(kind: AssetKind, olds: Properties, news: Properties): Promise<DiffResult> {
  const changed = differences(
    kind.toStream(assetProperties(kind, olds)),
    kind.toStream(assetProperties(kind, news)),
  );
  if (changed.length === 0 && olds[LIVE_STATE] === news[LIVE_STATE]) {
    // What is left is how the asset is reached and treated: a write to the state only.
    return { changes: !sameOptions(kind, olds, news) };
  }
  return { replaces: await replacedProperties(kind, olds, news), deleteBeforeReplace: true };
}

async function read(kind: AssetKind, id: string, props: Properties): Promise<ReadResult> {
  try {
    const link = await linkForReading(connectionOf(props));
    const info = await readStream(link, id);
    if (info === undefined) {
      const pending = pendingRecreation(link, id, changeOptionsOf(props));
      // It was deleted by us, and is about to come back: nothing that depends on it is to notice.
      return pending === undefined
        ? {}
        : known(id, { ...props, [LIVE_STATE]: `${AWAY}saved in ${pending.folder}` });
    }
    const last = kind.toStream(assetProperties(kind, props));
    const live = fromWire(info.config as unknown as Record<string, unknown>);
    const seen = kind.fromStream(inOrderOf(last, withoutDerived(last, live)));
    const shown = keptProperties(kind, seen, props);
    // Only of an asset that was written by half is each server asked in a preview.
    const state = isHalf(props) ? await halfState(link, kind, live, info) : undefined;
    return known(id, { ...otherProperties(kind, props), ...shown, [LIVE_STATE]: state ?? READ });
  } catch (error) {
    const reason = unreachableReason(error);
    if (reason === undefined) {
      throw error;
    }
    // The last known values stay: nothing is deleted or made again because a cluster is away.
    return known(id, { ...props, [LIVE_STATE]: `unreachable: ${reason}` });
  }
}

/** Keeps an asset that was written by half in the state, so that the next run takes it up. */
async function keptIfHalf(id: string, outs: Properties, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof HalfApplied) {
      error.id = id;
      error.properties = withoutAbsent({ ...outs, [LIVE_STATE]: error.state });
    }
    throw error;
  }
}

function isHalf(props: Properties): boolean {
  return String(props[LIVE_STATE]).startsWith(HALF_APPLIED);
}

async function halfState(
  link: ClusterLink,
  kind: AssetKind,
  live: StreamSettings,
  info: StreamInfo,
): Promise<string | undefined> {
  const found = await disagreementsNow(link, live, info);
  return found.length === 0 ? undefined : halfApplied(link, kind, live, found).state;
}

function known(id: string, values: Properties): ReadResult {
  const props = withoutAbsent(values);
  return { id, props, inputs: { ...props } };
}

function unreachableReason(error: unknown): string | undefined {
  if (error instanceof Unreachable) {
    return error.reason;
  }
  return isTransient(error) ? wordsOf(error) : undefined;
}

function sameOptions(kind: AssetKind, olds: Properties, news: Properties): boolean {
  return canonicalOptions(kind, olds) === canonicalOptions(kind, news);
}

function canonicalOptions(kind: AssetKind, props: Properties): string {
  const { __provider: _constant, ...options } = otherProperties(kind, props);
  return canonicalText(options);
}

/** What a preview says of an update is true until the update is made. */
function withoutWarning({ [WARNING]: _said, ...values }: Properties): Properties {
  return values;
}

/** What the engine keeps of checked inputs. A version is history once it runs, and no property. */
function kept({ [SERVER_VERSION]: _coming, ...inputs }: Properties): Properties {
  return withoutAbsent(inputs);
}

function withoutAbsent(values: Properties): Properties {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
