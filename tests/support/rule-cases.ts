import type { UserStream } from "./arbitraries";

/** A stream that breaks one rule and nothing else, and what is said to it. */
export interface RuleCase {
  readonly rule: string;
  readonly stream: UserStream;
  /** The property that is blamed. */
  readonly property: string;
  /** Our words. */
  readonly reason: string;
}

/** A rule that the servers have too. */
export interface SharedRule extends RuleCase {
  /** The servers' own words, of 2.10 and of later ones; one text where all say the same. */
  readonly server: string | readonly [string, string];
  /** The first server that has the rule, where that is not the first that knows the fields. */
  readonly since?: string;
}

/** Every rule between the fields of one stream that a server can be asked about. */
export const SHARED_RULES: readonly SharedRule[] = [
  {
    rule: "names hold no slash",
    stream: { name: "a/b" },
    property: "name",
    reason:
      "'name' is \"a/b\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"a_b\"",
    server: "Stream name can not contain path separators",
  },
  {
    rule: "names have 255 bytes at most",
    stream: { name: "n".repeat(256) },
    property: "name",
    reason: `'name' is "${"n".repeat(116)}...: a stream name has at most 255 bytes, this one has 256; shorten it`,
    server: "stream name is too long, maximum allowed is 255",
  },
  {
    rule: "descriptions have 4 KiB at most",
    stream: { name: "x", description: "d".repeat(4097) },
    property: "description",
    reason: `'description' is "${"d".repeat(116)}...: a description has at most 4096 bytes, this one has 4097; shorten it`,
    server: "stream description is too long, maximum allowed is 4096",
  },
  {
    rule: "metadata has 128 KiB at most",
    stream: { name: "x", metadata: { a: "m".repeat(131_072) } },
    property: "metadata",
    reason: `'metadata' is {"a":"${"m".repeat(111)}...: metadata has at most 131072 bytes, this has 131073; keep less in it`,
    server: "stream metadata exceeds maximum size of 131072 bytes",
  },
  {
    rule: "messages stay 100 ms at least",
    stream: { name: "x", maxAge: "99ms" },
    property: "maxAge",
    reason: '\'maxAge\' is "99ms": the shortest age is 100ms; use "100ms" or more',
    server: "max age needs to be >= 100ms",
  },
  {
    rule: "windows are 100 ms at least",
    stream: { name: "x", duplicateWindow: "99ms" },
    property: "duplicateWindow",
    reason: '\'duplicateWindow\' is "99ms": the shortest window is 100ms; use "100ms"',
    server: "duplicates window needs to be >= 100ms",
  },
  {
    rule: "windows are no longer than the age",
    stream: { name: "x", maxAge: "1m", duplicateWindow: "61s" },
    property: "duplicateWindow",
    reason:
      '\'duplicateWindow\' is "1m1s": a duplicate window cannot be longer than maxAge, which is "1m"; use "1m" or less',
    server: "duplicates window can not be larger then max age",
  },
  {
    rule: "a message is counted in 32 bits",
    stream: { name: "x", maxMsgSize: "2GiB" },
    property: "maxMsgSize",
    reason:
      '\'maxMsgSize\' is "2GiB": the largest is 2147483647 bytes; use a smaller one, or "unlimited"',
    server: [
      "invalid JSON",
      "invalid JSON: json: cannot unmarshal number 2147483648 into Go struct field StreamConfigRequest.StreamConfig.max_msg_size of type int32",
    ],
  },
  {
    rule: "roll-ups purge",
    stream: { name: "x", denyPurge: true, allowRollup: true },
    property: "denyPurge",
    reason: "'denyPurge' is true: a roll-up purges, and allowRollup is true; set one of the two",
    server: "roll-ups require the purge permission",
  },
  {
    rule: "discarding per subject discards new",
    stream: { name: "x", discardNewPerSubject: true, maxMsgsPerSubject: 1 },
    property: "discardNewPerSubject",
    reason:
      '\'discardNewPerSubject\' is true: it needs discard "new", which is "old"; set discard: "new"',
    server: "discard new per subject requires discard new policy to be set",
  },
  {
    rule: "discarding per subject needs a limit",
    stream: { name: "x", discardNewPerSubject: true, discard: "new" },
    property: "discardNewPerSubject",
    reason:
      "'discardNewPerSubject' is true: it needs a limit of messages per subject; set maxMsgsPerSubject",
    server: "discard new per subject requires max msgs per subject > 0",
  },
  {
    rule: "only a mirror answers for an origin",
    stream: { name: "x", mirrorDirect: true },
    property: "mirrorDirect",
    reason: "'mirrorDirect' is true: only a mirror answers for an origin; remove it, or set mirror",
    server: "stream has no mirror but does have mirror direct",
  },
  {
    rule: "a mirror has no subjects",
    stream: { name: "x", mirror: { name: "o" }, subjects: ["a"] },
    property: "subjects",
    reason: "'subjects' is [\"a\"]: a mirror has no subjects of its own; remove it",
    server: "stream mirrors can not contain subjects",
  },
  {
    rule: "a mirror has no sources",
    stream: { name: "x", mirror: { name: "o" }, sources: [{ name: "p" }] },
    property: "sources",
    reason: '\'sources\' is [{"name":"p"}]: a mirror has no sources of its own; remove it',
    server: "stream mirrors can not also contain other sources",
  },
  {
    rule: "a mirror counts as its origin",
    stream: { name: "x", mirror: { name: "o" }, firstSeq: 7 },
    property: "firstSeq",
    reason: "'firstSeq' is 7: a mirror takes its sequence from the origin; remove it",
    server: "stream mirrors can not have first sequence configured",
  },
  {
    rule: "a mirror marks no deletes",
    stream: { name: "x", mirror: { name: "o" }, subjectDeleteMarkerTtl: "1m" },
    property: "subjectDeleteMarkerTtl",
    reason:
      "'subjectDeleteMarkerTtl' is \"1m\": a mirror takes its messages from the origin; remove it",
    server: "subject delete markers forbidden on mirrors",
  },
  {
    rule: "a mirror counts nothing",
    stream: { name: "x", mirror: { name: "o" }, allowMsgCounter: true },
    property: "allowMsgCounter",
    reason: "'allowMsgCounter' is true: a mirror takes its messages from the origin; remove it",
    server: "stream mirrors can not also calculate counters",
  },
  {
    rule: "a mirror takes no batches",
    stream: { name: "x", mirror: { name: "o" }, allowAtomicPublish: true },
    property: "allowAtomicPublish",
    reason: "'allowAtomicPublish' is true: a mirror takes its messages from the origin; remove it",
    server: "stream mirrors can not also use atomic publishing",
  },
  {
    rule: "a mirror takes no fast batches",
    stream: { name: "x", mirror: { name: "o" }, allowBatchPublish: true },
    property: "allowBatchPublish",
    reason: "'allowBatchPublish' is true: a mirror takes its messages from the origin; remove it",
    server: "stream mirrors can not also use batch publishing",
  },
  ...originConsumerRules(),
  {
    rule: "a mirror schedules nothing",
    stream: { name: "x", mirror: { name: "o" }, allowMsgSchedules: true },
    property: "allowMsgSchedules",
    reason: "'allowMsgSchedules' is true: a mirror takes its messages from the origin; remove it",
    server: "stream mirrors can not also schedule messages",
  },
  {
    rule: "a mirror's origin has a name",
    stream: { name: "x", mirror: { name: "o.p" } },
    property: "mirror.name",
    reason:
      "'mirror.name' is \"o.p\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"o_p\"",
    server: "mirrored stream name is invalid",
  },
  {
    rule: "a mirror filters once",
    stream: {
      name: "x",
      mirror: {
        name: "o",
        filterSubject: "a",
        subjectTransforms: [{ source: "a", destination: "b" }],
      },
    },
    property: "mirror.filterSubject",
    reason:
      "'mirror.filterSubject' is \"a\": it excludes subjectTransforms, whose sources are filters already; remove one of the two",
    server: "mirror with multiple subject transforms cannot also have a single subject filter",
  },
  {
    rule: "a source has a name",
    stream: { name: "x", sources: [{ name: "o" }, { name: "p.q" }] },
    property: 'sources["p.q"].name',
    reason:
      "'sources[\"p.q\"].name' is \"p.q\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"p_q\"",
    server: "sourced stream name is invalid",
  },
  {
    rule: "a source filters once",
    stream: {
      name: "x",
      sources: [
        { name: "o", filterSubject: "a", subjectTransforms: [{ source: "a", destination: "b" }] },
      ],
    },
    property: 'sources["o"].filterSubject',
    reason:
      '\'sources["o"].filterSubject\' is "a": it excludes subjectTransforms, whose sources are filters already; remove one of the two',
    server: "source with multiple subject transforms cannot also have a single subject filter",
  },
  {
    rule: "subjects have no empty token",
    stream: { name: "x", subjects: ["a..b"] },
    property: "subjects",
    reason:
      "'subjects' is \"a..b\": a subject is tokens joined by dots, with '>' only as the last one; use the form \"metrics.>\"",
    server: "invalid subject",
  },
  {
    rule: "subjects end with >",
    stream: { name: "x", subjects: ["a.>.b"] },
    property: "subjects",
    reason:
      "'subjects' is \"a.>.b\": a subject is tokens joined by dots, with '>' only as the last one; use the form \"metrics.>\"",
    server: "invalid subject",
  },
  {
    rule: "subjects have no white space",
    stream: { name: "x", subjects: ["a b"] },
    property: "subjects",
    reason:
      "'subjects' is \"a b\": a subject is tokens joined by dots, with '>' only as the last one; use the form \"metrics.>\"",
    server: "invalid subject",
  },
  {
    rule: "subjects of one stream do not overlap",
    stream: { name: "x", subjects: ["a.*", "a.b", "c"] },
    property: "subjects",
    reason:
      '\'subjects\' is "a.*": it overlaps with "a.b" of the same stream; remove one of the two',
    server: 'subject "a.*" overlaps with "a.b"',
  },
  {
    rule: "all subjects need no acknowledgements",
    stream: { name: "x", subjects: [">"] },
    property: "subjects",
    reason:
      "'subjects' is \">\": a stream of all subjects would answer its own requests; set noAck: true and replicas: 1, or name the subjects",
    server: "capturing all subjects requires no-ack to be true",
  },
  {
    rule: "all subjects need one replica",
    stream: { name: "x", subjects: [">"], noAck: true, replicas: 3 },
    property: "subjects",
    reason:
      "'subjects' is \">\": a stream of all subjects would answer its own requests; set noAck: true and replicas: 1, or name the subjects",
    server: "capturing all subjects requires replicas of 1",
  },
  {
    rule: "JetStream's API is not captured",
    stream: { name: "x", subjects: ["$JS.API.>"] },
    property: "subjects",
    reason:
      '\'subjects\' is "$JS.API.>": it captures the server\'s own "$JS.>"; set noAck: true, or name other subjects',
    server: "subjects that overlap with jetstream api require no-ack to be true",
  },
  {
    rule: "acknowledgements are not captured",
    stream: { name: "x", subjects: ["*.ACK.a"] },
    property: "subjects",
    reason:
      '\'subjects\' is "*.ACK.a": it captures the server\'s own "$JS.>"; set noAck: true, or name other subjects',
    server: "subjects that overlap with jetstream api require no-ack to be true",
  },
  {
    rule: "the clusters' API is not captured",
    stream: { name: "x", subjects: ["$JSC.a"] },
    property: "subjects",
    reason:
      '\'subjects\' is "$JSC.a": it captures the server\'s own "$JSC.>"; set noAck: true, or name other subjects',
    server: "subjects that overlap with jetstream api require no-ack to be true",
  },
  {
    rule: "Raft is not captured",
    stream: { name: "x", subjects: ["$NRG.>"] },
    property: "subjects",
    reason:
      '\'subjects\' is "$NRG.>": it captures the server\'s own "$NRG.>"; set noAck: true, or name other subjects',
    server: "subjects that overlap with jetstream api require no-ack to be true",
  },
  {
    rule: "the system is not captured",
    stream: { name: "x", subjects: ["$SYS.REQ.>"] },
    property: "subjects",
    reason:
      '\'subjects\' is "$SYS.REQ.>": it captures the server\'s own "$SYS.>"; set noAck: true, or name other subjects',
    server: "subjects that overlap with system api require no-ack to be true",
  },
  {
    rule: "republished messages do not come back",
    stream: { name: "x", subjects: ["a.>"], republish: { source: "a.>", destination: "a.copy.>" } },
    property: "republish.destination",
    reason:
      '\'republish.destination\' is "a.copy.>": the stream would store it again, through its subject "a.>"; republish elsewhere',
    server: "stream configuration for republish destination forms a cycle",
  },
  {
    rule: "markers stay 1 s at least",
    stream: { name: "x", subjectDeleteMarkerTtl: "999ms" },
    property: "subjectDeleteMarkerTtl",
    reason: '\'subjectDeleteMarkerTtl\' is "999ms": the shortest is 1s; use "1s" or more',
    server: "subject delete marker TTL must be at least 1 second",
  },
  {
    rule: "counters discard old",
    stream: { name: "x", allowMsgCounter: true, discard: "new" },
    property: "discard",
    reason: '\'discard\' is "new": a stream of counters discards old; use "old"',
    server: "counter stream cannot use discard new",
  },
  {
    rule: "counters have no time to live",
    stream: { name: "x", allowMsgCounter: true, allowMsgTtl: true },
    property: "allowMsgTtl",
    reason: "'allowMsgTtl' is true: a stream of counters has none; remove it",
    server: "counter stream cannot use message TTLs",
  },
  {
    rule: "counters are not scheduled",
    stream: { name: "x", allowMsgCounter: true, allowMsgSchedules: true },
    property: "allowMsgSchedules",
    reason: "'allowMsgSchedules' is true: a stream of counters has none; remove it",
    server: "counter stream cannot use message schedules",
  },
  {
    rule: "counters keep to limits",
    stream: { name: "x", allowMsgCounter: true, retention: "interest" },
    property: "retention",
    reason: '\'retention\' is "interest": a stream of counters keeps to limits; use "limits"',
    server: "counter stream can only use limits retention",
  },
  {
    rule: "schedules discard old",
    stream: { name: "x", allowMsgSchedules: true, discard: "new" },
    property: "discard",
    reason: '\'discard\' is "new": a stream of schedules discards old; use "old"',
    server: "message scheduling cannot use discard new",
  },
  {
    rule: "schedules are not sourced",
    stream: { name: "x", allowMsgSchedules: true, sources: [{ name: "o" }] },
    property: "sources",
    reason: '\'sources\' is [{"name":"o"}]: a stream of schedules has none; remove it',
    server: "stream source can not also schedule messages",
  },
  {
    rule: "late writes need a file",
    stream: { name: "x", persistMode: "async", storage: "memory" },
    property: "persistMode",
    reason:
      '\'persistMode\' is "async": it needs storage on file, one replica and no atomic publish; use "default"',
    server: "async persist mode is only supported on file storage",
  },
  {
    rule: "late writes need one replica",
    stream: { name: "x", persistMode: "async", replicas: 3 },
    property: "persistMode",
    reason:
      '\'persistMode\' is "async": it needs storage on file, one replica and no atomic publish; use "default"',
    server: "async persist mode is not supported on replicated streams",
  },
  {
    rule: "late writes are no batches",
    stream: { name: "x", persistMode: "async", allowAtomicPublish: true },
    property: "persistMode",
    reason:
      '\'persistMode\' is "async": it needs storage on file, one replica and no atomic publish; use "default"',
    server: "async persist mode is not supported with atomic batch publish",
  },
];

