import { strict as assert } from "node:assert";
import { consumerLags } from "../../../../ops/lag/lag";
import type { ConsumerDetail } from "../../../../ops/observe/answers";
import { aConsumer, aStream } from "../../../support/held-streams";

describe("the lag of a consumer", () => {
  const late = (change: Partial<ConsumerDetail> & object) => {
    const consumer = aConsumer("worker", { num_pending: 2000, ...change });
    const [found] = consumerLags([aStream("metrics", { consumer_detail: [consumer] })], 1000);
    return `${found?.cause}; ${found?.remedy}`;
  };

  it("is no fault up to what is allowed", () => {
    const consumer = aConsumer("worker", { num_pending: 900, num_ack_pending: 100 });
    const [found] = consumerLags([aStream("metrics", { consumer_detail: [consumer] })], 1000);
    assert.equal(found?.isLate, false);
    assert.equal(found?.cause, undefined);
  });

  it("is shown the furthest behind first", () => {
    const all = [aConsumer("a", { num_pending: 1 }), aConsumer("b", { num_pending: 5 })];
    const lags = consumerLags([aStream("metrics", { consumer_detail: all })], 1000);
    assert.deepEqual(
      lags.map(({ consumer }) => consumer),
      ["b", "a"],
    );
  });

  it("has its cause in acknowledgements that do not come", () => {
    assert.match(
      late({ num_ack_pending: 1000 }),
      /^1000 messages wait for an acknowledgement, which is its max_ack_pending: nothing more/,
    );
  });

  it("has its cause in workers that fail", () => {
    assert.match(
      late({ num_redelivered: 7 }),
      /^7 messages were delivered more than once: workers/,
    );
  });

  it("has its cause in workers that are not there", () => {
    assert.equal(late({ num_waiting: 0 }), "no worker asks for messages; start the workers");
    const config = { deliver_subject: "d" };
    assert.equal(late({ config }), "nobody listens on its deliver subject; start the workers");
  });

  it("has its cause in a pause", () => {
    const config = { pause_until: "2999-01-01T00:00:00Z" };
    assert.equal(late({ config }), "it is paused until 2999-01-01T00:00:00Z; resume it");
  });

  it("has its cause in too few workers, if nothing else", () => {
    assert.match(late({}), /^the workers are slower than the stream; add workers: /);
  });
});
