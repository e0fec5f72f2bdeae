import { strict as assert } from "node:assert";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import {
  free,
  lossyWhenLower,
  mirrorRule,
  neverUnset,
  oneWay,
  refused,
  refusedBefore,
  retentionRule,
} from "../../../components/jetstream/update-rules";

const NOW = "2.10.29";

describe("the rules of updates", () => {
  it("take some changes and refuse others, whatever they are", () => {
    assert.equal(free("a", "b", NOW), "free");
    assert.equal(refused("a", "b", NOW), "refused");
  });

  it("refuse until the version that learned it", () => {
    const rule = refusedBefore("2.12.5");
    assert.equal(rule(1, 2, "2.12.4"), "refused");
    assert.equal(rule(1, 2, "2.12.5"), "free");
  });

  it("let a one-way switch go one way", () => {
    assert.equal(oneWay(false, true, NOW), "one-way");
    assert.equal(oneWay(true, false, NOW), "refused");
  });

  it("let a switch be set that can never be unset", () => {
    assert.equal(neverUnset(false, true, NOW), "free");
    assert.equal(neverUnset(true, false, NOW), "refused");
  });

  it("call a lower limit lossy, in whatever unit", () => {
    assert.equal(lossyWhenLower("7d", "6d23h", NOW), "lossy");
    assert.equal(lossyWhenLower("50GiB", "1023MiB", NOW), "lossy");
    assert.equal(lossyWhenLower(10, 9, NOW), "lossy");
    assert.equal(lossyWhenLower("unlimited", "1d", NOW), "lossy");
    assert.equal(lossyWhenLower("unlimited", 1_000_000, NOW), "lossy");
    assert.equal(lossyWhenLower(undefined, "1d", NOW), "lossy");
  });

  it("call a higher limit free", () => {
    assert.equal(lossyWhenLower("23h", "1d", NOW), "free");
    assert.equal(lossyWhenLower("1023MiB", "1GiB", NOW), "free");
    assert.equal(lossyWhenLower(9, 10, NOW), "free");
    assert.equal(lossyWhenLower("1d", "unlimited", NOW), "free");
    assert.equal(lossyWhenLower("1d", "1d", NOW), "free");
  });

  it("refuse to and from workqueue, and call limits to interest lossy", () => {
    assert.equal(retentionRule("limits", "workqueue", NOW), "refused");
    assert.equal(retentionRule("workqueue", "interest", NOW), "refused");
    assert.equal(retentionRule("limits", "interest", NOW), "lossy");
    assert.equal(retentionRule("interest", "limits", NOW), "free");
  });

  it("let a mirror only go, and only since 2.12", () => {
    assert.equal(mirrorRule({ name: "o" }, undefined, "2.12.0"), "free");
    assert.equal(mirrorRule({ name: "o" }, undefined, "2.11.17"), "refused");
    assert.equal(mirrorRule({ name: "o" }, { name: "p" }, "2.12.0"), "refused");
    assert.equal(mirrorRule(undefined, { name: "o" }, "2.12.0"), "refused");
  });
});

describe("the fields' own rules", () => {
  const named = (rule: unknown) =>
    STREAM_FIELDS.filter(({ onUpdate }) => onUpdate === rule).map(({ name }) => name);

  it("are these, where a change is not free", () => {
    assert.deepEqual(named(lossyWhenLower), ["maxAge", "maxBytes", "maxMsgs", "maxMsgsPerSubject"]);
    assert.deepEqual(named(refused), [
      "name",
      "storage",
      "firstSeq",
      "allowMsgCounter",
      "persistMode",
    ]);
    assert.deepEqual(named(oneWay), ["denyDelete", "denyPurge", "sealed"]);
    assert.deepEqual(named(neverUnset), ["allowMsgTtl", "allowMsgSchedules"]);
    assert.deepEqual(named(retentionRule), ["retention"]);
    assert.deepEqual(named(mirrorRule), ["mirror"]);
  });
});
