import { strict as assert } from "node:assert";
import { createHash, randomBytes } from "node:crypto";
import { WasmHighwayHash } from "highwayhasher";
import { Hashes, type Piece, sumOf } from "../../../components/backup/archive/hashes";
import { RECORDS_PROGRAM } from "../../../components/backup/archive/records-program";
import { compiled } from "../../../scripts/compile-wasm";
import { record } from "../../support/archives";

const LENGTHS = [
  ...Array.from({ length: 70 }, (_, length) => length),
  ...[1_024, 65_536, 65_537, 300_000, 9_000_000],
];

describe("the hash of what a server stores", () => {
  const expected = async (name: string, content: Buffer) => {
    const { hash64 } = await WasmHighwayHash.loadModule();
    const key = createHash("sha256").update(name).digest();
    return Buffer.from(hash64(key, content)).toString("hex");
  };

  it("is compiled from its source", function () {
    this.timeout(60_000);
    assert.equal(compiled("records.as.ts"), RECORDS_PROGRAM);
  });

  it("is what a package for it comes to, for short and long, one after the other", async () => {
    const hashes = new Hashes();
    for (const length of [...LENGTHS, ...LENGTHS]) {
      const content = randomBytes(length);
      assert.equal(
        sumOf(hashes, "metrics-1", content).toString("hex"),
        await expected("metrics-1", content),
        `${length} bytes`,
      );
    }
  });

  it("is another one under another name", async () => {
    const hashes = new Hashes();
    const content = Buffer.from("a message");
    const sums = ["metrics-1", "metrics-2"].map((name) => sumOf(hashes, name, content));
    assert.deepEqual(
      sums.map((sum) => sum.toString("hex")),
      [await expected("metrics-1", content), await expected("metrics-2", content)],
    );
    assert.notDeepEqual(sums[0], sums[1]);
  });
});

describe("the records of a block", () => {
  const BLOCK = "metrics-1";
  const HEADERS = "NATS/1.0\r\nKind: a\r\n\r\n";

  /** What is found, pieces put together, and how many there were. */
  function walk(hashes: Hashes, block: Buffer, most = 1_000) {
    hashes.name(BLOCK);
    hashes.room(block.length).set(block);
    const pieces: Piece[] = [];
    for (const { runs, numbers, tombstones, ...rest } of hashes.records(block.length, () => most)) {
      pieces.push({
        ...rest,
        runs: runs.slice(),
        numbers: numbers.slice(),
        tombstones: tombstones.slice(),
      });
    }
    return {
      pieces: pieces.length,
      runs: pieces.flatMap(({ runs }) => [...runs]),
      numbers: pieces.flatMap(({ numbers }) => [...numbers]),
      subjects: pieces.flatMap(({ subjects }) => subjects),
      tombstones: pieces.flatMap(({ tombstones }) => [...tombstones]),
      trouble: pieces.at(-1)?.trouble,
    };
  }

  it("are told with what they are: messages in runs, their subjects, and tombstones", async () => {
    const hashes = new Hashes();
    const block = Buffer.concat(
      await Promise.all([
        record(BLOCK, 5n, "a", "one"),
        record(BLOCK, 6n, "metrics.größe.12345", "two", HEADERS),
        record(BLOCK, 7n, "a", ""),
        record(BLOCK, 8n | (1n << 63n), "", ""),
        record(BLOCK, 6n | (1n << 62n), "", ""),
        record(BLOCK, (1n << 53n) - 1n, "metrics.größe.12346", "three"),
      ]),
    );
    assert.deepEqual(walk(hashes, block), {
      pieces: 1,
      runs: [5, 7, 2 ** 53 - 1, 2 ** 53 - 1],
      numbers: [0, 1, 0, 2],
      subjects: ["a", "metrics.größe.12345", "metrics.größe.12346"],
      tombstones: [6],
      trouble: undefined,
    });
    // The next block knows its subjects.
    assert.deepEqual(walk(hashes, await record(BLOCK, 9n, "a", "four")).numbers, [0]);
  });

  it("come in pieces where there are many, and subjects of any length", async () => {
    const subjects = Array.from({ length: 20 }, (_, index) => `${"s".repeat(60_000)}.${index}`);
    const long = await Promise.all(
      subjects.map((subject, index) => record(BLOCK, BigInt(index + 1), subject, "x")),
    );
    const one = await record(BLOCK, 100n, "b", "y");
    const found = walk(new Hashes(), Buffer.concat([...long, ...Array(9_000).fill(one)]));
    assert.equal(found.trouble, undefined);
    assert.ok(found.pieces > 5, `${found.pieces} pieces`);
    assert.deepEqual(found.subjects, [...subjects, "b"]);
    assert.deepEqual(found.numbers.slice(0, 21), [...subjects.keys(), 20]);
    assert.equal(found.numbers.length, 9_020);
    const { runs } = found;
    assert.deepEqual(
      runs.filter((_, at) => at % 2 === 0 && runs[at - 1] !== (runs[at] ?? 0) - 1).slice(0, 2),
      [1, 100],
    );
    assert.equal(runs[runs.indexOf(100) - 1], 20);
  });

  it("have no subjects where too many would have to be told apart", async () => {
    const block = Buffer.concat(
      await Promise.all(
        ["a", "b", "c", "d"].map((one, index) => record(BLOCK, BigInt(index + 1), one, "")),
      ),
    );
    const { subjects, numbers, runs } = walk(new Hashes(), block, 2);
    assert.deepEqual(
      [subjects, numbers, runs],
      [
        ["a", "b", "c"],
        [0, 1, 2],
        [1, 4],
      ],
    );
    assert.deepEqual(walk(new Hashes(), block, 0).subjects, []);
  });

  it("are wrong where any bit that is summed up is another", async () => {
    for (const headers of [undefined, HEADERS]) {
      const block = await record(BLOCK, 5n, "metrics.a", "a message of some length", headers);
      const sizes = headers === undefined ? [] : [31, 32, 33, 34];
      for (let at = 4; at < block.length; at++) {
        const other = Buffer.from(block);
        other[at] = (other[at] ?? 0) ^ 0x10;
        const { trouble } = walk(new Hashes(), other);
        if ([20, 21, ...sizes].includes(at)) {
          continue;
        }
        assert.match(
          trouble ?? "",
          /^the checksum of the record at byte 0 \(sequence \d+\) does not agree with it$/,
          `byte ${at}`,
        );
      }
    }
  });

  it("are wrong where they are cut off, or have a length that cannot be", async () => {
    const block = await record(BLOCK, 5n, "metrics.a", "text", HEADERS);
    const cutAfter = (size: number) =>
      walk(new Hashes(), Buffer.concat([block, block.subarray(0, size)]));
    assert.equal(
      cutAfter(21).trouble,
      `its last record is cut off after ${block.length + 21} bytes`,
    );
    const impossible = `the record at byte ${block.length} has an impossible length`;
    assert.equal(cutAfter(22).trouble, impossible);
    assert.equal(cutAfter(block.length - 1).trouble, impossible);
    assert.deepEqual(cutAfter(block.length - 1).runs, [5, 5]);
    const long = Buffer.from(block);
    long.writeUInt16LE(block.length - 22 - 8 - 3, 20);
    assert.equal(walk(new Hashes(), long).trouble, "the record at byte 0 has an impossible length");
  });
});
