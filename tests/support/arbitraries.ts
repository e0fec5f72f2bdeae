import fc from "fast-check";
import { STREAM_FIELDS } from "../../components/jetstream/stream-fields";
import { isOlder } from "../../components/jetstream/versions";

/** What a user may write as a stream. */
export type UserStream = Readonly<Record<string, unknown>>;

const token = fc.constantFrom("a", "b", "c");

const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);

/** Durations as people write them, whole milliseconds up to some days. */
const duration = (shortest: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: shortest, max: 10_000 }).map((n) => `${n}ms`) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 600 }).map((n) => `${n}s`) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 400 }).map((n) => `${n}d`) },
    { weight: 1, arbitrary: fc.constantFrom("1h30m", "1.5h", "2m0s", "36h", "1500000us") },
  );

/** Sizes as people write them, up to half a GiB. */
const size = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 29 }),
  fc.integer({ min: 1, max: 2 ** 19 }).map((n) => `${n}KB`),
  fc.integer({ min: 1, max: 512 }).map((n) => `${n} MiB`),
  fc.constantFrom("0.5GiB", "1.5k", "unlimited", -1),
);

const count = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 1_000_000_000_000 }) },
  { weight: 1, arbitrary: fc.constantFrom<string | number>("unlimited", -1) },
);

/** Subjects of up to four tokens out of few, so that they often overlap. */
export const smallSubject = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "*"), { minLength: 0, maxLength: 3 }),
    fc.constantFrom("a", "b", "*", ">"),
  )
  .map(([tokens, last]) => [...tokens, last].join("."));

const subject = fc.oneof(
  { weight: 12, arbitrary: smallSubject },
  {
    weight: 1,
    arbitrary: fc.constantFrom(">", "$JS.EVENT.a", "$JS.API.>", "$SYS.ACCOUNT.a.>", "$SYS.a", "$*"),
  },
);

/** A filter and a target that a server can make a transform of. */
const transform = fc
  .tuple(token, token, fc.nat(3))
  .map(([from, to, form]) =>
    form === 0
      ? { source: from, destination: `to.${to}` }
      : form === 1
        ? { source: `${from}.*`, destination: `to.${to}.{{wildcard(1)}}` }
        : form === 2
          ? { source: `*.${from}.*`, destination: `to.$2.${to}.$1` }
          : { source: `${from}.>`, destination: `to.${to}.>` },
  );

const republish = fc.oneof(
  fc.record(
    { destination: fc.constantFrom("copy.>", "a.>"), headersOnly: fc.boolean() },
    { requiredKeys: ["destination"] },
  ),
  fc
    .record(
      {
        pair: transform,
        headersOnly: fc.boolean(),
      },
      { requiredKeys: ["pair"] },
    )
    .map(({ pair, ...rest }) => ({ ...pair, ...rest })),
);

