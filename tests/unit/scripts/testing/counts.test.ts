import { strict as assert } from "node:assert";
import {
  afterSecondRun,
  type Counts,
  endedWith,
  secondRunOf,
  sumCounts,
} from "../../../../scripts/testing/counts";

const counts = (passes: number, failures = 0, pending = 0): Counts => ({
  passes,
  failures,
  pending,
});

describe("the counts of a test run", () => {
  it("are summed over files and layers", () => {
    assert.deepEqual(sumCounts([counts(2, 1), counts(3, 0, 4)]), counts(5, 1, 4));
    assert.deepEqual(sumCounts([]), counts(0));
  });

  it("have a failure where the run ended badly without one", () => {
    const passed = { a: counts(2) };
    assert.deepEqual(endedWith(137, passed), { ...passed, "": counts(0, 1) });
    assert.deepEqual(endedWith(137, {}), { "": counts(0, 1) });
    assert.deepEqual(endedWith(0, passed), passed);
    assert.deepEqual(endedWith(1, { a: counts(2, 1) }), { a: counts(2, 1) });
  });

  it("give up to three files with failures a second run", () => {
    const failed = counts(1, 1);
    assert.deepEqual(secondRunOf({ a: failed, b: counts(1), c: failed }), ["a", "c"]);
    assert.deepEqual(secondRunOf({ a: failed, b: failed, c: failed, d: failed }), []);
    assert.deepEqual(secondRunOf({ a: counts(1) }), []);
  });

  it("give none where something failed that belongs to no file", () => {
    assert.deepEqual(secondRunOf({ a: counts(1, 1), "": counts(0, 1) }), []);
  });

  it("are those of the second run, and name what only passed there", () => {
    const first = { a: counts(0, 1), b: counts(4), c: counts(2, 1) };
    const second = { a: counts(3), c: counts(2, 1) };
    assert.deepEqual(afterSecondRun(first, second), {
      counts: { a: counts(3), b: counts(4), c: counts(2, 1) },
      onlySecond: ["a"],
    });
  });

  it("keep the failure of a file of which the second run says nothing", () => {
    const first = { a: counts(0, 1) };
    assert.deepEqual(afterSecondRun(first, { "": counts(0, 1) }), {
      counts: { a: counts(0, 1), "": counts(0, 1) },
      onlySecond: [],
    });
  });
});
