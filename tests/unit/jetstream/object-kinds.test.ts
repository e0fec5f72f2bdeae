import { strict as assert } from "node:assert";
import { flag, integer, text, texts, UNKNOWN } from "../../../components/jetstream/kinds";
import { object, objects } from "../../../components/jetstream/object-kinds";

const place = object("place", [
  { name: "cluster", wire: "cluster_name", kind: text, required: true },
  { name: "tags", wire: "tags", kind: texts },
  { name: "strict", wire: "strict", kind: flag },
  {
    name: "weight",
    wire: "weight",
    kind: integer({ min: 1, max: 9, absent: 3 }),
    fallback: 3,
  },
]);
const note = object("note", [{ name: "about", wire: "about", kind: text }]);

describe("an object", () => {
  it("is canonical in every part, with its keys in order", () => {
    const { value } = place.parse("p", { tags: ["b", "a"], cluster: "blue", strict: true });
    assert.equal(JSON.stringify(value), '{"cluster":"blue","strict":true,"tags":["a","b"]}');
  });

  it("is without the parts that say nothing", () => {
    const said = { cluster: "blue", tags: [], strict: false, weight: 3, unset: undefined };
    const { unset: _, ...rest } = said;
    assert.deepEqual(place.parse("p", { ...rest, tags: null }).value, { cluster: "blue" });
    assert.deepEqual(place.fromWire({ cluster_name: "blue", tags: [], strict: false, weight: 0 }), {
      cluster: "blue",
    });
  });

  it("is the same as none where it says nothing at all", () => {
    assert.deepEqual(note.parse("n", {}), { problems: [] });
    assert.deepEqual(note.parse("n", { about: "" }), { problems: [] });
    assert.equal(note.fromWire({}), undefined);
    assert.equal(note.fromWire(undefined), undefined);
  });

  it("has its own names on the wire, and is read back from there", () => {
    const canonical = { cluster: "blue", strict: true, tags: ["a"], weight: 5 };
    const wire = { cluster_name: "blue", strict: true, tags: ["a"], weight: 5 };
    assert.deepEqual(place.toWire(canonical), wire);
    assert.deepEqual(place.fromWire(wire), canonical);
  });

  it("may be unknown, as a whole or in part", () => {
    assert.deepEqual(place.parse("p", UNKNOWN), { value: UNKNOWN, problems: [] });
    assert.deepEqual(place.parse("p", { cluster: UNKNOWN }).value, { cluster: UNKNOWN });
  });

  for (const value of ["blue", 7, ["blue"], null]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.deepEqual(place.parse("p", value), {
        problems: [
          {
            property: "p",
            reason: `'p' is ${JSON.stringify(value)}: it must be an object; use an object of cluster, tags, strict, weight`,
          },
        ],
      });
    });
  }

  it("names all that is wrong at once: strangers, parts that are missing, and malformed ones", () => {
    const { value, problems } = place.parse("p", { clustr: "blue", tags: "a", weight: 10 });
    assert.equal(value, undefined);
    assert.deepEqual(problems, [
      {
        property: "p.clustr",
        reason:
          "'p.clustr' is \"blue\": no such property; use 'cluster', 'tags', 'strict', 'weight'",
      },
      { property: "p.cluster", reason: "'p.cluster' is not set: it is required; set it" },
      {
        property: "p.tags",
        reason:
          '\'p.tags\' is "a": it must be a list of texts, none empty; use ["first", "second"]',
      },
      {
        property: "p.weight",
        reason: "'p.weight' is 10: it must be a whole number from 1 to 9; use 9",
      },
    ]);
  });
});

describe("a list of objects", () => {
  const notes = objects(note);

  it("is in one order, whatever the order it came in", () => {
    const sorted = [{ about: "a" }, { about: "b" }];
    assert.deepEqual(notes.parse("n", [{ about: "b" }, { about: "a" }]).value, sorted);
    assert.deepEqual(notes.fromWire([{ about: "b" }, { about: "a" }]), sorted);
  });

  it("is the same as none where it is empty", () => {
    assert.deepEqual(notes.parse("n", []), { problems: [] });
    assert.equal(notes.fromWire([]), undefined);
    assert.equal(notes.fromWire(undefined), undefined);
    assert.equal(notes.toWire([]), undefined);
  });

  it("calls each of its entries by the place where the user wrote it", () => {
    const { problems } = objects(place).parse("p", [{ cluster: "blue" }, {}, "green"]);
    assert.deepEqual(
      problems.map(({ property }) => property),
      ["p[1].cluster", "p[2]"],
    );
  });

  it("refuses what is no list", () => {
    assert.deepEqual(notes.parse("n", { about: "a" }).problems, [
      { property: "n", reason: `'n' is {"about":"a"}: it must be a list; use [{ ... }]` },
    ]);
  });

  it("may be unknown", () => {
    assert.deepEqual(notes.parse("n", UNKNOWN), { value: UNKNOWN, problems: [] });
  });
});
