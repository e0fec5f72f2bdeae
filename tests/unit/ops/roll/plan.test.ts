import { strict as assert } from "node:assert";
import { rollPlan } from "../../../../ops/roll/plan";
import { aConsumer, anObservation, aStream } from "../../../support/held-streams";

describe("the plan of a roll", () => {
  it("takes followers first and the meta leader last", () => {
    assert.deepEqual(
      rollPlan(anObservation([aStream("metrics")])).map(({ server, role }) => [server, role]),
      [
        ["nats-blue-0", "follower"],
        ["nats-blue-1", "follower"],
        ["nats-blue-2", "meta leader"],
      ],
    );
  });

  it("names what is away while a server restarts: what it holds alone", () => {
    const consumer = aConsumer("worker", {
      config: { num_replicas: 1 },
      cluster: { leader: "nats-blue-1" },
    });
    const plan = rollPlan(
      anObservation([
        aStream("single", { config: { num_replicas: 1 } }),
        aStream("metrics", { consumer_detail: [consumer] }),
      ]),
    );
    assert.deepEqual(
      plan.map(({ alone }) => alone),
      [["single"], ["metrics > worker"], []],
    );
  });
});
