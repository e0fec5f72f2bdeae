import { strict as assert } from "node:assert";
import fc from "fast-check";
import { UNKNOWN } from "../../../components/jetstream/kinds";
import { STREAM_FIELDS, type StreamSettings } from "../../../components/jetstream/stream-fields";
import {
  canonicalText,
  differences,
  fromWire,
  inOrderOf,
  normaliseStream,
  toWire,
  withoutDerived,
} from "../../../components/jetstream/stream-settings";
import { fieldValue, userStream } from "../../support/arbitraries";

const settingsOf = (stream: Readonly<Record<string, unknown>>) => normaliseStream(stream).settings;
const onWire = (settings: StreamSettings) => JSON.parse(JSON.stringify(toWire(settings)));

describe("normaliseStream", () => {
  it("fills in every default of the server", () => {
    assert.deepEqual(settingsOf({ name: "x" }), {
      name: "x",
      description: "",
      subjects: ["x"],
      retention: "limits",
      storage: "file",
      replicas: 1,
      maxAge: "unlimited",
      maxBytes: "unlimited",
      maxMsgs: "unlimited",
      maxMsgsPerSubject: "unlimited",
      maxMsgSize: "unlimited",
      maxConsumers: "unlimited",
      discard: "old",
      discardNewPerSubject: false,
      duplicateWindow: "2m",
      compression: "none",
      noAck: false,
      allowDirect: false,
      mirrorDirect: false,
      allowRollup: false,
      denyDelete: false,
      denyPurge: false,
      sealed: false,
      firstSeq: 1,
      placement: undefined,
      mirror: undefined,
      sources: undefined,
      republish: undefined,
      subjectTransform: undefined,
      consumerLimits: undefined,
      metadata: {},
      allowMsgTtl: false,
      subjectDeleteMarkerTtl: "none",
      allowMsgCounter: false,
      allowAtomicPublish: false,
      allowMsgSchedules: false,
      persistMode: "default",
      allowBatchPublish: false,
    });
  });

  it("takes null and an empty list of subjects for nothing said", () => {
    assert.deepEqual(settingsOf({ name: "x", subjects: null }).subjects, ["x"]);
    assert.deepEqual(settingsOf({ name: "x", subjects: [] }).subjects, ["x"]);
  });

  it("derives subjects only where there is no origin", () => {
    assert.deepEqual(settingsOf({ name: "x", mirror: { name: "o" } }).subjects, []);
    assert.deepEqual(settingsOf({ name: "x", sources: [{ name: "o" }] }).subjects, []);
    assert.deepEqual(settingsOf({ name: "x", sources: [] }).subjects, ["x"]);
  });

  it("derives the duplicate window from the age where that is shorter", () => {
    assert.equal(settingsOf({ name: "x", maxAge: "90s" }).duplicateWindow, "1m30s");
    assert.equal(settingsOf({ name: "x", maxAge: "3m" }).duplicateWindow, "2m");
    assert.equal(settingsOf({ name: "x", mirror: { name: "o" } }).duplicateWindow, "none");
  });

  it("leaves a mirror's direct reads to the origin, unless that is out of sight", () => {
    const external = { api: "$JS.far.API" };
    assert.equal(settingsOf({ name: "x", mirror: { name: "o" } }).mirrorDirect, undefined);
    assert.equal(settingsOf({ name: "x", mirror: { name: "o", external } }).mirrorDirect, false);
  });

  it("switches what the server switches by itself", () => {
    const marker = settingsOf({ name: "x", subjectDeleteMarkerTtl: "1m", denyPurge: true });
    assert.deepEqual(
      [marker.allowMsgTtl, marker.allowRollup, marker.denyPurge],
      [true, true, false],
    );
    const schedules = settingsOf({ name: "x", allowMsgSchedules: true });
    assert.deepEqual([schedules.allowMsgTtl, schedules.allowRollup], [false, true]);
    const sealed = settingsOf({ name: "x", sealed: true, maxAge: "7d", allowRollup: true });
    assert.deepEqual(
      [sealed.maxAge, sealed.discard, sealed.denyDelete, sealed.denyPurge, sealed.allowRollup],
      ["unlimited", "new", true, true, false],
    );
  });

  it("names every malformed field at once, and no rule over them", () => {
    const { problems } = normaliseStream({ name: "a.b", replicas: 7, maxAge: 7, discard: "none" });
    assert.deepEqual(
      problems.map(({ property }) => property),
      ["replicas", "maxAge", "discard"],
    );
  });

  it("asks for the parts without which an object means nothing", () => {
    const { problems } = normaliseStream({
      name: "x",
      mirror: { external: { deliver: "d" } },
      sources: [{ name: "o", subjectTransforms: [{}] }],
      republish: { source: "a" },
      subjectTransform: { source: "a" },
    });
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      [
        "mirror.name",
        "mirror.external.api",
        "sources[0].subjectTransforms[0].source",
        "sources[0].subjectTransforms[0].destination",
        "republish.destination",
        "subjectTransform.destination",
      ].map((path) => `'${path}' is not set: it is required; set it`),
    );
  });

  it("holds back its rules while something is not known yet", () => {
    const stream = { name: "a.b", subjects: [UNKNOWN] };
    assert.deepEqual(normaliseStream(stream).problems, []);
    assert.deepEqual(normaliseStream(stream).settings.subjects, [UNKNOWN]);
  });

  it("leaves the caller's other properties alone", () => {
    assert.deepEqual(settingsOf({ name: "x", connection: {} }), settingsOf({ name: "x" }));
  });

  it("is a fixed point: settings normalised again are the same", () => {
    fc.assert(
      fc.property(userStream(), (stream) => {
        const { settings, problems } = normaliseStream(stream);
        fc.pre(problems.length === 0);
        assert.deepEqual(normaliseStream(settings).settings, settings);
      }),
    );
  });
});

