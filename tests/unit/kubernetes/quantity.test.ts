import { strict as assert } from "node:assert";
import { goMemoryLimitOf } from "../../../components/kubernetes/memory-limit";
import { parseQuantity } from "../../../components/kubernetes/quantity";

describe("parseQuantity", () => {
  it("counts Gi in 1024s and G in 1000s, as Kubernetes does", () => {
    assert.equal(parseQuantity("200Gi"), 200n << 30n);
    assert.equal(parseQuantity("4G"), 4_000_000_000n);
    assert.equal(parseQuantity("1.5Ti"), 3n << 39n);
    assert.equal(parseQuantity("1024"), 1024n);
  });

  it("reads nothing into what Kubernetes would refuse", () => {
    for (const text of ["200GiB", "200 Gi", "-1Gi", "Gi", "", "1e3"]) {
      assert.equal(parseQuantity(text), undefined, text);
    }
  });
});

describe("goMemoryLimitOf", () => {
  it("is four fifths of the memory limit, in Go's unit", () => {
    assert.equal(goMemoryLimitOf({ limits: { memory: "4Gi" } }), "3276MiB");
  });

  it("is not set where there is no limit", () => {
    assert.equal(goMemoryLimitOf({ limits: { cpu: "2" } }), undefined);
    assert.equal(goMemoryLimitOf({}), undefined);
  });
});
