import { strict as assert } from "node:assert";
import { spread } from "../../../../scripts/testing/spread";

const isLong = (one: string) => one.startsWith("L");
const others = Array.from({ length: 14 }, (_, index) => `o${index}`);

describe("the order of test files", () => {
  it("has the long ones early, and some of the others between two of them", () => {
    assert.deepEqual(spread([...others, "L0", "L1"], isLong), [
      "L0",
      ...others.slice(0, 6),
      "L1",
      ...others.slice(6),
    ]);
  });

  it("is as it was where there are no long ones, or none but long ones", () => {
    assert.deepEqual(spread(others, isLong), others);
    assert.deepEqual(spread(["L0", "L1"], isLong), ["L0", "L1"]);
  });

  it("leaves none out where there are few others", () => {
    const all = ["o0", "L0", "o1", "L1", "L2"];
    assert.deepEqual(spread(all, isLong).sort(), [...all].sort());
    assert.deepEqual(spread([], isLong), []);
  });
});
