import { STREAM_FIELDS } from "../../components/jetstream/stream-fields";
import { isOlder } from "../../components/jetstream/versions";
import type { Wire } from "./drift-raw";

/** A configuration that a preview must find unchanged after `up`. */
export interface Configuration {
  readonly declared: Wire;
  /** What its odd words come to on the wire. */
  readonly wire?: Wire;
  /** A part of a field that came later than the field: its path, its value as a text, since when. */
  readonly part?: { readonly path: string; readonly value: string; readonly since: string };
}

export type Matrix = Readonly<Record<string, Configuration>>;

const MINUTE = 60_000_000_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const transforms = [
  { source: "direct.b.*", destination: "moved.b.{{wildcard(1)}}" },
  { source: "direct.a.*", destination: "moved.a.{{wildcard(1)}}" },
];
const consumer = { name: "copy", deliverSubject: "deliver.copy" };
const CONSUMER = '{"deliverSubject":"deliver.copy","name":"copy"}';
const external = { api: "$JS.far.API", deliver: "far.deliver" };

/** Every field of a stream, in the ways it can be written, alone and with what it goes with. */
export const STREAM_MATRIX: Matrix = {
  bare: { declared: {}, wire: { subjects: ["bare"], duplicate_window: 2 * MINUTE } },
  full: {
    declared: {
      description: 'Größe, 日本語, 🦆 — "quoted"\nand a second line',
      subjects: ["full.b.>", "full.a.*.c", "full.a.*.b"],
      retention: "limits",
      storage: "file",
      replicas: 3,
      maxAge: "1h30m",
      maxBytes: "1.5GiB",
      maxMsgs: 1_000_000_000_000,
      maxMsgsPerSubject: 7,
      maxMsgSize: "64KB",
      maxConsumers: 10,
      discard: "new",
      discardNewPerSubject: true,
      duplicateWindow: "1500ms",
      compression: "s2",
      noAck: true,
      allowDirect: true,
      mirrorDirect: false,
      allowRollup: false,
      denyDelete: true,
      denyPurge: true,
      sealed: false,
      firstSeq: 1_000,
      placement: { cluster: "blue", tags: ["ssd", "eu"] },
      sources: [{ name: "bare" }],
      republish: { source: "full.b.>", destination: "copy.b.>", headersOnly: true },
      subjectTransform: { source: "full.b.*", destination: "full.t.{{wildcard(1)}}" },
      consumerLimits: { inactiveThreshold: "5m", maxAckPending: 100 },
      metadata: { team: "tfdc", "io.example/a.b": "ünïcode value", empty: "" },
    },
    wire: {
      max_age: 1.5 * HOUR,
      max_bytes: 1.5 * 2 ** 30,
      max_msg_size: 65_536,
      duplicate_window: 1_500_000_000,
      first_seq: 1_000,
    },
  },
  "every-default": {
    declared: {
      description: "",
      subjects: ["every-default"],
      retention: "limits",
      maxAge: "unlimited",
      maxBytes: -1,
      maxMsgs: "unlimited",
      maxConsumers: -1,
      duplicateWindow: "120s",
      firstSeq: 1,
      placement: {},
      sources: [],
      republish: { source: ">", destination: "copy.defaults.>", headersOnly: false },
      consumerLimits: { inactiveThreshold: "none" },
      metadata: {},
    },
  },
  "shortest-age": { declared: { maxAge: "100ms" }, wire: { duplicate_window: 100_000_000 } },
  "age-in-hours": { declared: { maxAge: "36h" }, wire: { max_age: 1.5 * DAY } },
  "age-in-days": { declared: { maxAge: "400d" }, wire: { max_age: 400 * DAY } },
  "age-in-parts": { declared: { maxAge: "1.5h30s250ms1us" } },
  "size-in-bytes": { declared: { maxBytes: 1000, maxMsgSize: "1000B" }, wire: { max_bytes: 1000 } },
  "size-in-gb": { declared: { maxBytes: "50GB" }, wire: { max_bytes: 50 * 2 ** 30 } },
  interest: { declared: { retention: "interest", storage: "memory", maxBytes: "1KiB" } },
  workqueue: { declared: { retention: "workqueue", discard: "new" } },
  tagged: { declared: { placement: { tags: ["eu"] } } },
  clustered: { declared: { placement: { cluster: "blue" }, replicas: 3 } },
  rollup: { declared: { allowRollup: true, denyDelete: true } },
  sealed: {
    declared: { sealed: true, maxAge: "7d", discard: "old" },
    wire: { sealed: true, max_age: 0, discard: "new", deny_delete: true, deny_purge: true },
  },
  direct: { declared: { subjects: ["direct.>"], allowDirect: true } },
  indirect: { declared: { subjects: ["indirect.>"] } },
  "mirror-of-direct": { declared: { mirror: { name: "direct" } } },
  "mirror-of-direct-declared": { declared: { mirror: { name: "direct" }, mirrorDirect: true } },
  "mirror-of-indirect": { declared: { mirror: { name: "indirect" } } },
  "mirror-of-indirect-declared": {
    declared: { mirror: { name: "indirect" }, mirrorDirect: false, allowDirect: true },
  },
  "mirror-of-nothing": { declared: { mirror: { name: "nowhere" } } },
  "mirror-from-sequence": {
    declared: { mirror: { name: "direct", startSequence: 7, filterSubject: "direct.a.>" } },
  },
  "mirror-from-time": {
    declared: { mirror: { name: "direct", startTime: "2026-01-01T01:00:00.120+01:00" } },
  },
  "mirror-transformed": { declared: { mirror: { name: "direct", subjectTransforms: transforms } } },
  "mirror-from-afar": {
    declared: { mirror: { name: "direct", external }, mirrorDirect: true, maxAge: "1d" },
  },
  "mirror-from-afar-undeclared": { declared: { mirror: { name: "direct", external } } },
  sources: {
    declared: {
      sources: [
        { name: "indirect", filterSubject: "indirect.b.>", startSequence: 3 },
        { name: "direct", subjectTransforms: transforms },
        { name: "bare", startTime: "2026-01-31T12:00:00Z" },
        { name: "afar", external: { api: "$JS.far.API" } },
      ],
    },
  },
  "sources-and-subjects": {
    declared: { subjects: ["own.>"], sources: [{ name: "direct" }, { name: "bare" }] },
  },
  ttl: { declared: { allowMsgTtl: true } },
  marker: {
    declared: { subjectDeleteMarkerTtl: "90s" },
    wire: { subject_delete_marker_ttl: 90_000_000_000, allow_msg_ttl: true },
  },
  "marker-of-a-day": { declared: { subjectDeleteMarkerTtl: "24h", allowMsgTtl: true } },
  counter: { declared: { allowMsgCounter: true, allowDirect: true } },
  atomic: { declared: { allowAtomicPublish: true, replicas: 3 } },
  schedules: { declared: { allowMsgSchedules: true, allowMsgTtl: true } },
  async: { declared: { persistMode: "async" } },
  "mirror-by-consumer": {
    declared: { mirror: { name: "direct", consumer } },
    part: { path: "mirror.consumer", value: CONSUMER, since: "2.14.0" },
  },
  "sources-by-consumer": {
    declared: { sources: [{ name: "bare" }, { name: "direct", consumer }] },
    part: { path: 'sources["direct"].consumer', value: CONSUMER, since: "2.14.0" },
  },
  batched: { declared: { allowBatchPublish: true, allowAtomicPublish: true, replicas: 3 } },
};

