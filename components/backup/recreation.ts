import type { AssetKind } from "../jetstream/asset-kinds";
import type { Change } from "../jetstream/changes";
import type { Contents, Loss } from "../jetstream/losses";
import { type Problem, problem, show } from "../jetstream/problems";
import type { StreamSettings } from "../jetstream/stream-fields";
import { collide } from "../jetstream/subjects";
import { formatSize } from "../jetstream/units";
import type { ConsumerDetail } from "./answers";
import { consumerHindrances, savesMemory } from "./hindrances";

/** A refused change that deleting and restoring the stream is to make, and what is there. */
export interface Recreation {
  readonly kind: AssetKind;
  readonly live: StreamSettings;
  readonly declared: StreamSettings;
  readonly refused: readonly Change[];
  readonly contents: Contents;
  readonly consumers: readonly ConsumerDetail[];
  /** Streams that mirror or source it, as a message names them. */
  readonly copies: readonly string[];
  /** Where the backup goes, as a message names it. */
  readonly folder: string;
  /** Of the servers that save and restore it. */
  readonly serverVersion: string;
}

/**
 * The settings under which a server restores messages and consumers as they were: all measured. Another
 * storage only from 2.15 on: servers before restored nothing into memory and said that all was well.
 */
const CARRIED: readonly string[] = [
  "storage",
  "retention",
  "maxConsumers",
  "denyDelete",
  "denyPurge",
  "sealed",
  "mirror",
  "persistMode",
];

/** Whether a refused change can be one that a recreation makes; what the stream holds may still forbid it. */
export function isCarried(
  { property }: Change,
  { live, declared, serverVersion }: Pick<Recreation, "live" | "declared" | "serverVersion">,
): boolean {
  return (
    CARRIED.includes(property) &&
    !isBeyondSaving(live, declared, serverVersion) &&
    declared.mirror === undefined
  );
}

/** The subject that a stream listens on while it is saved and restored: nobody publishes there. */
export function closedSubject(stream: string): string {
  return `_TFDC.CLOSED.${stream}`;
}

/** Whether a stream is closed to publishers for a recreation. */
export function isClosed({ name, subjects }: StreamSettings): boolean {
  return (
    Array.isArray(subjects) && subjects.length === 1 && subjects[0] === closedSubject(String(name))
  );
}

/** Whether there is nothing to carry over, and nothing that could hold it. */
export function isPlainReplacement({
  live,
  declared,
  contents,
}: Pick<Recreation, "live" | "declared" | "contents">): boolean {
  return isInMemory(live, declared) && contents.messages === 0 && contents.consumers === 0;
}

/** Why a recreation is not begun: what it could not bring back, or what it would break. */
export function recreationProblems(recreation: Recreation): Problem[] {
  if (isPlainReplacement(recreation)) {
    return [];
  }
  const { kind, live, declared, refused, contents, consumers, copies, serverVersion } = recreation;
  const cannot = (change: Change, why: string, remedy: string) =>
    problem(
      kind.propertyOf(change.property),
      change.declared,
      `the live ${kind.title} has ${change.live === undefined ? "none" : show(change.live)}, and backupAndRecreate cannot carry it over: ${why}`,
      remedy,
    );
  const other = "declare another name and move the messages there";
  const problems = refused.flatMap((change): Problem[] => {
    if (isBeyondSaving(live, declared, serverVersion)) {
      return [
        cannot(
          change,
          `it holds ${counted(contents.messages, "message")} and ${counted(contents.consumers, "consumer")}, and nats-server ${serverVersion} saves no ${kind.title} in memory and restores none into it (2.15 does)`,
          `keep what is there, ${other}, or empty it and delete its consumers first`,
        ),
      ];
    }
    if (declared.mirror !== undefined) {
      return [
        cannot(
          change,
          "a mirror holds what its origin gives, and would mix it with what is restored",
          `keep what is there, or ${other}`,
        ),
      ];
    }
    return CARRIED.includes(change.property)
      ? []
      : [
          cannot(
            change,
            "what it means for messages that are stored already is the server's secret",
            `keep what is there, or ${other}`,
          ),
        ];
  });
  if (problems.length > 0) {
    return problems;
  }
  const first = refused[0] as Change;
  if (copies.length > 0) {
    problems.push(
      cannot(
        first,
        `the ${copies.join(" and the ")} ${copies.length === 1 ? "copies" : "copy"} its messages and would find it gone`,
        "remove that mirror or source first",
      ),
    );
  }
  const limit = declared.maxConsumers;
  if (typeof limit === "number" && consumers.length > limit) {
    problems.push(
      cannot(
        refused.find(({ property }) => property === "maxConsumers") ?? first,
        `it has ${consumers.length} consumers (${namesOf(consumers)}), and maxConsumers is to be ${limit}`,
        "raise maxConsumers, or delete consumers first",
      ),
    );
  }
  const unfit = declared.retention === "workqueue" ? unfitForWorkqueue(consumers) : [];
  if (unfit.length > 0) {
    problems.push(
      cannot(
        refused.find(({ property }) => property === "retention") ?? first,
        `a work queue takes no such consumers: ${unfit.join("; ")}`,
        "change or delete these consumers first",
      ),
    );
  }
  return problems;
}

