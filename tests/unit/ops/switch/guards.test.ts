import { strict as assert } from "node:assert";
import type { Cluster } from "../../../../ops/cluster/cluster";
import type { Examination } from "../../../../ops/health/examine";
import type { Finding } from "../../../../ops/health/finding";
import type { Observation } from "../../../../ops/observe/observation";
import { objections } from "../../../../ops/switch/guards";

const state = { messages: 1, bytes: 1, first_seq: 1, last_seq: 1, consumer_count: 0 };

/** A colour of one server that holds one stream. */
function colour(name: string, messages = 1): { cluster: Cluster; observation: Observation } {
  const stream = { name: "metrics_v1", config: {}, state: { ...state, messages } };
  const jsz = { account_details: [{ name: "TFDC", stream_detail: [stream] }] };
  return {
    cluster: { name, connection: { servers: [] }, monitoring: [] },
    observation: { servers: [{ name: `nats-${name}-0`, jsz }] },
  };
}

function examined(name: string, found: readonly Finding[] = [], messages = 1): Examination {
  return { ...colour(name, messages), found };
}

describe("what stands against a switch", () => {
  it("is nothing where the colour is healthy, and equal to the active one if there is any", () => {
    assert.deepEqual(objections(examined("green"), undefined), []);
    assert.deepEqual(objections(examined("green"), colour("blue")), []);
  });

  it("is each finding of health, with what to do about it", () => {
    const finding: Finding = {
      check: "restored-stream",
      severity: "warning",
      what: "nats-green-0 says so",
      remedy: "have the servers start again with: tfdc-nats roll green",
    };
    assert.deepEqual(objections(examined("green", [finding]), colour("blue")), [
      "green is not healthy: nats-green-0 says so; have the servers start again with: tfdc-nats roll green",
    ]);
  });

  it("is a difference to the active colour, and where to see it", () => {
    assert.deepEqual(objections(examined("green", [], 2), colour("blue")), [
      "blue and green are not equal: 1 difference in metrics_v1; see tfdc-nats parity blue green",
    ]);
  });
});
