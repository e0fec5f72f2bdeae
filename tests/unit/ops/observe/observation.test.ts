import { strict as assert } from "node:assert";
import { streamsByLeader } from "../../../../ops/observe/observation";
import { aConsumer, anObservation, aStream } from "../../../support/held-streams";

describe("the streams of a cluster", () => {
  const led = (leader: string) => ({ cluster: { leader } });
  const held = (server: string, messages: number, pending: number) =>
    aStream("metrics", {
      ...led("nats-blue-1"),
      server,
      state: { messages, bytes: 0, first_seq: 1, last_seq: 5, consumer_count: 1 },
      consumer_detail: [aConsumer("worker", { ...led("nats-blue-2"), num_pending: pending })],
    });

  it("are what their leaders say, and each consumer is what its own leader says", () => {
    const observation = anObservation([
      held("nats-blue-0", 1, 10),
      held("nats-blue-1", 2, 20),
      held("nats-blue-2", 3, 30),
    ]);
    const [stream, ...more] = streamsByLeader(observation);
    assert.equal(more.length, 0);
    assert.equal(stream?.state.messages, 2);
    assert.deepEqual(
      stream?.consumer_detail?.map(({ num_pending: pending }) => pending),
      [30],
    );
  });

  it("are what anybody says while their leaders are away", () => {
    const [stream] = streamsByLeader(anObservation([held("nats-blue-0", 1, 10)]));
    assert.equal(stream?.state.messages, 1);
    assert.equal(stream?.consumer_detail?.[0]?.num_pending, 10);
  });
});
