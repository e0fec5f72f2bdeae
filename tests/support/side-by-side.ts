import type { Wire } from "./drift-raw";

const SECOND = 1_000_000_000;
const DAY = 86_400 * SECOND;

/** An edit behind everybody's back of a live stream or bucket, and the lines of a diff it shows as. */
export interface OutOfBand {
  /** The edit, as docs/side-by-side.md names it. */
  readonly what: string;
  readonly declared: Wire;
  readonly edit: Wire | "delete";
  readonly shows: readonly string[];
  readonly isBucket?: true;
}

const TRANSFORM = { source: "in.*", destination: "out.{{wildcard(1)}}" };

/** Twenty edits, one a stream; of each field that other tools are known to miss there is one. */
export const EDITS: readonly OutOfBand[] = [
  made("maxAge 7d → 3d", { maxAge: "7d" }, { max_age: 3 * DAY }, '~ maxAge: "3d" => "7d"'),
  made(
    "maxAge 90s → 90.5s",
    { maxAge: "90s" },
    { max_age: 90.5 * SECOND },
    '~ maxAge: "1m30s500ms" => "1m30s"',
  ),
  made(
    "maxBytes 1GiB → 512MiB",
    { maxBytes: "1GiB" },
    { max_bytes: 512 * 2 ** 20 },
    '~ maxBytes: "512MiB" => "1GiB"',
  ),
  made("maxMsgs none → 5", {}, { max_msgs: 5 }, '~ maxMsgs: 5 => "unlimited"'),
  made(
    "maxMsgsPerSubject none → 7",
    {},
    { max_msgs_per_subject: 7 },
    '~ maxMsgsPerSubject: 7 => "unlimited"',
  ),
  made("maxMsgSize none → 1KiB", {}, { max_msg_size: 1024 }, '~ maxMsgSize: "1KiB" => "unlimited"'),
  made(
    "duplicate window 2m → 30s",
    {},
    { duplicate_window: 30 * SECOND },
    '~ duplicateWindow: "30s" => "2m"',
  ),
  made(
    "a subject added",
    { subjects: ["added.a"] },
    { subjects: ["added.a", "added.b"] },
    '- [1]: "added.b"',
  ),
  made(
    "a subject removed",
    { subjects: ["removed.a", "removed.b"] },
    { subjects: ["removed.a"] },
    '+ [1]: "removed.b"',
  ),
  made("discard old → new", {}, { discard: "new" }, '~ discard: "new" => "old"'),
  made("replicas 3 → 1", { replicas: 3 }, { num_replicas: 1 }, "~ replicas: 1 => 3"),
  made("compression none → s2", {}, { compression: "s2" }, '~ compression: "s2" => "none"'),
  made("allowDirect off → on", {}, { allow_direct: true }, "~ allowDirect: true => false"),
  made(
    "consumer limits added",
    {},
    { consumer_limits: { max_ack_pending: 10 } },
    "- consumerLimits: {",
    "- maxAckPending: 10",
  ),
  made(
    "subject transform added",
    {},
    { subject_transform: { src: "x.*", dest: "y.{{wildcard(1)}}" } },
    "- subjectTransform: {",
    '- destination: "y.{{wildcard(1)}}"',
    '- source     : "x.*"',
  ),
  made(
    "subject transform removed",
    { subjectTransform: TRANSFORM },
    { subject_transform: undefined },
    "+ subjectTransform: {",
    '+ destination: "out.{{wildcard(1)}}"',
    '+ source     : "in.*"',
  ),
  made(
    "republish removed",
    { republish: { destination: "copy.>" } },
    { republish: undefined },
    "+ republish: {",
    '+ destination: "copy.>"',
  ),
  made(
    "placement removed",
    { placement: { tags: ["ssd"] } },
    { placement: undefined },
    "+ placement: {",
    '+     [0]: "ssd"',
  ),
  {
    ...made("history of a bucket 5 → 9", { history: 5 }, { max_msgs_per_subject: 9 }),
    shows: ["~ history: 9 => 5"],
    isBucket: true,
  },
  {
    ...made("the stream deleted", {}, {}),
    edit: "delete",
    shows: ["+ pulumi-nodejs:dynamic/tfdc:Stream: (create)"],
  },
];

/** A change of the code that would lose something, or that no server makes. */
export interface Danger {
  /** The change, as docs/side-by-side.md names it. */
  readonly what: string;
  readonly from: Wire;
  /** What is declared then; nothing where it is taken out of the code. */
  readonly to: Wire | undefined;
  /** What the preview says of it, after the name of the stream. */
  readonly says: string;
  /** Wrong whatever the server has, so that the preview ends there. */
  readonly isWrongAlone?: true;
}

/** Ten changes of streams that hold a hundred messages each, ten of every subject. */
export const DANGERS: readonly Danger[] = [
  danger(
    "maxMsgs lowered below what there is",
    {},
    { maxMsgs: 10 },
    `'maxMsgs' is 10: the live stream has "unlimited", and the change deletes 90 of 100 messages at once`,
  ),
  danger(
    "maxMsgsPerSubject lowered",
    {},
    { maxMsgsPerSubject: 1 },
    `'maxMsgsPerSubject' is 1: the live stream has "unlimited", and the change deletes 90 of 100 messages at once`,
  ),
  danger(
    "maxBytes lowered",
    { maxBytes: "1GiB" },
    { maxBytes: "1KiB" },
    `'maxBytes' is "1KiB": the live stream has "1GiB", and the change deletes up to 100 of 100 messages at once`,
  ),
  danger(
    "retention limits → interest, without a consumer",
    {},
    { retention: "interest" },
    `'retention' is "interest": the live stream has "limits", and the change deletes up to 100 of 100 messages`,
  ),
  danger(
    "storage file → memory",
    {},
    { storage: "memory" },
    `'storage' is "memory": the live stream has "file", and nats-server 2.10.29 refuses the change: "stream configuration update can not change storage type"`,
  ),
  danger(
    "retention limits → workqueue",
    {},
    { retention: "workqueue" },
    `'retention' is "workqueue": the live stream has "limits", and nats-server 2.10.29 refuses the change: "stream configuration update can not change retention policy to/from workqueue"`,
  ),
  danger(
    "denyPurge switched on, for ever",
    {},
    { denyPurge: true },
    "'denyPurge' is true: the live stream has false, and no later update can take this back",
  ),
  {
    ...danger(
      "maxAge below the duplicate window",
      { maxAge: "1d", duplicateWindow: "2m" },
      { maxAge: "1m", duplicateWindow: "2m" },
      `'duplicateWindow' is "2m": a duplicate window cannot be longer than maxAge, which is "1m"`,
    ),
    isWrongAlone: true,
  },
  danger(
    "consumer limits that a consumer exceeds",
    {},
    { consumerLimits: { maxAckPending: 10 } },
    "'consumerLimits' is {\"maxAckPending\":10}: ",
  ),
  {
    what: "the stream taken out of the code",
    from: {},
    to: undefined,
    says: "holds 100 messages",
  },
];

/** The name of the stream that a row is about. */
export function rowName(prefix: string, index: number): string {
  return `${prefix}-${index}`;
}

function made(what: string, declared: Wire, change: Wire, ...shows: string[]): OutOfBand {
  return { what, declared, edit: change, shows };
}

function danger(what: string, from: Wire, to: Wire, says: string): Danger {
  return { what, from, to, says };
}