/** Every choice of a bucket. */
export const BUCKET_MATRIX: Matrix = {
  plain: { declared: {} },
  brief: { declared: { ttl: "90s" }, wire: { max_age: 1.5 * MINUTE } },
  long: { declared: { ttl: "400d", history: 64 }, wire: { max_age: 400 * DAY } },
  endless: { declared: { ttl: "unlimited", maxBytes: "unlimited", history: 1 } },
  chosen: {
    declared: {
      description: "Größe — 日本語 🦆",
      history: 10,
      ttl: "36h",
      maxValueSize: "10KB",
      maxBytes: "1.5MiB",
      storage: "memory",
      replicas: 3,
      compression: "s2",
      placement: { cluster: "blue", tags: ["ssd"] },
      republish: { source: "$KV.chosen.>", destination: "changes.>", headersOnly: true },
      metadata: { team: "tfdc" },
    },
    wire: { max_bytes: 1.5 * 2 ** 20, max_msg_size: 10_240, max_age: 1.5 * DAY },
  },
  mirror: { declared: { mirror: { name: "plain" } } },
  "mirror-by-stream": { declared: { mirror: { name: "KV_brief" } } },
  "mirror-from-afar": { declared: { mirror: { name: "plain", external } } },
  union: { declared: { sources: [{ name: "plain" }, { name: "brief" }], history: 3 } },
  "union-from-afar": { declared: { sources: [{ name: "union-from-afar", external }] } },
  "union-transformed": {
    declared: {
      sources: [
        {
          name: "plain",
          subjectTransforms: [
            { source: "$KV.plain.a.>", destination: "$KV.union-transformed.from.a.>" },
          ],
        },
      ],
    },
  },
  marker: { declared: { ttl: "7d", limitMarkerTtl: "1h" } },
};

/** The configurations of a matrix that use no field newer than this server, and those that do. */
export function splitBy(version: string, matrix: Matrix): { known: Matrix; newer: Matrix } {
  const isNewer = ({ declared, part }: Configuration): boolean =>
    isOlder(version, part?.since ?? "0") ||
    STREAM_FIELDS.some(
      ({ name, since }) =>
        since !== undefined &&
        isOlder(version, since) &&
        (name in declared || (name === "subjectDeleteMarkerTtl" && "limitMarkerTtl" in declared)),
    );
  const entries = Object.entries(matrix);
  return {
    known: Object.fromEntries(entries.filter(([, one]) => !isNewer(one))),
    newer: Object.fromEntries(entries.filter(([, one]) => isNewer(one))),
  };
}

/** The arguments of every configuration, with more for each. */
export function declarations(matrix: Matrix, more: Wire = {}): Record<string, Wire> {
  return Object.fromEntries(
    Object.entries(matrix).map(([name, { declared }]) => [name, { ...declared, ...more }]),
  );
}
