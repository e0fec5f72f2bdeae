import { strict as assert } from "node:assert";
import { recentDepartures, returnNotes } from "../../../components/jetstream/return";

const LEFT = {
  "nats-blue-3": "2026-11-26T12:45:18.000Z",
  "nats-blue-4": "2026-11-26T12:45:17.000Z",
};
const at = (time: string) => new Date(`2026-11-26T${time}Z`);

describe("servers that come back to a cluster that they have left", () => {
  it("are not let in for five minutes, which is said with the time of the last one's end", () => {
    assert.deepEqual(returnNotes(LEFT, ["nats-blue-4", "nats-blue-3"], at("12:47:00")), [
      "nats-blue-3 and nats-blue-4 left less than five minutes ago: NATS lets them in again at 12:50:18 UTC, and the update waits until then as long as 'settleTimeout' allows",
    ]);
    assert.deepEqual(returnNotes(LEFT, ["nats-blue-3"], at("12:50:17.500")), [
      "nats-blue-3 left less than five minutes ago: NATS lets it in again at 12:50:18 UTC, and the update waits until then as long as 'settleTimeout' allows",
    ]);
  });

  it("are like any others afterwards, and like those that never left", () => {
    assert.deepEqual(returnNotes(LEFT, ["nats-blue-3", "nats-blue-4"], at("12:50:18")), []);
    assert.deepEqual(returnNotes(LEFT, ["nats-blue-5"], at("12:47:00")), []);
    assert.deepEqual(returnNotes(LEFT, [], at("12:47:00")), []);
  });

  it("are forgotten with the five minutes", () => {
    assert.deepEqual(recentDepartures(LEFT, at("12:50:17.500")), {
      "nats-blue-3": LEFT["nats-blue-3"],
    });
    assert.deepEqual(recentDepartures(LEFT, at("12:51:00")), {});
  });
});
