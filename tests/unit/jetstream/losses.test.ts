import { strict as assert } from "node:assert";
import {
  type Contents,
  lossesOf,
  mostLost,
  overPerSubject,
  showLoss,
} from "../../../components/jetstream/losses";
import { normaliseStream } from "../../../components/jetstream/stream-settings";

const NOW = new Date("2026-01-31T12:00:00Z");

const FULL: Contents = {
  messages: 100,
  bytes: 10_240,
  firstTime: "2026-01-31T09:00:00.123456789Z",
  lastTime: "2026-01-31T11:00:00Z",
  consumers: 0,
};

const settings = (input: Record<string, unknown>) =>
  normaliseStream({ name: "a", ...input }).settings;

const losses = (from: Record<string, unknown>, to: Record<string, unknown>, contents = FULL) =>
  lossesOf(settings(from), settings(to), contents, NOW);

describe("what an update deletes", () => {
  it("is nothing of an empty stream", () => {
    const empty = { ...FULL, messages: 0, bytes: 0 };
    assert.deepEqual(losses({}, { maxAge: "1s", maxMsgs: 1, retention: "interest" }, empty), []);
  });

  it("is nothing where no limit reaches what is there", () => {
    const wide = { maxAge: "4h", maxMsgs: 100, maxBytes: "10KiB", maxMsgsPerSubject: 100 };
    assert.deepEqual(losses({}, wide), []);
  });

  it("is nothing where limits are raised, even over what has not gone yet", () => {
    assert.deepEqual(losses({ maxAge: "1h" }, { maxAge: "1h" }), []);
    assert.deepEqual(losses({ maxMsgsPerSubject: 1 }, { maxMsgsPerSubject: 2 }), []);
  });

  it("is everything where even the newest message is too old", () => {
    assert.deepEqual(losses({}, { maxAge: "30m" }), [
      {
        loss: {
          property: "maxAge",
          messages: 100,
          isExact: true,
          detail: "all older than 2026-01-31T11:30:00.000Z",
        },
      },
    ]);
  });

  it("is for the server to count where some messages are too old", () => {
    const [found, ...others] = losses({}, { maxAge: "2h" });
    assert.deepEqual(others, []);
    assert.equal(found?.loss.isExact, false);
    assert.deepEqual(found?.ask, { what: "older", before: new Date("2026-01-31T10:00:00Z") });
  });

  it("is known of maxMsgs, and asked of maxMsgsPerSubject", () => {
    assert.deepEqual(losses({}, { maxMsgs: 60 }), [
      { loss: { property: "maxMsgs", messages: 40, isExact: true, detail: "the oldest" } },
    ]);
    assert.deepEqual(losses({}, { maxMsgsPerSubject: 60 }), [
      {
        loss: {
          property: "maxMsgsPerSubject",
          messages: 40,
          isExact: false,
          detail: "the oldest of each subject",
        },
        ask: { what: "perSubject" },
      },
    ]);
  });

  it("is a number of bytes of maxBytes", () => {
    assert.deepEqual(losses({}, { maxBytes: "9KiB" }), [
      {
        loss: {
          property: "maxBytes",
          messages: 100,
          isExact: false,
          detail: "the oldest, 1KiB of 10KiB or a little more",
        },
      },
    ]);
  });

  it("is nothing of maxMsgs and maxBytes where new messages are discarded", () => {
    assert.deepEqual(losses({}, { discard: "new", maxMsgs: 1, maxBytes: "1B" }), []);
    assert.deepEqual(
      losses({ discard: "new", maxMsgs: 1 }, { maxMsgs: 1 }).map(({ loss }) => loss.messages),
      [99],
    );
  });

  it("is whatever nobody waits for, from limits to interest", () => {
    const [found] = losses({}, { retention: "interest" });
    assert.equal(found?.loss.property, "retention");
    assert.deepEqual(losses({ retention: "interest" }, { retention: "limits" }), []);
  });
});

describe("a number of messages lost", () => {
  it("is what each subject has over the limit", () => {
    assert.equal(overPerSubject({ a: 5, b: 2, c: 1 }, 2), 3);
  });

  it("is no more than there are, whatever several limits come to", () => {
    const loss = { property: "maxMsgs", messages: 70, isExact: true };
    assert.equal(mostLost([loss], FULL), 70);
    assert.equal(mostLost([loss, loss], FULL), 100);
    assert.equal(mostLost([], FULL), 0);
  });

  it("is shown with about what it comes to in bytes, where it is exact", () => {
    const loss = { property: "maxMsgs", messages: 50, isExact: true, detail: "the oldest" };
    assert.equal(
      showLoss(loss, FULL),
      "deletes 50 of 100 messages at once, about 5KiB (the oldest)",
    );
    assert.equal(
      showLoss({ ...loss, isExact: false }, FULL),
      "deletes up to 50 of 100 messages at once (the oldest)",
    );
    const one = { ...FULL, messages: 1 };
    assert.equal(
      showLoss({ property: "maxMsgs", messages: 1, isExact: true }, one),
      "deletes 1 of 1 message at once",
    );
  });
});
