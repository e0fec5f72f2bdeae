import { lossWords } from "../preview-words";
import type { StreamSettings } from "./stream-fields";
import { formatSize, parseDuration, parseSize, UNLIMITED } from "./units";

/** What is in a stream, as far as STREAM.INFO tells. */
export interface Contents {
  readonly messages: number;
  readonly bytes: number;
  /** Times of the oldest and the newest message, in RFC 3339. */
  readonly firstTime: string;
  readonly lastTime: string;
  readonly consumers: number;
}

/** What one declared limit would delete of what is there. */
export interface Loss {
  readonly property: string;
  /** Messages that would go, or the most that could. */
  readonly messages: number;
  readonly isExact: boolean;
  /** What would go besides the number, such as `all older than 2026-01-31T12:00:00.000Z`. */
  readonly detail?: string;
}

/** A question that only the server can answer, beside what is known without it. */
export interface OpenQuestion {
  readonly loss: Loss;
  /** `older`: how many messages are older than `before`. `perSubject`: how many each subject has. */
  readonly ask?:
    | { readonly what: "older"; readonly before: Date }
    | { readonly what: "perSubject" };
}

/** Fields whose change can delete messages: the limits, and what decides whether they delete. */
export const LOSSY_FIELDS: readonly string[] = [
  "maxAge",
  "maxBytes",
  "maxMsgs",
  "maxMsgsPerSubject",
  "retention",
  "discard",
];

/**
 * What an update to the declared settings would delete of a stream's contents. What follows from
 * the totals is said exactly; for the rest there is an upper bound and the question that settles it.
 */
export function lossesOf(
  live: StreamSettings,
  declared: StreamSettings,
  contents: Contents,
  now: Date,
): OpenQuestion[] {
  if (contents.messages === 0) {
    return [];
  }
  // A server that discards new messages refuses those, and keeps what is there.
  const deletesOld = declared.discard !== "new";
  return [
    ...ageLoss(live, declared, contents, now),
    ...(deletesOld ? bytesLoss(live, declared, contents) : []),
    ...(deletesOld ? messagesLoss(live, declared, contents) : []),
    ...perSubjectLoss(live, declared, contents),
    ...interestLoss(live, declared, contents),
  ];
}

function ageLoss(
  live: StreamSettings,
  declared: StreamSettings,
  { messages, firstTime, lastTime }: Contents,
  now: Date,
): OpenQuestion[] {
  const age = nanosOf(declared.maxAge);
  if (live.maxAge === declared.maxAge || age === undefined) {
    return [];
  }
  const before = new Date(now.valueOf() - Number(age / 1_000_000n));
  if (Date.parse(firstTime) >= before.valueOf()) {
    return [];
  }
  const isAll = Date.parse(lastTime) < before.valueOf();
  const detail = `all older than ${before.toISOString()}`;
  const loss = { property: "maxAge", messages, isExact: isAll, detail };
  return [isAll ? { loss } : { loss, ask: { what: "older", before } }];
}

/** The server deletes the oldest until the rest fits; how many that is, is not known to anybody. */
function bytesLoss(
  live: StreamSettings,
  declared: StreamSettings,
  { messages, bytes }: Contents,
): OpenQuestion[] {
  const limit = bytesOf(declared.maxBytes);
  if (!isTouched(live, declared, "maxBytes") || limit === undefined || BigInt(bytes) <= limit) {
    return [];
  }
  const detail = `the oldest, ${formatSize(BigInt(bytes) - limit)} of ${formatSize(BigInt(bytes))} or a little more`;
  return [{ loss: { property: "maxBytes", messages, isExact: false, detail } }];
}

function messagesLoss(
  live: StreamSettings,
  declared: StreamSettings,
  { messages }: Contents,
): OpenQuestion[] {
  const limit = declared.maxMsgs;
  if (!isTouched(live, declared, "maxMsgs") || typeof limit !== "number" || messages <= limit) {
    return [];
  }
  const loss = { property: "maxMsgs", messages: messages - limit, isExact: true };
  return [{ loss: { ...loss, detail: "the oldest" } }];
}

function perSubjectLoss(
  live: StreamSettings,
  declared: StreamSettings,
  { messages }: Contents,
): OpenQuestion[] {
  const limit = declared.maxMsgsPerSubject;
  if (live.maxMsgsPerSubject === limit || typeof limit !== "number" || messages <= limit) {
    return [];
  }
  if (typeof live.maxMsgsPerSubject === "number" && live.maxMsgsPerSubject < limit) {
    return [];
  }
  const detail = "the oldest of each subject";
  const loss = {
    property: "maxMsgsPerSubject",
    messages: messages - limit,
    isExact: false,
    detail,
  };
  return [{ loss, ask: { what: "perSubject" } }];
}

function interestLoss(
  live: StreamSettings,
  declared: StreamSettings,
  { messages }: Contents,
): OpenQuestion[] {
  return live.retention === "limits" && declared.retention === "interest"
    ? [
        {
          loss: {
            property: "retention",
            messages,
            isExact: false,
            detail: "whatever no consumer waits for",
          },
        },
      ]
    : [];
}

/** A limit deletes where it changes, and where the server begins to enforce it on what is old. */
function isTouched(live: StreamSettings, declared: StreamSettings, limit: string): boolean {
  return live[limit] !== declared[limit] || live.discard !== declared.discard;
}

/** How many messages are over a limit per subject. */
export function overPerSubject(counts: Readonly<Record<string, number>>, limit: number): number {
  return Object.values(counts).reduce((sum, count) => sum + Math.max(0, count - limit), 0);
}

/** The most messages that several losses come to together: they may be the same messages. */
export function mostLost(losses: readonly Loss[], { messages }: Contents): number {
  const sum = losses.reduce((total, loss) => total + loss.messages, 0);
  return Math.min(messages, sum);
}

/** A loss in words: `deletes 120 of 200 messages at once, all older than ...`. */
export function showLoss({ messages, isExact, detail }: Loss, contents: Contents): string {
  const share = messages / contents.messages;
  const size = formatSize(BigInt(Math.round(contents.bytes * share)));
  const number = isExact ? `${messages}` : `up to ${messages}`;
  const about = isExact && messages < contents.messages ? `, about ${size}` : "";
  return `${lossWords(number, contents.messages)}${about}${detail === undefined ? "" : ` (${detail})`}`;
}

function nanosOf(value: unknown): bigint | undefined {
  return typeof value === "string" && value !== UNLIMITED ? parseDuration(value) : undefined;
}

function bytesOf(value: unknown): bigint | undefined {
  return typeof value === "string" && value !== UNLIMITED ? parseSize(value) : undefined;
}
