import { strict as assert } from "node:assert";
import fc from "fast-check";
import { collide, isSubject, isSubset, overlaps } from "../../../components/jetstream/subjects";
import { smallSubject } from "../../support/arbitraries";

/** Every message subject of up to five tokens: longer ones match no small subject differently. */
const MESSAGES: readonly string[] = messages(5);

function messages(length: number): string[] {
  if (length === 1) {
    return ["a", "b", "z"];
  }
  const shorter = messages(length - 1);
  const longest = shorter.filter((one) => one.split(".").length === length - 1);
  return [...shorter, ...longest.flatMap((one) => ["a", "b", "z"].map((last) => `${one}.${last}`))];
}

/** NATS's own rule for one message, by a regular expression. */
function matches(pattern: string, message: string): boolean {
  const expression = pattern
    .split(".")
    .map((token) => (token === ">" ? ".+" : token === "*" ? "[^.]+" : token))
    .join("\\.");
  return new RegExp(`^${expression}$`).test(message);
}

describe("isSubject", () => {
  for (const subject of ["a", "a.b", "*", ">", "a.*.b", "a.>", "$KV.b.>", "a*.b>", "ä.🦆"]) {
    it(`takes ${subject}`, () => assert.equal(isSubject(subject), true));
  }

  for (const subject of ["", ".", "a.", ".a", "a..b", "a.>.b", ">.a", "a b", "a.\tb", "a\n"]) {
    it(`refuses ${JSON.stringify(subject)}`, () => assert.equal(isSubject(subject), false));
  }
});

describe("collide", () => {
  for (const [left, right] of [
    ["a", "a"],
    ["a.*", "a.b"],
    ["a.*", "*.b"],
    ["a.>", "a.b.c"],
    [">", "a"],
    ["a.>", "*.b"],
    ["a.*.c", "a.b.>"],
  ] as const) {
    it(`finds that ${left} and ${right} overlap`, () => assert.equal(collide(left, right), true));
  }

  for (const [left, right] of [
    ["a", "b"],
    ["a", "a.b"],
    ["a.>", "a"],
    ["a.*", "a"],
    ["a.*", "b.*"],
    ["*.a", "*.b"],
    ["a.*", "a.b.>"],
  ] as const) {
    it(`finds ${left} and ${right} apart`, () => assert.equal(collide(left, right), false));
  }

  it("is the same from both sides", () => {
    fc.assert(
      fc.property(smallSubject, smallSubject, (a, b) => collide(a, b) === collide(b, a)),
      { numRuns: 1000 },
    );
  });

  it("agrees with trying every message there is", () => {
    fc.assert(
      fc.property(smallSubject, smallSubject, (a, b) => {
        const both = MESSAGES.some((message) => matches(a, message) && matches(b, message));
        assert.equal(collide(a, b), both);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("isSubset", () => {
  it("agrees with trying every message there is", () => {
    fc.assert(
      fc.property(smallSubject, smallSubject, (subject, pattern) => {
        const all = MESSAGES.filter((message) => matches(subject, message));
        const covered = all.every((message) => matches(pattern, message));
        assert.equal(isSubset(subject, pattern), covered);
      }),
      { numRuns: 1000 },
    );
  });

  it("covers itself", () => {
    fc.assert(fc.property(smallSubject, (subject) => isSubset(subject, subject)));
  });
});

describe("overlaps", () => {
  it("names each overlapping pair once, in the order of the list", () => {
    assert.deepEqual(overlaps(["a.*", "a.b", "c", "*.b"]), [
      ["a.*", "a.b"],
      ["a.*", "*.b"],
      ["a.b", "*.b"],
    ]);
  });

  it("finds nothing in a list of one, or of none", () => {
    assert.deepEqual(overlaps([">"]), []);
    assert.deepEqual(overlaps([]), []);
  });
});
