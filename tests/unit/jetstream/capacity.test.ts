import { strict as assert } from "node:assert";
import fc from "fast-check";
import { capacityTable, planCapacity, reservedBytes } from "../../../components/jetstream/capacity";

const GIB = 1n << 30n;
const three = {
  servers: ["blue-0", "blue-1", "blue-2"],
  maxFileStore: 80n * GIB,
  maxMemoryStore: 2n * GIB,
};

const stream = (maxBytes: string, replicas: number, storage = "file") => ({
  maxBytes,
  replicas,
  storage,
});

const filePlan = (...streams: ReturnType<typeof stream>[]) => {
  const [file] = planCapacity(streams, three);
  assert.ok(file);
  return file;
};

const reserved = (...streams: ReturnType<typeof stream>[]) =>
  filePlan(...streams).reservations.map((one) => one.reserved / GIB);

describe("reservedBytes", () => {
  it("is maxBytes, and nothing where there is no limit", () => {
    assert.equal(reservedBytes({ maxBytes: "50GiB" }), 50n * GIB);
    assert.equal(reservedBytes({ maxBytes: "unlimited" }), 0n);
    assert.equal(reservedBytes({}), 0n);
  });
});

describe("planCapacity", () => {
  it("reserves maxBytes in full on every server that holds a replica", () => {
    assert.deepEqual(reserved(stream("50GiB", 3), stream("10GiB", 3)), [60n, 60n, 60n]);
  });

  it("puts fewer replicas where there is the most room", () => {
    assert.deepEqual(reserved(stream("30GiB", 1), stream("20GiB", 1), stream("5GiB", 1)), [
      30n,
      20n,
      5n,
    ]);
    assert.deepEqual(reserved(stream("30GiB", 2), stream("20GiB", 2)), [50n, 30n, 20n]);
  });

  it("keeps file and memory apart", () => {
    const [file, memory] = planCapacity([stream("50GiB", 3), stream("1GiB", 3, "memory")], three);
    assert.deepEqual(file?.reservations[0], {
      server: "blue-0",
      reserved: 50n * GIB,
      limit: 80n * GIB,
    });
    assert.deepEqual(memory?.reservations[0], { server: "blue-0", reserved: GIB, limit: 2n * GIB });
    assert.equal(memory?.storage, "memory");
  });

  it("fits up to the last byte, and no further", () => {
    assert.equal(filePlan(stream("80GiB", 3)).fits, true);
    assert.equal(filePlan(stream("80GiB", 3), stream("1B", 1)).fits, false);
  });

  it("needs nothing for streams without a limit", () => {
    assert.deepEqual(reserved(stream("unlimited", 3)), [0n, 0n, 0n]);
  });

  it("reserves neither more nor less than the replicas add up to", () => {
    const streams = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 3 })),
    );
    fc.assert(
      fc.property(streams, (drawn) => {
        const asked = drawn.reduce((sum, [size, replicas]) => sum + BigInt(size * replicas), 0n);
        const held = reserved(...drawn.map(([size, replicas]) => stream(`${size}GiB`, replicas)));
        assert.equal(
          held.reduce((sum, one) => sum + one, 0n),
          asked,
        );
      }),
    );
  });
});

describe("capacityTable", () => {
  it("has a line for each server, with what is too much", () => {
    const plan = filePlan(stream("80GiB", 3), stream("512MiB", 1));
    assert.equal(
      capacityTable(plan),
      [
        "  server  reserved  max_file_store",
        "  blue-0  82432MiB  80GiB           512MiB too much",
        "  blue-1  80GiB     80GiB           fits",
        "  blue-2  80GiB     80GiB           fits",
      ].join("\n"),
    );
  });

  it("names the limit of memory by its own name", () => {
    const [, memory] = planCapacity([stream("1GiB", 1, "memory")], {
      ...three,
      servers: ["blue-0"],
    });
    assert.ok(memory);
    assert.equal(
      capacityTable(memory),
      ["  server  reserved  max_memory_store", "  blue-0  1GiB      2GiB              fits"].join(
        "\n",
      ),
    );
  });
});
