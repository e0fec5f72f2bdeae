import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
} from "../../../components/jetstream/units";

const MAX_INT64 = 2n ** 63n - 1n;
const int64 = fc.bigInt({ min: 0n, max: MAX_INT64 });

describe("parseDuration", () => {
  const cases: Readonly<Record<string, bigint>> = {
    "0s": 0n,
    "1ns": 1n,
    "1us": 1_000n,
    "1µs": 1_000n,
    "100ms": 100_000_000n,
    "2m": 120_000_000_000n,
    "1h30m": 5_400_000_000_000n,
    "1.5h": 5_400_000_000_000n,
    "0.5ms": 500_000n,
    "7d": 604_800_000_000_000n,
    "90m90s": 5_490_000_000_000n,
    "1m1ms": 60_001_000_000n,
    "106751d": 9_223_286_400_000_000_000n,
  };
  for (const [text, nanos] of Object.entries(cases)) {
    it(`reads ${text}`, () => assert.equal(parseDuration(text), nanos));
  }

  for (const text of [
    "",
    "7",
    "d",
    "7 d",
    " 7d",
    "7d ",
    "-7d",
    "7D",
    "1w",
    "1.d",
    ".5h",
    "1h-1m",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), undefined));
  }

  it("refuses a fraction of a nanosecond", () => {
    assert.equal(parseDuration("0.1ns"), undefined);
    assert.equal(parseDuration("0.0000000001s"), undefined);
  });

  it("refuses more nanoseconds than the server can count", () => {
    assert.equal(parseDuration(`${MAX_INT64}ns`), MAX_INT64);
    assert.equal(parseDuration(`${MAX_INT64 + 1n}ns`), undefined);
    assert.equal(parseDuration("106752d"), undefined);
  });
});

describe("formatDuration", () => {
  it("writes the largest units first and none that is zero", () => {
    assert.equal(formatDuration(604_800_000_000_000n), "7d");
    assert.equal(formatDuration(90_000_000_000n), "1m30s");
    assert.equal(formatDuration(86_400_000_000_001n), "1d1ns");
    assert.equal(formatDuration(0n), "0s");
  });

  it("is read back as what it was", () => {
    fc.assert(fc.property(int64, (nanos) => parseDuration(formatDuration(nanos)) === nanos));
  });

  it("gives one text for every way to write the same", () => {
    const texts = ["36h", "1d12h", "1.5d", "2160m", "129600s", "35h60m"];
    const written = texts.map((text) => formatDuration(parseDuration(text) ?? 0n));
    assert.deepEqual([...new Set(written)], ["1d12h"]);
  });
});

describe("parseSize", () => {
  const cases: readonly (readonly [string | number, bigint])[] = [
    [0, 0n],
    [1024, 1024n],
    ["1024", 1024n],
    ["7B", 7n],
    ["50GiB", 50n << 30n],
    ["50GB", 50n << 30n],
    ["50G", 50n << 30n],
    ["50gb", 50n << 30n],
    ["1.5 MiB", 1_572_864n],
    [" 1KB ", 1024n],
    ["2T", 2n << 40n],
    ["0.5k", 512n],
  ];
  for (const [text, bytes] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseSize(text), bytes));
  }

  for (const text of ["", "GB", "-1", "1e3", "1 000", "1PB", "1.GB", "one", "0.3B"]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseSize(text), undefined));
  }

  for (const number of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    it(`refuses the number ${number}`, () => assert.equal(parseSize(number), undefined));
  }

  it("refuses more bytes than the server can count", () => {
    assert.equal(parseSize(`${MAX_INT64}`), MAX_INT64);
    assert.equal(parseSize(`${MAX_INT64 + 1n}`), undefined);
    assert.equal(parseSize("8388608TiB"), undefined);
  });
});

describe("formatSize", () => {
  it("writes the largest unit that leaves no fraction", () => {
    assert.deepEqual([1n << 40n, 50n << 30n, 1536n << 20n, 1025n, 1n, 0n].map(formatSize), [
      "1TiB",
      "50GiB",
      "1536MiB",
      "1025B",
      "1B",
      "0B",
    ]);
  });

  it("is read back as what it was", () => {
    fc.assert(fc.property(int64, (bytes) => parseSize(formatSize(bytes)) === bytes));
  });

  it("is a fixed point: what it wrote is written the same again", () => {
    const canonical = (text: string) => formatSize(parseSize(text) ?? 0n);
    const sizes = fc.tuple(fc.nat(4096), fc.constantFrom("", "B", "KB", "MiB", "g", "TB"));
    fc.assert(
      fc.property(sizes, ([number, unit]) => {
        const once = canonical(`${number}${unit}`);
        return canonical(once) === once;
      }),
    );
  });
});
