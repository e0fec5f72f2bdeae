import { type DriftEdit, edit, invalid, mirrorFixed } from "./drift-edit";
import type { Wire } from "./drift-raw";

const SECOND = 1_000_000_000;
const DAY = 86_400 * SECOND;

const UNCHANGEABLE = {
  storage: invalid("stream configuration update can not change storage type"),
  workqueue: invalid(
    "stream configuration update can not change retention policy to/from workqueue",
  ),
  maxConsumers: invalid("stream configuration update can not change MaxConsumers", "2.12.5"),
  counter: invalid("stream configuration update can not change message counter setting"),
  persistMode: invalid("stream configuration update can not change persist mode"),
};

const ONE_WAY = {
  denyDelete: invalid("stream configuration update can not cancel deny message deletes"),
  denyPurge: invalid("stream configuration update can not cancel deny purge"),
  sealed: invalid("stream configuration update can not unseal a sealed stream"),
  msgTtl: invalid("message TTL status can not be disabled"),
  schedules: invalid("message schedules can not be disabled"),
};

/** The metadata that marks every asset of these tests. */
export const OWNER: Readonly<Record<string, string>> = {
  "io.tfdc.colour": "blue",
  "io.tfdc.project": "drift",
  "io.tfdc.stack": "test",
};

/** At least one edit of every row of the field table, but for the name. */
export const STREAM_EDITS: readonly DriftEdit[] = [
  edit("description", { description: "edited" }, ["edited", ""]),
  edit(
    "subjects",
    ({ name, subjects }) => ({ subjects: [`a.${name}`, ...(subjects as string[])] }),
    [["subjects-added.>", "a.subjects-added"], ["subjects-added.>"]],
    { variant: "added", paths: ["subjects[1]"] },
  ),
  edit(
    "subjects",
    { subjects: ["subjects-removed.a"] },
    [["subjects-removed.a"], ["subjects-removed.a", "subjects-removed.b"]],
    {
      variant: "removed",
      declared: { subjects: ["subjects-removed.b", "subjects-removed.a"] },
      paths: ["subjects[1]"],
    },
  ),
  edit(
    "subjects",
    { subjects: ["subjects-replaced.z", "subjects-replaced.b", "subjects-replaced.c"] },
    [
      ["subjects-replaced.z", "subjects-replaced.b", "subjects-replaced.c"],
      ["subjects-replaced.a", "subjects-replaced.b", "subjects-replaced.c"],
    ],
    {
      variant: "replaced",
      declared: {
        subjects: ["subjects-replaced.a", "subjects-replaced.b", "subjects-replaced.c"],
      },
      paths: ["subjects[0]"],
    },
  ),
  edit("retention", { retention: "interest" }, ["interest", "limits"]),
  edit("retention", { retention: "workqueue" }, ["workqueue", "limits"], {
    variant: "workqueue",
    refusesEdit: UNCHANGEABLE.workqueue,
    refusesRestore: UNCHANGEABLE.workqueue,
  }),
  edit("storage", { storage: "memory" }, ["memory", "file"], {
    refusesEdit: UNCHANGEABLE.storage,
    refusesRestore: UNCHANGEABLE.storage,
  }),
  edit("replicas", { num_replicas: 3 }, [3, 1], { variant: "more" }),
  edit("replicas", { num_replicas: 1 }, [1, 3], { variant: "fewer", declared: { replicas: 3 } }),
  edit("maxAge", { max_age: 3 * DAY }, ["3d", "7d"], { declared: { maxAge: "7d" } }),
  edit("maxAge", { max_age: 1.5 * DAY }, ["1d12h", "unlimited"], { variant: "undeclared" }),
  edit("maxBytes", { max_bytes: 1 << 30 }, ["1GiB", "50MiB"], { declared: { maxBytes: "50MB" } }),
  edit("maxBytes", { max_bytes: 1000 }, ["1000B", "unlimited"], { variant: "undeclared" }),
  edit("maxMsgs", { max_msgs: 5 }, [5, "unlimited"]),
  edit("maxMsgsPerSubject", { max_msgs_per_subject: 7 }, [7, "unlimited"]),
  edit("maxMsgSize", { max_msg_size: 1024 }, ["1KiB", "unlimited"]),
  edit("maxConsumers", { max_consumers: 3 }, [3, "unlimited"], {
    refusesEdit: UNCHANGEABLE.maxConsumers,
    refusesRestore: UNCHANGEABLE.maxConsumers,
  }),
  edit("discard", { discard: "new" }, ["new", "old"]),
  edit("discardNewPerSubject", { discard_new_per_subject: true }, [true, false], {
    declared: { discard: "new", maxMsgsPerSubject: 10 },
  }),
  edit("duplicateWindow", { duplicate_window: 30 * SECOND }, ["30s", "2m"]),
  edit("compression", { compression: "s2" }, ["s2", "none"]),
  edit("noAck", { no_ack: true }, [true, false]),
  edit("allowDirect", { allow_direct: true }, [true, false]),
  edit("mirrorDirect", { mirror_direct: true }, [true, false]),
  edit("allowRollup", { allow_rollup_hdrs: true }, [true, false]),
  edit("denyDelete", { deny_delete: true }, [true, false], { refusesRestore: ONE_WAY.denyDelete }),
  edit("denyPurge", { deny_purge: true }, [true, false], { refusesRestore: ONE_WAY.denyPurge }),
  edit("sealed", { sealed: true }, [true, false], {
    // What sealing implies is declared already, so that the seal alone is the difference.
    declared: { discard: "new", denyDelete: true, denyPurge: true },
    refusesRestore: ONE_WAY.sealed,
  }),
  // The server takes an update of it and does nothing: what was stored keeps its sequence.
  edit("firstSeq", { first_seq: 100 }, [100, 1]),
  ...placementEdits(),
  ...mirrorEdits(),
  ...sourceEdits(),
  ...objectEdits(),
  ...metadataEdits(),
  edit("allowMsgTtl", { allow_msg_ttl: true }, [true, false], { refusesRestore: ONE_WAY.msgTtl }),
  edit("subjectDeleteMarkerTtl", { subject_delete_marker_ttl: 60 * SECOND }, ["1m", "none"], {
    declared: { allowMsgTtl: true, allowRollup: true },
  }),
  edit("allowMsgCounter", { allow_msg_counter: true }, [true, false], {
    refusesEdit: UNCHANGEABLE.counter,
    refusesRestore: UNCHANGEABLE.counter,
  }),
  edit("allowAtomicPublish", { allow_atomic: true }, [true, false]),
  edit("allowMsgSchedules", { allow_msg_schedules: true }, [true, false], {
    declared: { allowRollup: true },
    refusesRestore: ONE_WAY.schedules,
  }),
  edit("persistMode", { persist_mode: "async" }, ["async", "default"], {
    refusesEdit: UNCHANGEABLE.persistMode,
    refusesRestore: UNCHANGEABLE.persistMode,
  }),
  edit("allowBatchPublish", { allow_batched: true }, [true, false]),
];

