import { strict as assert } from "node:assert";
import { normaliseStream } from "../../../components/jetstream/stream-settings";
import { LEFT_TO_SERVER } from "../../support/left-to-server";
import { SHARED_RULES } from "../../support/rule-cases";
import { STRICTER_RULES } from "../../support/stricter-rules";

const reasons = (stream: Readonly<Record<string, unknown>>) =>
  normaliseStream(stream).problems.map(({ reason }) => reason);

describe("the rules of one stream", () => {
  for (const { rule, stream, property, reason } of SHARED_RULES) {
    it(`have it that ${rule}`, () => {
      assert.deepEqual(normaliseStream(stream).problems, [{ property, reason }]);
    });
  }

  for (const { rule, stream, property, reason } of STRICTER_RULES) {
    it(`are stricter than a server about ${rule}`, () => {
      assert.deepEqual(normaliseStream(stream).problems, [{ property, reason }]);
    });
  }

  for (const { what, stream } of LEFT_TO_SERVER) {
    it(`leave it to the server: ${what}`, () => assert.deepEqual(reasons(stream), []));
  }

  it("are kept by a stream that says nothing but its name", () => {
    assert.deepEqual(reasons({ name: "x" }), []);
  });

  it("name everything that breaks one, at once", () => {
    assert.deepEqual(
      normaliseStream({
        name: "metrics.v1",
        maxAge: "50ms",
        duplicateWindow: "1m",
        denyPurge: true,
        allowRollup: true,
        discardNewPerSubject: true,
        subjects: ["a.*", "a.b", "$SYS.>"],
        sources: [{ name: "o.p" }],
      }).problems.map(({ property }) => property),
      [
        "name",
        "maxAge",
        "duplicateWindow",
        "denyPurge",
        "discardNewPerSubject",
        "discardNewPerSubject",
        'sources["o.p"].name',
        "subjects",
        "subjects",
      ],
    );
  });

  it("never blame a default: it follows from what was written", () => {
    assert.deepEqual(reasons({ name: "x", maxAge: "100ms" }), []);
    assert.deepEqual(reasons({ name: "a b" }), [
      `'name' is "a b": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use "a_b"`,
    ]);
    assert.deepEqual(reasons({ name: "x", mirror: { name: "o" }, subjects: [] }), []);
  });

  it("let limits be met exactly", () => {
    assert.deepEqual(reasons({ name: "x", maxAge: "100ms", duplicateWindow: "100ms" }), []);
    assert.deepEqual(reasons({ name: "x", subjectDeleteMarkerTtl: "1s" }), []);
    assert.deepEqual(reasons({ name: "x", maxMsgSize: 2_147_483_647 }), []);
    assert.deepEqual(reasons({ name: "x", metadata: { a: "m".repeat(131_071) } }), []);
    assert.deepEqual(reasons({ name: "n".repeat(255) }), []);
  });

  it("find a republished message that comes back through the stream's own name", () => {
    assert.deepEqual(reasons({ name: "x", republish: { source: "a", destination: "x" } }), [
      `'republish.destination' is "x": the stream would store it again, through its subject "x"; republish elsewhere`,
    ]);
  });

  it("ask for a name", () => {
    assert.deepEqual(reasons({}), [
      `'name' is "": a stream needs a name; use "metrics_v1" or the like`,
    ]);
  });

  it("let a stream without acknowledgements capture anything", () => {
    for (const subjects of [["$JS.API.>"], ["$SYS.>"], [">"], ["$NRG.>", "$JSC.>"]]) {
      assert.deepEqual(reasons({ name: "x", subjects, noAck: true }), []);
    }
  });

  it("let the events of JetStream and of accounts be captured", () => {
    assert.deepEqual(reasons({ name: "x", subjects: ["$JS.EVENT.>", "$SYS.ACCOUNT.*.>"] }), []);
  });

  it("let a sealed stream have every other switch", () => {
    const stream = { name: "x", sealed: true, allowRollup: true, denyPurge: true };
    assert.deepEqual(reasons(stream), []);
  });

  it("count the bytes of a description, not its characters", () => {
    assert.deepEqual(reasons({ name: "x", description: "ä".repeat(2048) }), []);
    assert.equal(reasons({ name: "x", description: "ä".repeat(2049) }).length, 1);
  });
});