/** What a preview says of a recreation before it is made. */
export function recreationNote(recreation: Recreation): string {
  const { kind, live, declared, refused, contents, folder } = recreation;
  const changes = refused
    .map(
      ({ property }) =>
        `${kind.propertyOf(property)} ${show(live[property])} => ${show(declared[property])}`,
    )
    .join(" and ");
  if (isPlainReplacement(recreation)) {
    return `${changes}: the ${kind.title} is empty, and is deleted and made again; its sequences begin anew`;
  }
  const { back, lost } = comingBack(recreation);
  const mentioned =
    back.length === 0 ? "" : ` and ${counted(back.length, "consumer")} (${namesOf(back)})`;
  return [
    `${changes} is made by a backup: the ${kind.title} is closed to publishers, its ${counted(contents.messages, "message")} (${formatSize(BigInt(contents.bytes))})${mentioned} are saved to ${folder}, it is deleted, and they are restored with their sequences and times, and compared`,
    `until then a publisher gets no acknowledgement ("no responders") and has to publish again, and for the second half nobody can read`,
    ...(back.length === 0
      ? []
      : ["what a consumer acknowledges meanwhile may be delivered to it again"]),
    ...(lost.length === 0
      ? []
      : [
          `${lost.length === 1 ? "this consumer does" : "these consumers do"} not come back, being ephemeral or in memory: ${namesOf(lost)}`,
        ]),
  ].join("; ");
}

/** The durable consumers whose position a server would not save. */
export function unsavedConsumers(recreation: Recreation): string[] {
  return durableNames(comingBack(recreation).lost);
}

/**
 * Why a backup is not enough to delete the stream by, though what a preview judged by was: the durable
 * consumers that the stream has and the backup does not. During an upgrade a preview judges by the
 * coming version, and an older server may lead the stream yet.
 */
export function leftOutReason(
  consumers: readonly ConsumerDetail[],
  saved: readonly { readonly name: string }[],
): string | undefined {
  const names = durableNames(consumers)
    .filter((name) => !saved.some((one) => one.name === name))
    .sort();
  const [which, them] = names.length === 1 ? ["consumer", "it"] : ["consumers", "them"];
  return names.length === 0
    ? undefined
    : `the server left the durable ${which} ${names.join(", ")} out of the backup, as one before 2.15 does with what is in memory or on another server only; run 'pulumi up' again when every server runs 2.15 or newer, or set allowDataLoss: true to let ${them} go.`;
}

/** What a work queue, or interest, deletes at once of what is restored: what nobody waits for. */
export function consumedLoss({ live, declared, contents, consumers }: Recreation): Loss[] {
  const from = live.retention;
  const to = declared.retention;
  const isJudged = to === "workqueue" || (to === "interest" && from === "workqueue");
  if (from === to || !isJudged || (consumers.length === 0 && to === "workqueue")) {
    return [];
  }
  const waiting = consumers.reduce(
    (sum, { num_pending: pending, num_ack_pending: unacknowledged }) =>
      sum + pending + unacknowledged,
    0,
  );
  const messages = Math.max(0, contents.messages - waiting);
  return messages === 0
    ? []
    : [
        {
          property: "retention",
          messages,
          // Servers before 2.12 leave some of them until they are asked for.
          isExact: false,
          detail: "what its consumers are done with",
        },
      ];
}

/** Why consumers do not fit a work queue, in the words of nats-server where it has some. */
function unfitForWorkqueue(consumers: readonly ConsumerDetail[]): string[] {
  const problems = consumers.flatMap(({ name, config = {} }) => [
    ...(config.ack_policy === "explicit" ? [] : [`${name} does not acknowledge each message`]),
    ...(config.deliver_policy === undefined || config.deliver_policy === "all"
      ? []
      : [`${name} does not begin with the first message`]),
  ]);
  consumers.forEach((one, index) => {
    for (const two of consumers.slice(index + 1)) {
      const [ones, twos] = [filtersOf(one), filtersOf(two)];
      const overlap =
        ones.length === 0 ||
        twos.length === 0 ||
        ones.some((left) => twos.some((right) => collide(left, right)));
      if (overlap) {
        problems.push(`${one.name} and ${two.name} want the same messages`);
      }
    }
  });
  return problems;
}

function filtersOf({ config = {} }: ConsumerDetail): string[] {
  const { filter_subject: one, filter_subjects: several } = config;
  return [
    ...(typeof one === "string" && one !== "" ? [one] : []),
    ...((several ?? []) as string[]),
  ];
}

function comingBack({ live, consumers, serverVersion }: Recreation) {
  const stream = { config: { name: String(live.name), num_replicas: Number(live.replicas) } };
  const isSaved = (one: ConsumerDetail) =>
    consumerHindrances(stream, [one], serverVersion).length === 0;
  return {
    back: consumers.filter(isSaved),
    lost: consumers.filter((one) => !isSaved(one)),
  };
}

function isInMemory(live: StreamSettings, declared: StreamSettings): boolean {
  return live.storage === "memory" || declared.storage === "memory";
}

/** Whether a stream is in memory, or is to be, where that is neither saved nor restored. */
function isBeyondSaving(
  live: StreamSettings,
  declared: StreamSettings,
  serverVersion: string,
): boolean {
  return isInMemory(live, declared) && !savesMemory(serverVersion);
}

function durableNames(consumers: readonly ConsumerDetail[]): string[] {
  return consumers
    .filter(({ config = {} }) => config.durable_name !== undefined)
    .map(({ name }) => name);
}

function namesOf(consumers: readonly ConsumerDetail[]): string {
  return consumers
    .map(({ name }) => name)
    .sort()
    .join(", ");
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