describe("toWire and fromWire", () => {
  it("say every field that the oldest server knows, and a newer one only where it is used", () => {
    const wire = toWire(settingsOf({ name: "x", allowMsgTtl: true }));
    assert.equal(wire.max_bytes, -1);
    assert.equal(wire.allow_direct, false);
    assert.equal(wire.allow_msg_ttl, true);
    for (const field of ["allow_msg_counter", "persist_mode", "subject_delete_marker_ttl"]) {
      assert.equal(field in wire, false, field);
    }
  });

  it("bring random settings back as they were", () => {
    fc.assert(
      fc.property(userStream(), (stream) => {
        const settings = settingsOf(stream);
        const back = fromWire(onWire(settings));
        assert.deepEqual(differences(back, settings), []);
        assert.deepEqual(
          onWire({ ...back, mirrorDirect: settings.mirrorDirect }),
          onWire(settings),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe("differences", () => {
  it("are none between equal settings, in whatever order their lists are", () => {
    const left = settingsOf({ name: "x", subjects: ["b", "a"], metadata: { b: "1", a: "2" } });
    const right = { ...left, subjects: ["b", "a"], metadata: { a: "2", b: "1" } };
    assert.deepEqual(differences(left, right), []);
  });

  it("name exactly the field that was changed, with both values", () => {
    const change = fc
      .constantFrom(...STREAM_FIELDS)
      .chain((field) => fc.tuple(fc.constant(field), fieldValue(field.name)));
    fc.assert(
      fc.property(userStream(), change, (stream, [{ name, kind }, written]) => {
        const live = fromWire(onWire(settingsOf(stream)));
        const { value } = kind.parse(name, written);
        fc.pre(canonicalText(value) !== canonicalText(live[name]));
        const declared = { ...live, [name]: value };
        const isLeftToServer = value === undefined && name === "mirrorDirect";
        assert.deepEqual(
          differences(live, declared),
          isLeftToServer ? [] : [{ property: name, live: live[name], declared: value }],
        );
      }),
      { numRuns: 500 },
    );
  });

  it("see an object that is gone, and one that nobody declared", () => {
    const [none, some] = [
      settingsOf({ name: "x" }),
      { ...settingsOf({ name: "x" }), placement: { cluster: "a" } },
    ];
    assert.deepEqual(differences(none, some), [
      { property: "placement", live: undefined, declared: { cluster: "a" } },
    ]);
    assert.deepEqual(differences(some, none), [
      { property: "placement", live: { cluster: "a" }, declared: undefined },
    ]);
  });

  it("leave out what the declaration leaves to the server", () => {
    const declared = settingsOf({ name: "x", mirror: { name: "o" } });
    assert.deepEqual(differences({ ...declared, mirrorDirect: true }, declared), []);
  });
});

describe("withoutDerived", () => {
  it("drops the inherited direct reads of a mirror that does not declare them", () => {
    const known = settingsOf({ name: "x", mirror: { name: "o" } });
    const live = { ...known, mirrorDirect: true };
    assert.equal("mirrorDirect" in withoutDerived(known, live), false);
    const declared = { ...known, mirrorDirect: false };
    assert.equal(withoutDerived(declared, live).mirrorDirect, true);
  });

  it("drops nothing of any other stream", () => {
    const known = settingsOf({ name: "x" });
    assert.deepEqual(withoutDerived(known, known), known);
  });
});

describe("inOrderOf", () => {
  it("keeps the known order, with what is new in the place of what is gone", () => {
    const known = { subjects: ["c", "a", "b"] };
    assert.deepEqual(inOrderOf(known, { subjects: ["b", "c", "d"] }), {
      subjects: ["c", "d", "b"],
    });
    assert.deepEqual(inOrderOf(known, { subjects: ["a", "b", "c", "d"] }), {
      subjects: ["c", "a", "b", "d"],
    });
    assert.deepEqual(inOrderOf({}, { subjects: ["b", "a"] }), { subjects: ["b", "a"] });
  });

  it("loses nothing and adds nothing", () => {
    const list = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"));
    fc.assert(
      fc.property(list, list, (known, live) => {
        const { subjects } = inOrderOf({ subjects: known }, { subjects: live });
        assert.deepEqual([...(subjects as string[])].sort(), [...live].sort());
      }),
    );
  });
});

describe("canonicalText", () => {
  it("is one text for equal values and two for others", () => {
    assert.equal(canonicalText({ b: [2, 1], a: "x" }), canonicalText({ a: "x", b: [1, 2] }));
    assert.notEqual(canonicalText(["a,b"]), canonicalText(["a", "b"]));
    assert.notEqual(canonicalText("1"), canonicalText(1));
    assert.notEqual(canonicalText({ a: undefined }), canonicalText({}));
    assert.equal(canonicalText(undefined), "undefined");
  });
});
