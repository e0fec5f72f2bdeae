import { strict as assert } from "node:assert";
import { type ClusterShape, isGrowth, shapeProblems } from "../../../components/kubernetes/shape";

const SHAPE: ClusterShape = {
  namespace: "tfdc",
  statefulSet: "nats-blue",
  replicas: 3,
  volumeSize: "200Gi",
  storageClass: "fast-ssd",
};

function reasons(old: Partial<ClusterShape>, now: Partial<ClusterShape>): string[] {
  return shapeProblems(old, { ...SHAPE, ...now }).map(({ reason }) => reason);
}

describe("shapeProblems", () => {
  it("has nothing against what is new, what stays, and what grows", () => {
    assert.deepEqual(reasons({}, {}), []);
    assert.deepEqual(reasons(SHAPE, {}), []);
    assert.deepEqual(reasons(SHAPE, { volumeSize: "1Ti", replicas: 5 }), []);
  });

  it("refuses a smaller volume and another class, and tells the way round", () => {
    assert.deepEqual(reasons(SHAPE, { volumeSize: "100Gi", storageClass: "slow" }), [
      "'storageClass' goes from fast-ssd to slow: a volume keeps the class that it was made with; make the other colour with it and move the streams there",
      "'volumeSize' goes from 200Gi to 100Gi: a volume can grow and never shrink; make the other colour with it and move the streams there",
    ]);
  });

  it("refuses a server that would stay alone, and company for one that was alone", () => {
    assert.deepEqual(reasons({ ...SHAPE, replicas: 5 }, {}), []);
    assert.deepEqual(reasons({ ...SHAPE, replicas: 3 }, { replicas: 1 }), [
      "'replicas' goes from 3 to 1: a server that stays alone is no cluster any more and does not find its streams again; make the other colour with it and move the streams there",
    ]);
    assert.deepEqual(reasons({ ...SHAPE, replicas: 1 }, {}), [
      "'replicas' goes from 1 to 3: a server that was alone deletes its streams when it joins a cluster; make the other colour with it and move the streams there",
    ]);
  });
});

describe("isGrowth", () => {
  it("compares amounts and not texts", () => {
    assert.ok(isGrowth(SHAPE, { ...SHAPE, volumeSize: "1Ti" }));
    assert.ok(!isGrowth(SHAPE, { ...SHAPE, volumeSize: "204800Mi" }));
  });
});