/** The consumer of an origin, of a mirror and of a source alike. */
function originConsumerRules(): SharedRule[] {
  const consumer = { name: "copy", deliverSubject: "deliver.copy" };
  const broken = [
    {
      rule: "has a name",
      origin: { name: "o", consumer: { ...consumer, name: "a.b" } },
      part: "consumer.name",
      reason:
        "is \"a.b\": a consumer's name has no '.', '*', '>', '/', '\\' and no white space; name the origin's consumer",
    },
    {
      rule: "delivers on one subject",
      origin: { name: "o", consumer: { ...consumer, deliverSubject: "deliver.*" } },
      part: "consumer.deliverSubject",
      reason:
        'is "deliver.*": messages are delivered on one subject, without wildcards; use the consumer\'s own, such as "deliver.orders"',
    },
    {
      rule: "begins where it begins",
      origin: { name: "o", consumer, startSequence: 3 },
      part: "startSequence",
      reason: "is 3: the origin's consumer decides it; remove it, or consumer",
    },
    {
      rule: "knows its own time",
      origin: { name: "o", consumer, startTime: "2026-01-31T12:00:00Z" },
      part: "startTime",
      reason:
        'is "2026-01-31T12:00:00Z": the origin\'s consumer decides it; remove it, or consumer',
    },
    {
      rule: "has its own filter",
      origin: { name: "o", consumer, filterSubject: "a" },
      part: "filterSubject",
      reason: 'is "a": the origin\'s consumer decides it; remove it, or consumer',
    },
  ];
  return broken.flatMap(({ rule, origin, part, reason }) => [
    {
      rule: `the consumer that a mirror uses ${rule}`,
      stream: { name: "x", mirror: origin },
      property: `mirror.${part}`,
      reason: `'mirror.${part}' ${reason}`,
      server: "stream mirror consumer config is invalid",
      since: "2.14.0",
    },
    {
      rule: `the consumer that a source uses ${rule}`,
      stream: { name: "x", sources: [origin] },
      property: `sources["o"].${part}`,
      reason: `'sources["o"].${part}' ${reason}`,
      server: "stream source consumer config is invalid",
      since: "2.14.0",
    },
  ]);
}