const startTime = fc
  .date({ min: new Date("2001-01-01"), max: new Date("2101-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

const external = fc.record(
  { api: fc.constantFrom("$JS.far.API", "far.api"), deliver: fc.constant("far.deliver") },
  { requiredKeys: ["api"] },
);

const origin = (names: fc.Arbitrary<string>) =>
  fc.record(
    {
      name: names,
      startSequence: fc.integer({ min: 1, max: 1_000_000 }),
      startTime,
      filterSubject: smallSubject,
      subjectTransforms: fc.array(transform, { minLength: 1, maxLength: 1 }),
      external,
      consumer: fc.record({
        name: word,
        deliverSubject: fc.constantFrom("deliver.a", "deliver.b"),
      }),
    },
    { requiredKeys: ["name"] },
  );

const label = fc.stringMatching(/^[a-z][a-z.]{0,8}$/);

/** For every field of the table, what a user may write there. */
export const FIELD_VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: word,
  description: fc.string({ maxLength: 60, unit: "grapheme" }),
  subjects: fc.array(subject, { minLength: 0, maxLength: 3 }),
  retention: fc.constantFrom("limits", "interest", "workqueue"),
  storage: fc.constantFrom("file", "memory"),
  replicas: fc.constant(1),
  maxAge: fc.oneof(duration(50), fc.constant("unlimited")),
  maxBytes: size,
  maxMsgs: count,
  maxMsgsPerSubject: count,
  maxMsgSize: size,
  maxConsumers: count,
  discard: fc.constantFrom("old", "new"),
  discardNewPerSubject: fc.boolean(),
  duplicateWindow: fc.oneof(
    { weight: 9, arbitrary: duration(50) },
    { weight: 1, arbitrary: fc.constant("none") },
  ),
  compression: fc.constantFrom("none", "s2"),
  noAck: fc.boolean(),
  allowDirect: fc.boolean(),
  mirrorDirect: fc.boolean(),
  allowRollup: fc.boolean(),
  denyDelete: fc.boolean(),
  denyPurge: fc.boolean(),
  sealed: fc.boolean(),
  firstSeq: fc.integer({ min: 1, max: 1_000_000_000 }),
  placement: fc.record(
    { cluster: word, tags: fc.array(token, { maxLength: 2 }) },
    { requiredKeys: [] },
  ),
  mirror: origin(fc.constantFrom("origin-a", "origin-b")),
  sources: fc.uniqueArray(origin(fc.constantFrom("origin-a", "origin-b", "origin-c")), {
    maxLength: 3,
    selector: ({ name }) => name,
  }),
  republish,
  subjectTransform: transform,
  consumerLimits: fc.record(
    { inactiveThreshold: fc.oneof(duration(1), fc.constant("none")), maxAckPending: count },
    { requiredKeys: [] },
  ),
  metadata: fc.dictionary(label, fc.string({ maxLength: 12, unit: "grapheme" }), { maxKeys: 3 }),
  allowMsgTtl: fc.boolean(),
  subjectDeleteMarkerTtl: fc.oneof(duration(900), fc.constant("none")),
  allowMsgCounter: fc.boolean(),
  allowAtomicPublish: fc.boolean(),
  allowMsgSchedules: fc.boolean(),
  persistMode: fc.constantFrom("default", "async"),
  allowBatchPublish: fc.boolean(),
};

/** Fields that rule out many others: seldom set, so that enough of the streams are valid. */
const RARE = new Set(["mirror", "sources", "sealed", "allowMsgCounter", "allowMsgSchedules"]);

/** Streams of the fields that a server of this version knows, valid ones and others. */
export function userStream(serverVersion = "99.0.0"): fc.Arbitrary<UserStream> {
  const fields = STREAM_FIELDS.filter(({ since }) => !isOlder(serverVersion, since ?? "0"));
  const parts = fields.map(({ name }) => {
    const values = FIELD_VALUES[name] ?? fc.constant(undefined);
    return name === "name"
      ? values
      : fc.oneof(
          { weight: RARE.has(name) ? 9 : 4, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: values },
        );
  });
  return fc
    .tuple(...parts)
    .map((values) =>
      Object.fromEntries(
        fields.flatMap(({ name }, index) =>
          values[index] === undefined
            ? []
            : [[name, withoutNewer(serverVersion, values[index])] as const],
        ),
      ),
    );
}

/** An origin, or a list of them, without the consumer that older servers do not know. */
function withoutNewer(serverVersion: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withoutNewer(serverVersion, item));
  }
  if (value === null || typeof value !== "object" || !("consumer" in value)) {
    return value;
  }
  const { consumer, ...rest } = value;
  return isOlder(serverVersion, "2.14.0") ? rest : { ...rest, consumer };
}

/** The arbitrary of one field. */
export function fieldValue(name: string): fc.Arbitrary<unknown> {
  const values = FIELD_VALUES[name];
  if (values === undefined) {
    throw new Error(`tests/support/arbitraries.ts has no values for '${name}'`);
  }
  return values;
}
