import type { StreamInfo } from "@nats-io/jetstream";
import type { AllowDataLoss } from "../asset-options";
import { isCarried } from "../backup/recreation";
import type { AssetKind } from "../jetstream/asset-kinds";
import {
  apartFromMove,
  type Change,
  changesBetween,
  idleChanges,
  irreversibleChanges,
  refusedChanges,
} from "../jetstream/changes";
import { settingsOn } from "../jetstream/coming-version";
import { consumersOfOtherReplicas, consumersOver } from "../jetstream/consumer-rules";
import type { Canonical } from "../jetstream/kinds";
import {
  type Contents,
  type Loss,
  lossesOf,
  mostLost,
  type OpenQuestion,
  overPerSubject,
  showLoss,
} from "../jetstream/losses";
import { type Problem, problem, show } from "../jetstream/problems";
import type { StreamSettings } from "../jetstream/stream-fields";
import { fromWire } from "../jetstream/stream-settings";
import { showUnknown, unknownSettings } from "../jetstream/unknown-settings";
import { isOlder } from "../jetstream/versions";
import type { ChangeOptions } from "./change-options";
import type { ClusterLink } from "./cluster-link";
import { consumersOf, contentsOf, countPerSubject, countSince } from "./contents";
import { judgeRecreation } from "./recreate/judge-recreation";

/** What is to be said of a change before it is made. */
export interface Verdict {
  /** Why it is not made. */
  readonly problems: readonly Problem[];
  /** What it does to the messages, although it is allowed. */
  readonly warnings: readonly string[];
}

/** `placement, replicas and retention`. To have the format loads all of a language: 20 ms. */
function listed(words: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(words);
}

/** Nothing to say. */
export const HARMLESS: Verdict = { problems: [], warnings: [] };

/**
 * Judges an update of a live stream: what the server would refuse, what could never be taken back,
 * and what would be deleted. Asks the server only where messages could go.
 *
 * @param canReplace - whether the stream may be deleted and made again instead of updated
 */
export async function judgeUpdate(
  link: ClusterLink,
  kind: AssetKind,
  info: StreamInfo,
  declared: StreamSettings,
  options: ChangeOptions,
  canReplace: boolean,
): Promise<Verdict> {
  const version = options.serverVersion ?? link.serverVersion;
  const config = info.config as unknown as Record<string, unknown>;
  const live = settingsOn(version, fromWire(config));
  const changes = changesBetween(live, declared, version);
  const contents = contentsOf(info);
  const apart = apartFromMove(live, declared, version);
  const refused = refusedChanges(changes);
  if (refused.length > 0 && canReplace && options.onRefusedChange === "replaceIfEmpty") {
    return { problems: replacementProblems(kind, refused, contents), warnings: [] };
  }
  const recreation =
    refused.length > 0 && canReplace && options.onRefusedChange === "backupAndRecreate"
      ? await judgeRecreation(link, kind, info, declared, options)
      : undefined;
  const losses = [
    ...(await settledLosses(link, String(live.name), live, declared, contents)),
    ...(recreation?.losses ?? []),
  ];
  return {
    problems: [
      ...(recreation?.problems ??
        refused.map((change) =>
          refusedProblem(
            kind,
            change,
            version,
            isCarried(change, { live, declared, serverVersion: version }),
          ),
        )),
      // What a bucket decides by itself is nobody's to acknowledge.
      ...(options.acknowledgeIrreversible || kind.title === "bucket"
        ? []
        : irreversibleChanges(changes).map((change) => irreversibleProblem(kind, change))),
      ...(isAllowed(losses, contents, options.allowDataLoss)
        ? []
        : losses.map((loss) => lossProblem(kind, loss, live, declared, contents))),
      ...(contents.consumers === 0
        ? []
        : await consumerProblems(link, kind, live, changes, version)),
    ],
    warnings: [
      ...unknownSettings(config).map(
        (setting) => `${showUnknown(setting)} there, which is not known here and stays`,
      ),
      ...(recreation?.warnings ?? []),
      ...losses.map(
        (loss) => `${changed(kind, loss.property, live, declared)} ${showLoss(loss, contents)}`,
      ),
      ...(apart.length === 0
        ? []
        : [`${listed(["placement", ...apart])} change in two updates, one after the other`]),
      ...idleChanges(changes).map(
        ({ property }) =>
          `${changed(kind, property, live, declared)} means nothing to a ${kind.title} that exists`,
      ),
    ],
  };
}

/**
 * What existing consumers have against an update. In a cluster, servers before 2.12 find out when
 * the meta group has taken the new configuration already: then it is half done.
 */