function placementEdits(): DriftEdit[] {
  const tagged = { cluster: "blue", tags: ["eu", "ssd"] };
  return [
    edit("placement", { placement: { cluster: "blue" } }, [{ cluster: "blue" }, undefined], {
      variant: "added",
    }),
    edit("placement", { placement: undefined }, [undefined, tagged], {
      variant: "removed",
      declared: { placement: tagged },
    }),
    edit(
      "placement",
      { placement: { cluster: "blue", tags: ["eu"] } },
      [{ cluster: "blue", tags: ["eu"] }, tagged],
      { variant: "changed", declared: { placement: tagged }, paths: ["placement.tags[1]"] },
    ),
  ];
}

/** A stream is a mirror or has subjects, so becoming the other is more than one property. */
function mirrorEdits(): DriftEdit[] {
  const [a, b] = [{ name: "origin-a" }, { name: "origin-b" }];
  return [
    edit("mirror", { mirror: b }, [b, a], {
      variant: "other",
      declared: { subjects: undefined, mirror: a },
      paths: ["mirror.name"],
      refusesEdit: mirrorFixed(),
      refusesRestore: mirrorFixed(),
    }),
    {
      field: "mirror",
      variant: "added",
      edit: { mirror: a, subjects: undefined },
      shows: {
        mirror: [a, undefined],
        subjects: [[], ["mirror-added.>"]],
        duplicateWindow: ["none", "2m"],
      },
      refusesEdit: mirrorFixed(),
      // Since 2.12 a mirror can be promoted, which is what the declaration comes to.
      refusesRestore: mirrorFixed("2.12.0"),
    },
    {
      field: "mirror",
      variant: "removed",
      declared: { subjects: undefined, mirror: a },
      edit: { mirror: undefined },
      shows: {
        mirror: [undefined, a],
        subjects: [["mirror-removed"], []],
        duplicateWindow: ["2m", "none"],
      },
      refusesEdit: mirrorFixed("2.12.0"),
      refusesRestore: mirrorFixed(),
    },
  ];
}

