import { strict as assert } from "node:assert";
import fc from "fast-check";
import { planCapacity } from "../../../components/jetstream/capacity";
import {
  overfull,
  type PlacedStream,
  planOnLive,
} from "../../../components/jetstream/live-capacity";
import { normaliseStream } from "../../../components/jetstream/stream-settings";

const GIB = 1n << 30n;

const CAPACITY = {
  servers: ["s0", "s1", "s2"],
  maxFileStore: 10n * GIB,
  maxMemoryStore: GIB,
};

const stream = (name: string, maxBytes: string, replicas: number, storage = "file") =>
  normaliseStream({ name, maxBytes, replicas, storage }).settings;

const placed = (settings: PlacedStream["settings"], ...servers: string[]): PlacedStream => ({
  settings,
  servers,
});

function reserved(live: readonly PlacedStream[], declared: readonly PlacedStream["settings"][]) {
  const [file] = planOnLive(live, declared, CAPACITY);
  return file?.after.reservations.map((one) => `${one.server} ${one.reserved / GIB}`);
}

function full(live: readonly PlacedStream[], declared: readonly PlacedStream["settings"][]) {
  return planOnLive(live, declared, CAPACITY).flatMap(({ before, after }) =>
    overfull(before, after).map(({ server }) => server),
  );
}

describe("what declared streams reserve on a live cluster", () => {
  it("is beside what others have reserved, each where it is", () => {
    const live = [placed(stream("theirs", "4GiB", 1), "s1")];
    assert.deepEqual(reserved(live, [stream("ours", "3GiB", 3)]), ["s0 3", "s1 7", "s2 3"]);
  });

  it("is where it is already, by what is declared now", () => {
    const live = [placed(stream("ours", "2GiB", 1), "s2")];
    assert.deepEqual(reserved(live, [stream("ours", "5GiB", 1)]), ["s0 0", "s1 0", "s2 5"]);
  });

  it("is on the servers with the most room, for a new stream and for another replica", () => {
    const live = [
      placed(stream("theirs", "4GiB", 1), "s0"),
      placed(stream("ours", "1GiB", 1), "s1"),
    ];
    assert.deepEqual(reserved(live, [stream("new", "2GiB", 1)]), ["s0 4", "s1 1", "s2 2"]);
    assert.deepEqual(reserved(live, [stream("ours", "1GiB", 2)]), ["s0 4", "s1 1", "s2 1"]);
  });

  it("is no longer where a replica goes", () => {
    const live = [placed(stream("ours", "1GiB", 3), "s1", "s0", "s2")];
    assert.deepEqual(reserved(live, [stream("ours", "1GiB", 1)]), ["s0 0", "s1 1", "s2 0"]);
  });

  it("knows servers that nobody declared, by what they hold", () => {
    const live = [placed(stream("theirs", "4GiB", 1), "s9")];
    assert.deepEqual(reserved(live, []), ["s0 0", "s1 0", "s2 0", "s9 4"]);
  });
});

describe("a server that is too full", () => {
  it("is one that the declaration makes so", () => {
    const live = [placed(stream("theirs", "8GiB", 1), "s1")];
    assert.deepEqual(full(live, [stream("ours", "2GiB", 3)]), []);
    assert.deepEqual(full(live, [stream("ours", "3GiB", 3)]), ["s1"]);
  });

  it("is none that was so before, where nothing is added to it", () => {
    const live = [
      placed(stream("theirs", "11GiB", 1), "s1"),
      placed(stream("ours", "1GiB", 1), "s1"),
    ];
    assert.deepEqual(full(live, [stream("ours", "1GiB", 1)]), []);
    assert.deepEqual(full(live, [stream("ours", "2GiB", 1)]), ["s1"]);
  });

  it("is one of memory, for streams in memory", () => {
    assert.deepEqual(full([], [stream("ours", "2GiB", 1, "memory")]), ["s0"]);
  });
});

describe("an empty cluster", () => {
  it("has room for what the plan without it has room for, whatever is declared", () => {
    const streams = fc.array(
      fc.record({ gib: fc.integer({ min: 1, max: 5 }), replicas: fc.constantFrom(1, 2, 3) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(streams, (list) => {
        const declared = list.map(({ gib, replicas }, index) =>
          stream(`s-${index}`, `${gib}GiB`, replicas),
        );
        const plans = planCapacity(declared, CAPACITY);
        const live = planOnLive([], declared, CAPACITY).map(({ after }) => after);
        assert.deepEqual(live, plans);
      }),
    );
  });
});
