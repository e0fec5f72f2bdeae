import { type DriftEdit, edit, invalid, mirrorFixed, type Shown } from "./drift-edit";
import type { Wire } from "./drift-raw";
import { OWNER, STREAM_EDITS } from "./drift-stream-edits";

const SECOND = 1_000_000_000;

/** What the buckets of these tests declare where an edit does not say otherwise. */
export const BUCKET_BASE: Wire = { history: 5, ttl: "1h", maxValueSize: "1KiB" };

/** How the server refuses the same change of a stream. */
function refusals(field: string, variant?: string): Partial<DriftEdit> {
  const found = STREAM_EDITS.find((one) => one.field === field && one.variant === variant);
  return {
    ...(found?.refusesEdit === undefined ? {} : { refusesEdit: found.refusesEdit }),
    ...(found?.refusesRestore === undefined ? {} : { refusesRestore: found.refusesRestore }),
  };
}

/** An edit of a field that a bucket calls something else. */
function renamed(
  field: string,
  property: string,
  change: Wire,
  shown: Shown,
  rest: Partial<DriftEdit> = {},
): DriftEdit {
  return { field, edit: change, shows: { [property]: shown }, ...rest };
}

/** An edit of every field of the stream underneath a bucket, whatever the bucket calls it. */
export const BUCKET_EDITS: readonly DriftEdit[] = [
  edit("description", { description: "edited" }, ["edited", ""]),
  edit(
    "subjects",
    ({ subjects }) => ({ subjects: [...(subjects as string[]), "a.first.key"] }),
    [["$KV.bucket-subjects.>", "a.first.key"], ["$KV.bucket-subjects.>"]],
    { paths: ["subjects[1]"] },
  ),
  edit("retention", { retention: "interest" }, ["interest", "limits"]),
  edit("storage", { storage: "memory" }, ["memory", "file"], refusals("storage")),
  edit("replicas", { num_replicas: 3 }, [3, 1]),
  renamed("maxAge", "ttl", { max_age: 7200 * SECOND }, ["2h", "1h"]),
  edit("maxBytes", { max_bytes: 4096 }, ["4KiB", "unlimited"]),
  edit("maxMsgs", { max_msgs: 3 }, [3, "unlimited"]),
  renamed("maxMsgsPerSubject", "history", { max_msgs_per_subject: 9 }, [9, 5]),
  renamed("maxMsgSize", "maxValueSize", { max_msg_size: 2048 }, ["2KiB", "1KiB"]),
  edit("maxConsumers", { max_consumers: 3 }, [3, "unlimited"], refusals("maxConsumers")),
  edit("discard", { discard: "old" }, ["old", "new"]),
  edit("discardNewPerSubject", { discard_new_per_subject: true }, [true, false]),
  edit("duplicateWindow", { duplicate_window: 60 * SECOND }, ["1m", "2m"]),
  edit("compression", { compression: "s2" }, ["s2", "none"]),
  edit("noAck", { no_ack: true }, [true, false]),
  edit("allowDirect", { allow_direct: false }, [false, true]),
  edit("mirrorDirect", { mirror_direct: true }, [true, false]),
  edit("allowRollup", { allow_rollup_hdrs: false }, [false, true]),
  edit("denyDelete", { deny_delete: false }, [false, true], {
    refusesEdit: invalid("stream configuration update can not cancel deny message deletes"),
  }),
  {
    // Roll-ups purge, so the server has it without them only.
    field: "denyPurge",
    edit: { deny_purge: true, allow_rollup_hdrs: false },
    shows: { denyPurge: [true, false], allowRollup: [false, true] },
    ...refusals("denyPurge"),
  },
  {
    field: "sealed",
    edit: { sealed: true },
    shows: {
      sealed: [true, false],
      denyPurge: [true, false],
      allowRollup: [false, true],
      ttl: ["unlimited", "1h"],
    },
    ...refusals("sealed"),
  },
  edit("firstSeq", { first_seq: 100 }, [100, 1]),
  edit("placement", { placement: { cluster: "blue" } }, [{ cluster: "blue" }, undefined]),
  {
    field: "mirror",
    edit: { mirror: { name: "KV_bucket-origin" }, subjects: undefined },
    shows: {
      mirror: [{ name: "KV_bucket-origin" }, undefined],
      subjects: [[], ["$KV.bucket-mirror.>"]],
      mirrorDirect: [true, false],
      duplicateWindow: ["none", "2m"],
    },
    refusesEdit: mirrorFixed(),
    refusesRestore: mirrorFixed("2.12.0"),
  },
  edit("sources", { sources: [{ name: "KV_bucket-origin" }] }, [
    [{ name: "KV_bucket-origin" }],
    undefined,
  ]),
  edit("republish", { republish: { src: ">", dest: "copy.>" } }, [
    { destination: "copy.>" },
    undefined,
  ]),
  edit("subjectTransform", { subject_transform: { src: "a.*", dest: "b.{{wildcard(1)}}" } }, [
    { destination: "b.{{wildcard(1)}}", source: "a.*" },
    undefined,
  ]),
  edit("consumerLimits", { consumer_limits: { max_ack_pending: 10 } }, [
    { maxAckPending: 10 },
    undefined,
  ]),
  edit("metadata", { metadata: undefined }, [{}, OWNER]),
  edit("allowMsgTtl", { allow_msg_ttl: true }, [true, false], refusals("allowMsgTtl")),
  renamed(
    "subjectDeleteMarkerTtl",
    "limitMarkerTtl",
    { subject_delete_marker_ttl: 60 * SECOND },
    ["1m", "30s"],
    { declared: { limitMarkerTtl: "30s" } },
  ),
  {
    // Neither counters nor schedules go with discarding new messages.
    field: "allowMsgCounter",
    edit: { allow_msg_counter: true, discard: "old" },
    shows: { allowMsgCounter: [true, false], discard: ["old", "new"] },
    ...refusals("allowMsgCounter"),
  },
  edit("allowAtomicPublish", { allow_atomic: true }, [true, false]),
  {
    field: "allowMsgSchedules",
    edit: { allow_msg_schedules: true, discard: "old" },
    shows: { allowMsgSchedules: [true, false], discard: ["old", "new"] },
    ...refusals("allowMsgSchedules"),
  },
  edit("persistMode", { persist_mode: "async" }, ["async", "default"], refusals("persistMode")),
  edit("allowBatchPublish", { allow_batched: true }, [true, false]),
];