function sourceEdits(): DriftEdit[] {
  const one = { name: "origin-a", filterSubject: "origin-a.x" };
  const other = { name: "origin-b" };
  return [
    edit("sources", { sources: [other] }, [[other], undefined], { variant: "added" }),
    edit("sources", { sources: undefined }, [undefined, [one]], {
      variant: "removed",
      declared: { sources: [one] },
    }),
    edit(
      "sources",
      { sources: [{ name: "origin-a", filter_subject: "origin-a.y" }, other] },
      [
        [{ ...one, filterSubject: "origin-a.y" }, other],
        [one, other],
      ],
      {
        variant: "changed",
        declared: { sources: [other, one] },
        paths: ["sources[0].filterSubject"],
      },
    ),
  ];
}

function objectEdits(): DriftEdit[] {
  const [source, destination] = ["subjectTransform.*", "moved.{{wildcard(1)}}"];
  const republish = { destination: "copy.>", headersOnly: true };
  return [
    edit(
      "republish",
      { republish: { src: ">", dest: "copy.>" } },
      [{ destination: "copy.>" }, undefined],
      { variant: "added" },
    ),
    edit("republish", { republish: undefined }, [undefined, republish], {
      variant: "removed",
      declared: { republish },
    }),
    edit(
      "republish",
      { republish: { src: ">", dest: "other.>", headers_only: true } },
      [{ ...republish, destination: "other.>" }, republish],
      { variant: "changed", declared: { republish }, paths: ["republish.destination"] },
    ),
    edit(
      "subjectTransform",
      { subject_transform: { src: source, dest: destination } },
      [{ destination, source }, undefined],
      { variant: "added" },
    ),
    edit(
      "subjectTransform",
      { subject_transform: undefined },
      [undefined, { destination, source }],
      { variant: "removed", declared: { subjectTransform: { source, destination } } },
    ),
    edit(
      "consumerLimits",
      { consumer_limits: { inactive_threshold: 300 * SECOND, max_ack_pending: 10 } },
      [{ inactiveThreshold: "5m", maxAckPending: 10 }, undefined],
      { variant: "added" },
    ),
    edit("consumerLimits", { consumer_limits: {} }, [undefined, { maxAckPending: 10 }], {
      variant: "removed",
      declared: { consumerLimits: { maxAckPending: 10 } },
    }),
  ];
}

function metadataEdits(): DriftEdit[] {
  const labelled = (labels: Wire) => (live: Wire) => ({
    metadata: { ...(live.metadata as Wire), ...labels },
  });
  return [
    edit("metadata", labelled({ team: "other" }), [{ ...OWNER, team: "other" }, OWNER], {
      variant: "added",
      paths: ["metadata.team"],
    }),
    edit(
      "metadata",
      labelled({ team: "other" }),
      [
        { ...OWNER, team: "other" },
        { ...OWNER, team: "ours" },
      ],
      { variant: "changed", declared: { metadata: { team: "ours" } }, paths: ["metadata.team"] },
    ),
    edit("metadata", { metadata: undefined }, [{}, OWNER], { variant: "removed" }),
  ];
}