async function consumerProblems(
  link: ClusterLink,
  kind: AssetKind,
  live: StreamSettings,
  changes: readonly Change[],
  version: string,
): Promise<Problem[]> {
  const limits = changes.find(({ property }) => property === "consumerLimits");
  const toInterest = changes.find(
    ({ property, declared }) => property === "retention" && declared === "interest",
  );
  if (limits === undefined && toInterest === undefined) {
    return [];
  }
  const consumers = (await consumersOf(link, String(live.name))) ?? [];
  const replicas = changes.find(({ property }) => property === "replicas")?.declared;
  const over = limits === undefined ? [] : consumersOver(limits.declared, consumers, version);
  const others =
    toInterest === undefined ? [] : consumersOfOtherReplicas(replicas ?? live.replicas, consumers);
  return [
    ...(over.length === 0
      ? []
      : [
          problem(
            kind.propertyOf("consumerLimits"),
            limits?.declared,
            `nats-server ${version} refuses the change: "change to limits violates consumers: ${over.join(", ")}"${isOlder(version, "2.12.0") ? ", and takes a limit that is left out for 0" : ""}`,
            "lower the settings of these consumers first, or raise the limits",
          ),
        ]),
    ...others.map((name) =>
      problem(
        kind.propertyOf("retention"),
        "interest",
        `nats-server ${version} refuses the change: "consumer ${JSON.stringify(name)} replica count must be ${replicas ?? live.replicas}"`,
        "give the consumer as many replicas as the stream, or none of its own",
      ),
    ),
  ];
}

function changed(
  kind: AssetKind,
  property: string,
  live: StreamSettings,
  declared: StreamSettings,
): string {
  return `${kind.propertyOf(property)} ${show(live[property])} => ${show(declared[property])}`;
}

function refusedProblem(
  kind: AssetKind,
  { property, live, declared, refusal, remedy }: Change,
  serverVersion: string,
  isRecreated: boolean,
): Problem {
  const recreated = isRecreated
    ? ', or "backupAndRecreate" to have its messages saved and restored'
    : "";
  return problem(
    kind.propertyOf(property),
    declared,
    `the live ${kind.title} has ${found(live)}, and nats-server ${serverVersion} refuses the change: "${refusal}"`,
    `${remedy === undefined ? "" : `${remedy}, `}${keep(live)}, declare another name and move the messages there, or set onRefusedChange: "replaceIfEmpty" to have an empty ${kind.title} deleted and made again${recreated}`,
  );
}

function replacementProblems(
  kind: AssetKind,
  refused: readonly Change[],
  { messages, consumers }: Contents,
): Problem[] {
  if (messages === 0 && consumers === 0) {
    return [];
  }
  return refused.map(({ property, live, declared }) =>
    problem(
      kind.propertyOf(property),
      declared,
      `the live ${kind.title} has ${found(live)}, which no update changes, and it is not empty: it holds ${counted(messages, "message")} and ${counted(consumers, "consumer")}`,
      `${keep(live)}, declare another name and move the messages there, or empty it and delete its consumers first`,
    ),
  );
}

function irreversibleProblem(kind: AssetKind, { property, live, declared }: Change): Problem {
  return problem(
    kind.propertyOf(property),
    declared,
    `the live ${kind.title} has ${found(live)}, and no later update can take this back`,
    `set acknowledgeIrreversible: true to switch it for good, or ${keep(live)}`,
  );
}

function lossProblem(
  kind: AssetKind,
  loss: Loss,
  live: StreamSettings,
  declared: StreamSettings,
  contents: Contents,
): Problem {
  const { property, messages } = loss;
  return problem(
    kind.propertyOf(property),
    declared[property],
    `the live ${kind.title} has ${found(live[property])}, and the change ${showLoss(loss, contents)}`,
    `set allowDataLoss: true or { upToMessages: ${messages} } to let them go, or ${keep(live[property])}`,
  );
}

function isAllowed(losses: readonly Loss[], contents: Contents, allowed: AllowDataLoss): boolean {
  return typeof allowed === "boolean"
    ? allowed || losses.length === 0
    : mostLost(losses, contents) <= allowed.upToMessages;
}

async function settledLosses(
  link: ClusterLink,
  stream: string,
  live: StreamSettings,
  declared: StreamSettings,
  contents: Contents,
): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const question of lossesOf(live, declared, contents, new Date())) {
    const loss = await settle(link, stream, live, declared, contents, question);
    if (loss.messages > 0) {
      losses.push(loss);
    }
  }
  return losses;
}

async function settle(
  link: ClusterLink,
  stream: string,
  live: StreamSettings,
  declared: StreamSettings,
  contents: Contents,
  { loss, ask }: OpenQuestion,
): Promise<Loss> {
  // A consumer on any other retention would itself say which messages are wanted.
  if (ask?.what === "older" && live.retention === "limits") {
    const staying = await countSince(link, stream, ask.before);
    return staying === undefined
      ? loss
      : { ...loss, messages: Math.max(0, contents.messages - staying), isExact: true };
  }
  if (ask?.what === "perSubject") {
    const counts = await countPerSubject(link, stream);
    return counts === undefined
      ? loss
      : {
          ...loss,
          messages: overPerSubject(counts, Number(declared.maxMsgsPerSubject)),
          isExact: true,
        };
  }
  return loss;
}

function found(value: Canonical | undefined): string {
  return value === undefined ? "none" : show(value);
}

function keep(value: Canonical | undefined): string {
  return value === undefined ? "leave it out" : `keep ${show(value)}`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
