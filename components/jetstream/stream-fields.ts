import {
  type Canonical,
  choice,
  count,
  duration,
  flag,
  integer,
  type Kind,
  labels,
  size,
  text,
  texts,
  time,
} from "./kinds";
import { object, objects } from "./object-kinds";
import { parseDuration, UNLIMITED } from "./units";
import {
  free,
  lossyWhenLower,
  mirrorRule,
  neverUnset,
  oneWay,
  refused,
  refusedBefore,
  retentionRule,
  type UpdateRule,
} from "./update-rules";

/** Every field of a stream in canonical form; a field that is absent is not set. */
export type StreamSettings = Readonly<Record<string, Canonical | undefined>>;

/** One field of a stream's configuration. Everything about a field is derived from its row. */
export interface StreamField {
  /** Name here, in camel case. */
  readonly name: string;
  /** Name on the wire. */
  readonly wire: string;
  readonly kind: Kind;
  /**
   * What the server fills in where nothing is said; a function where that depends on other
   * fields, and `undefined` where the field stays absent.
   */
  readonly fallback?: Canonical | ((settings: StreamSettings) => Canonical | undefined);
  /** The first server that knows the field. @default 2.10.0 */
  readonly since?: string;
  /** What changing the field means to a running stream. */
  readonly onUpdate: UpdateRule;
  /** What the server says where it refuses a change; absent where it takes one without effect. */
  readonly refusal?: string;
}

/** What the server begins most of its refusals with. */
const CAN_NOT = "stream configuration update can not";

/** The word for "no duplicate tracking": a mirror has none, and a stream with sources may. */
export const NO_WINDOW = "none";

const DEFAULT_WINDOW = "2m";

const subjectTransform = object("subject transform", [
  { name: "source", wire: "src", kind: text, required: true },
  { name: "destination", wire: "dest", kind: text, required: true },
]);

const streamSource = object("stream source", [
  { name: "name", wire: "name", kind: text, required: true },
  {
    name: "startSequence",
    wire: "opt_start_seq",
    kind: integer({ min: 1, max: Number.MAX_SAFE_INTEGER, absent: 0 }),
    fallback: 0,
  },
  { name: "startTime", wire: "opt_start_time", kind: time },
  { name: "filterSubject", wire: "filter_subject", kind: text },
  { name: "subjectTransforms", wire: "subject_transforms", kind: objects(subjectTransform) },
  {
    name: "external",
    wire: "external",
    kind: object("external stream", [
      { name: "api", wire: "api", kind: text, required: true },
      { name: "deliver", wire: "deliver", kind: text },
    ]),
  },
  {
    name: "consumer",
    wire: "consumer",
    kind: object("consumer of the origin", [
      { name: "name", wire: "name", kind: text, required: true },
      { name: "deliverSubject", wire: "deliver_subject", kind: text, required: true },
    ]),
    since: "2.14.0",
  },
]);

const placement = object("placement", [
  { name: "cluster", wire: "cluster", kind: text },
  { name: "tags", wire: "tags", kind: texts },
]);

const republish = object("republish", [
  { name: "source", wire: "src", kind: text, fallback: ">" },
  { name: "destination", wire: "dest", kind: text, required: true },
  { name: "headersOnly", wire: "headers_only", kind: flag },
]);

const consumerLimits = object("consumer limits", [
  {
    name: "inactiveThreshold",
    wire: "inactive_threshold",
    kind: duration("none", "5m"),
    fallback: "none",
  },
  { name: "maxAckPending", wire: "max_ack_pending", kind: count(1000) },
]);

/**
 * The stream configuration of NATS 2.10 to 2.15, field by field, as the server's `StreamConfig`
 * and its `checkStreamCfg` have it. A field that a later server brings is one more row.
 */
