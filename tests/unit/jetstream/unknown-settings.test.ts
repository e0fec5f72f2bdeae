import { strict as assert } from "node:assert";
import { normaliseStream, toWire } from "../../../components/jetstream/stream-settings";
import {
  showUnknown,
  unknownSettings,
  withUnknown,
} from "../../../components/jetstream/unknown-settings";

function wireOf(stream: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return toWire(normaliseStream({ name: "x", ...stream }).settings);
}

describe("unknownSettings", () => {
  it("finds what no row of the table has, on the wire's own paths", () => {
    const found = unknownSettings({
      ...wireOf({}),
      allow_more: true,
      tiers: { cold: "7d" },
      placement: { cluster: "blue", zones: 2 },
      sources: [{ name: "a" }, { name: "b", external: { api: "far.api", cost: 3 } }],
    });
    assert.deepEqual(found.map(showUnknown), [
      "allow_more is true",
      'tiers is {"cold":"7d"}',
      "placement.zones is 2",
      'sources["b"].external.cost is 3',
    ]);
  });

  it("finds nothing where a server spells out that something is not set", () => {
    const unset = { allow_more: false, count: 0, word: "", none: null, list: [], tiers: { a: 0 } };
    assert.deepEqual(unknownSettings({ ...wireOf({}), ...unset, metadata: { any: "thing" } }), []);
    assert.deepEqual(unknownSettings({ name: "x", mirror: { name: "o", more: false } }), []);
  });
});

describe("withUnknown", () => {
  it("sends what is not known beside what is declared", () => {
    const sent = wireOf({ maxMsgs: 5 });
    const live = { ...wireOf({ maxMsgs: 9 }), allow_more: true, off: false };
    assert.deepEqual(withUnknown(sent, live), { ...sent, allow_more: true });
  });

  it("is what is declared where the table knows everything", () => {
    const stream = { sources: [{ name: "a", filterSubject: "b" }], placement: { tags: ["eu"] } };
    const sent = wireOf(stream);
    assert.deepEqual(withUnknown(sent, wireOf({ ...stream, description: "live" })), sent);
  });

  it("keeps it in an object that stays, and lets it go with one that changes", () => {
    const sent = wireOf({ mirror: { name: "o" } });
    const mirror = { name: "o", more: 1 };
    assert.deepEqual(withUnknown(sent, { ...sent, mirror }).mirror, mirror);
    assert.deepEqual(withUnknown(sent, { ...sent, mirror: { ...mirror, name: "p" } }), sent);
    const none = wireOf({});
    assert.deepEqual(withUnknown(none, { ...none, mirror }), none);
  });

  it("keeps it in the items of a list, wherever they stand", () => {
    const sent = wireOf({ sources: [{ name: "a" }, { name: "b" }, { name: "c" }] });
    const live = [{ name: "b", more: 1 }, { name: "a" }, { name: "gone", more: 2 }];
    assert.deepEqual(withUnknown(sent, { ...sent, sources: live }).sources, [
      { name: "a" },
      { name: "b", more: 1 },
      { name: "c" },
    ]);
  });
});
