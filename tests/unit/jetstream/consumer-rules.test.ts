import { strict as assert } from "node:assert";
import {
  consumersOfOtherReplicas,
  consumersOver,
} from "../../../components/jetstream/consumer-rules";

const SECOND = 1_000_000_000;

const CONSUMERS = [
  { name: "worker", max_ack_pending: 500 },
  { name: "passing", max_ack_pending: 100, inactive_threshold: 5 * SECOND },
  { name: "plain", num_replicas: 1 },
];

describe("the consumers that new limits contradict", () => {
  it("are those over a limit", () => {
    assert.deepEqual(consumersOver({ maxAckPending: 200 }, CONSUMERS, "2.12.15"), ["worker"]);
    assert.deepEqual(consumersOver({ inactiveThreshold: "4s" }, CONSUMERS, "2.12.15"), ["passing"]);
  });

  it("are none that keep to it", () => {
    const wide = { maxAckPending: 500, inactiveThreshold: "5s" };
    assert.deepEqual(consumersOver(wide, CONSUMERS, "2.10.29"), []);
  });

  it("are, before 2.12, all that say what is not limited", () => {
    assert.deepEqual(consumersOver(undefined, CONSUMERS, "2.11.17"), ["passing", "worker"]);
    assert.deepEqual(consumersOver({ maxAckPending: 500 }, CONSUMERS, "2.11.17"), ["passing"]);
    assert.deepEqual(consumersOver(undefined, CONSUMERS, "2.12.0"), []);
  });
});

describe("the consumers that keep a stream from interest", () => {
  it("are those with another number of replicas of their own", () => {
    assert.deepEqual(consumersOfOtherReplicas(3, CONSUMERS), ["plain"]);
    assert.deepEqual(consumersOfOtherReplicas(1, CONSUMERS), []);
  });
});