export const STREAM_FIELDS: readonly StreamField[] = [
  { name: "name", wire: "name", kind: text, onUpdate: refused },
  { name: "description", wire: "description", kind: text, fallback: "", onUpdate: free },
  { name: "subjects", wire: "subjects", kind: texts, fallback: defaultSubjects, onUpdate: free },
  {
    name: "retention",
    wire: "retention",
    kind: choice("limits", "interest", "workqueue"),
    fallback: "limits",
    onUpdate: retentionRule,
    refusal: `${CAN_NOT} change retention policy to/from workqueue`,
  },
  {
    name: "storage",
    wire: "storage",
    kind: choice("file", "memory"),
    fallback: "file",
    onUpdate: refused,
    refusal: `${CAN_NOT} change storage type`,
  },
  {
    name: "replicas",
    wire: "num_replicas",
    kind: integer({ min: 1, max: 5, absent: 1 }),
    fallback: 1,
    onUpdate: free,
  },
  {
    name: "maxAge",
    wire: "max_age",
    kind: duration(UNLIMITED, "7d"),
    fallback: UNLIMITED,
    onUpdate: lossyWhenLower,
  },
  {
    name: "maxBytes",
    wire: "max_bytes",
    kind: size("50GiB"),
    fallback: UNLIMITED,
    onUpdate: lossyWhenLower,
  },
  {
    name: "maxMsgs",
    wire: "max_msgs",
    kind: count(1_000_000),
    fallback: UNLIMITED,
    onUpdate: lossyWhenLower,
  },
  {
    name: "maxMsgsPerSubject",
    wire: "max_msgs_per_subject",
    kind: count(100_000),
    fallback: UNLIMITED,
    onUpdate: lossyWhenLower,
  },
  {
    name: "maxMsgSize",
    wire: "max_msg_size",
    kind: size("1MiB"),
    fallback: UNLIMITED,
    onUpdate: free,
  },
  {
    name: "maxConsumers",
    wire: "max_consumers",
    kind: count(100),
    fallback: UNLIMITED,
    onUpdate: refusedBefore("2.12.5"),
    refusal: `${CAN_NOT} change MaxConsumers`,
  },
  {
    name: "discard",
    wire: "discard",
    kind: choice("old", "new"),
    fallback: "old",
    onUpdate: free,
  },
  {
    name: "discardNewPerSubject",
    wire: "discard_new_per_subject",
    kind: flag,
    fallback: false,
    onUpdate: free,
  },
  {
    name: "duplicateWindow",
    wire: "duplicate_window",
    kind: duration(NO_WINDOW, "2m"),
    fallback: defaultWindow,
    onUpdate: free,
  },
  {
    name: "compression",
    wire: "compression",
    kind: choice("none", "s2"),
    fallback: "none",
    onUpdate: free,
  },
  { name: "noAck", wire: "no_ack", kind: flag, fallback: false, onUpdate: free },
  { name: "allowDirect", wire: "allow_direct", kind: flag, fallback: false, onUpdate: free },
  {
    name: "mirrorDirect",
    wire: "mirror_direct",
    kind: flag,
    fallback: inheritedDirect,
    onUpdate: free,
  },
  { name: "allowRollup", wire: "allow_rollup_hdrs", kind: flag, fallback: false, onUpdate: free },
  {
    name: "denyDelete",
    wire: "deny_delete",
    kind: flag,
    fallback: false,
    onUpdate: oneWay,
    refusal: `${CAN_NOT} cancel deny message deletes`,
  },
  {
    name: "denyPurge",
    wire: "deny_purge",
    kind: flag,
    fallback: false,
    onUpdate: oneWay,
    refusal: `${CAN_NOT} cancel deny purge`,
  },
  {
    name: "sealed",
    wire: "sealed",
    kind: flag,
    fallback: false,
    onUpdate: oneWay,
    refusal: `${CAN_NOT} unseal a sealed stream`,
  },
  {
    name: "firstSeq",
    wire: "first_seq",
    kind: integer({ min: 1, max: Number.MAX_SAFE_INTEGER, absent: 1 }),
    fallback: 1,
    onUpdate: refused,
  },
  { name: "placement", wire: "placement", kind: placement, onUpdate: free },
  {
    name: "mirror",
    wire: "mirror",
    kind: streamSource,
    onUpdate: mirrorRule,
    refusal: "stream mirror configuration can not be updated",
  },
  { name: "sources", wire: "sources", kind: objects(streamSource), onUpdate: free },
  { name: "republish", wire: "republish", kind: republish, onUpdate: free },
  { name: "subjectTransform", wire: "subject_transform", kind: subjectTransform, onUpdate: free },
  { name: "consumerLimits", wire: "consumer_limits", kind: consumerLimits, onUpdate: free },
  { name: "metadata", wire: "metadata", kind: labels, fallback: {}, onUpdate: free },
  {
    name: "allowMsgTtl",
    wire: "allow_msg_ttl",
    kind: flag,
    fallback: false,
    since: "2.11.0",
    onUpdate: neverUnset,
    refusal: "message TTL status can not be disabled",
  },
  {
    name: "subjectDeleteMarkerTtl",
    wire: "subject_delete_marker_ttl",
    kind: duration("none", "1m"),
    fallback: "none",
    since: "2.11.0",
    onUpdate: free,
  },
  {
    name: "allowMsgCounter",
    wire: "allow_msg_counter",
    kind: flag,
    fallback: false,
    since: "2.12.0",
    onUpdate: refused,
    refusal: `${CAN_NOT} change message counter setting`,
  },
  {
    name: "allowAtomicPublish",
    wire: "allow_atomic",
    kind: flag,
    fallback: false,
    since: "2.12.0",
    onUpdate: free,
  },
  {
    name: "allowMsgSchedules",
    wire: "allow_msg_schedules",
    kind: flag,
    fallback: false,
    since: "2.12.0",
    onUpdate: neverUnset,
    refusal: "message schedules can not be disabled",
  },
  {
    name: "persistMode",
    wire: "persist_mode",
    kind: choice("default", "async"),
    fallback: "default",
    since: "2.12.0",
    onUpdate: refused,
    refusal: `${CAN_NOT} change persist mode`,
  },
  {
    name: "allowBatchPublish",
    wire: "allow_batched",
    kind: flag,
    fallback: false,
    since: "2.14.0",
    onUpdate: free,
  },
];

/** A stream with no subject, mirror or source listens on its own name. */
function defaultSubjects({ name, mirror, sources }: StreamSettings): Canonical {
  return mirror === undefined && sources === undefined && typeof name === "string" ? [name] : [];
}

/**
 * Two minutes, or the age of a message where that is shorter; a mirror tracks no duplicates. Since
 * 2.14 a server gives a stream with sources none, which is not followed: the same declaration means
 * the same on every server, and a change of version changes no window.
 */
function defaultWindow({ mirror, maxAge }: StreamSettings): Canonical {
  if (mirror !== undefined) {
    return NO_WINDOW;
  }
  const age = typeof maxAge === "string" ? parseDuration(maxAge) : undefined;
  const window = parseDuration(DEFAULT_WINDOW) ?? 0n;
  return age !== undefined && age < window ? String(maxAge) : DEFAULT_WINDOW;
}

/** The server copies a mirror's `mirrorDirect` from the origin: then it is not ours to say. */
function inheritedDirect({ mirror }: StreamSettings): Canonical | undefined {
  return mirror === undefined || hasExternal(mirror) ? false : undefined;
}

function hasExternal(mirror: Canonical): boolean {
  return typeof mirror === "object" && !Array.isArray(mirror) && "external" in mirror;
}
