import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  assetVersionProblems,
  BUCKET,
  BUCKET_CHOICES,
  STREAM,
} from "../../../components/jetstream/asset-kinds";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { normaliseStream } from "../../../components/jetstream/stream-settings";
import { fieldValue, userStream } from "../../support/arbitraries";

type Input = Readonly<Record<string, unknown>>;

const bucketOf = (input: Input) => BUCKET.normalise(input).properties;
const streamOf = (input: Input) => BUCKET.toStream(bucketOf(input));
const reasons = (input: Input) => BUCKET.normalise(input).problems.map(({ reason }) => reason);

describe("a stream", () => {
  it("has the fields of the table for its properties", () => {
    assert.deepEqual(
      STREAM.properties,
      STREAM_FIELDS.map(({ name }) => name),
    );
    assert.equal(STREAM.propertyOf("maxAge"), "maxAge");
  });

  it("is the stream that holds it, and back", () => {
    fc.assert(
      fc.property(userStream(), (stream) => {
        const { settings } = normaliseStream(stream);
        assert.deepEqual(STREAM.fromStream(STREAM.toStream(settings)), settings);
      }),
    );
  });
});

describe("a bucket", () => {
  it("is the stream that the official clients make of it", () => {
    assert.deepEqual(
      streamOf({ bucket: "workers", history: 20, ttl: "60s", maxValueSize: "1KB" }),
      {
        ...normaliseStream({ name: "KV_workers" }).settings,
        subjects: ["$KV.workers.>"],
        maxMsgsPerSubject: 20,
        maxAge: "1m",
        duplicateWindow: "1m",
        maxMsgSize: "1KiB",
        discard: "new",
        allowRollup: true,
        denyDelete: true,
        allowDirect: true,
      },
    );
  });

  it("keeps one value of each key where nothing is said", () => {
    assert.equal(bucketOf({ bucket: "workers" }).history, 1);
  });

  it("calls the stream's fields as its users do", () => {
    const { bucket, history, ttl, maxValueSize, limitMarkerTtl } = bucketOf({ bucket: "b" });
    assert.deepEqual(
      [bucket, history, ttl, maxValueSize, limitMarkerTtl],
      ["b", 1, "unlimited", "unlimited", "none"],
    );
    assert.deepEqual(
      ["name", "maxMsgsPerSubject", "maxAge", "maxMsgSize", "replicas"].map(BUCKET.propertyOf),
      ["bucket", "history", "ttl", "maxValueSize", "replicas"],
    );
  });

  it("compares every field of the stream underneath", () => {
    assert.equal(BUCKET.properties.length, STREAM_FIELDS.length);
    assert.deepEqual(
      BUCKET_CHOICES.filter((choice) => !BUCKET.properties.includes(choice)),
      [],
    );
  });

  it("is the stream that holds it, and back", () => {
    const choices = BUCKET_CHOICES.filter(
      (name) => STREAM_FIELDS.some((field) => field.name === name) && name !== "metadata",
    );
    const input = fc.record(Object.fromEntries(choices.map((name) => [name, fieldValue(name)])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(input, (chosen) => {
        const properties = bucketOf({ ...chosen, bucket: "b" });
        assert.deepEqual(BUCKET.fromStream(BUCKET.toStream(properties)), properties);
      }),
    );
  });

  it("is a fixed point: its choices normalised again are the same", () => {
    const once = bucketOf({ bucket: "b", history: 5, sources: [{ name: "a" }], ttl: "90s" });
    const chosen = Object.fromEntries(BUCKET_CHOICES.map((name) => [name, once[name]]));
    assert.deepEqual(bucketOf(chosen), once);
  });

  it("keeps 64 values of a key at most, and says so by its own name", () => {
    for (const [history, instead] of [
      [0, 1],
      [65, 64],
      [1.5, 1],
    ]) {
      assert.deepEqual(reasons({ bucket: "b", history }), [
        `'history' is ${history}: it must be a whole number from 1 to 64; use ${instead}`,
      ]);
    }
    assert.deepEqual(reasons({ bucket: "b", history: 64 }), []);
  });

  it("says what is wrong with its properties by their own names", () => {
    assert.deepEqual(
      BUCKET.normalise({ bucket: "b", ttl: "50ms", maxValueSize: 0 }).problems.map(
        ({ property }) => property,
      ),
      ["maxValueSize"],
    );
    assert.deepEqual(reasons({ bucket: "b", ttl: "50ms" }), [
      `'ttl' is "50ms": the shortest age is 100ms; use "100ms" or more`,
    ]);
    assert.deepEqual(reasons({ bucket: "b", limitMarkerTtl: "10ms" }), [
      `'limitMarkerTtl' is "10ms": the shortest is 1s; use "1s" or more`,
    ]);
    assert.deepEqual(reasons({ bucket: "b", maxValueSize: "2GiB" }), [
      `'maxValueSize' is "2GiB": the largest is 2147483647 bytes; use a smaller one, or "unlimited"`,
    ]);
  });

  it("blames its name once, not the stream and the subject that follow from it", () => {
    assert.deepEqual(reasons({ bucket: "workers v1" }), [
      `'bucket' is "workers v1": a bucket name has letters, digits, '-' and '_' only; use "workers_v1"`,
    ]);
    assert.deepEqual(reasons({}), [
      `'bucket' is "": a bucket name has letters, digits, '-' and '_' only; use "workers_v1"`,
    ]);
  });

  it("refuses every field of a stream that it decides by itself", () => {
    const decided = STREAM_FIELDS.filter(
      ({ name }) => !BUCKET_CHOICES.includes(BUCKET.propertyOf(name)),
    ).map(({ name }) => name);
    for (const name of decided) {
      const [problem, ...more] = BUCKET.normalise({ bucket: "b", [name]: "any" }).problems;
      assert.deepEqual(more, []);
      assert.equal(problem?.property, name);
    }
    const switches = { allowRollup: false, denyDelete: false, allowDirect: false };
    assert.deepEqual(
      reasons({ bucket: "b", ...switches }),
      ["allowDirect", "allowRollup", "denyDelete"].map(
        (name) =>
          `'${name}' is false: a key-value bucket decides it by itself ("true"); remove it, or declare a Stream`,
      ),
    );
    assert.deepEqual(reasons({ bucket: "b", subjects: ["a"], noAck: true, discard: "old" }), [
      `'subjects' is ["a"]: a key-value bucket decides it by itself ("$KV.<bucket>.>"); remove it, or declare a Stream`,
      `'discard' is "old": a key-value bucket decides it by itself ("new"); remove it, or declare a Stream`,
      `'noAck' is true: a key-value bucket decides it by itself ("its default"); remove it, or declare a Stream`,
    ]);
  });

  it("mirrors the stream of another bucket, by either name, and listens on nothing", () => {
    for (const name of ["plain", "KV_plain"]) {
      const stream = streamOf({ bucket: "b", mirror: { name } });
      assert.deepEqual(stream.mirror, { name: "KV_plain" });
      assert.deepEqual(stream.subjects, []);
    }
  });

  it("takes the keys of its sources under its own prefix", () => {
    assert.deepEqual(streamOf({ bucket: "b", sources: [{ name: "a" }] }).sources, [
      {
        name: "KV_a",
        subjectTransforms: [{ source: "$KV.a.>", destination: "$KV.b.>" }],
      },
    ]);
  });

  it("leaves the keys of its namesake in another domain, and transforms that are declared", () => {
    const external = { api: "$JS.green.API" };
    const subjectTransforms = [{ source: "$KV.a.x.>", destination: "$KV.b.>" }];
    const sources = [
      { name: "b", external },
      { name: "a", subjectTransforms },
    ];
    assert.deepEqual(streamOf({ bucket: "b", sources }).sources, [
      { external, name: "KV_b" },
      { name: "KV_a", subjectTransforms },
    ]);
  });

  it("moves the keys of another bucket in another domain", () => {
    const external = { api: "$JS.green.API" };
    assert.deepEqual(streamOf({ bucket: "b", sources: [{ name: "a", external }] }).sources, [
      {
        external,
        name: "KV_a",
        subjectTransforms: [{ source: "$KV.a.>", destination: "$KV.b.>" }],
      },
    ]);
  });

  it("refuses sources that are no objects", () => {
    assert.deepEqual(reasons({ bucket: "b", sources: ["a"], mirror: "a" }), [
      `'mirror' is "a": it must be an object; use an object of name, startSequence, startTime, filterSubject, subjectTransforms, external, consumer`,
      `'sources[0]' is "a": it must be an object; use an object of name, startSequence, startTime, filterSubject, subjectTransforms, external, consumer`,
    ]);
  });
});

describe("assetVersionProblems", () => {
  it("names a bucket's marker by the bucket's word for it, and nothing that it switches on", () => {
    const stream = streamOf({ bucket: "b", limitMarkerTtl: "1m" });
    assert.deepEqual(assetVersionProblems(BUCKET, stream, "2.10.29"), [
      {
        property: "limitMarkerTtl",
        reason:
          "'limitMarkerTtl' is \"1m\": nats-server 2.10.29 does not know this field and would drop it without a word; remove it, or run nats-server 2.11.0 or newer",
      },
    ]);
    assert.deepEqual(assetVersionProblems(BUCKET, stream, "2.11.0"), []);
  });
});
