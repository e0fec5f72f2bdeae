import { strict as assert } from "node:assert";
import fc from "fast-check";
import { S2Blocks } from "../../../components/backup/archive/s2-block";
import { S2Frames } from "../../../components/backup/archive/s2-frames";
import { S2_PROGRAM } from "../../../components/backup/archive/s2-program";
import { compiled } from "../../../scripts/compile-wasm";
import { S2_BEGIN, s2Chunk, s2Content, s2Plain, s2Sum } from "../../support/s2-writer";

describe("an S2 block", () => {
  const blocks = new S2Blocks();
  const decodeBlock = (source: Buffer): Buffer => {
    const room = blocks.room(source.length);
    source.copy(room);
    return blocks.decode(room);
  };
  const block = (length: number, ...parts: (string | number[])[]) =>
    decodeBlock(Buffer.concat([Buffer.from([length]), ...parts.map((one) => Buffer.from(one))]));
  const literal = (text: string): number[] => [(text.length - 1) << 2, ...Buffer.from(text)];
  const literalOf = (bytes: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from([61 << 2, (bytes.length - 1) & 255, (bytes.length - 1) >> 8]),
      bytes,
    ]);

  it("holds literals, short and with a length of their own", () => {
    assert.equal(block(3, literal("abc")).toString(), "abc");
    assert.equal(block(3, [60 << 2, 2], "abc").toString(), "abc");
    assert.equal(block(3, [61 << 2, 2, 0], "abc").toString(), "abc");
  });

  it("holds copies with offsets of one, two and four bytes", () => {
    assert.equal(block(8, literal("abcd"), [1, 4]).toString(), "abcdabcd");
    assert.equal(block(7, literal("abcd"), [2 | (2 << 2), 4, 0]).toString(), "abcdabc");
    assert.equal(block(7, literal("abcd"), [3 | (2 << 2), 4, 0, 0, 0]).toString(), "abcdabc");
  });

  it("repeats itself where a copy reaches into what it writes", () => {
    assert.equal(block(6, literal("a"), [2 | (4 << 2), 1, 0]).toString(), "aaaaaa");
    assert.equal(block(41, literal("a"), [2 | (39 << 2), 1, 0]).toString(), "a".repeat(41));
  });

  it("repeats the last offset, which Snappy cannot, in all four lengths", () => {
    const start = [...literal("abcd"), 1, 4];
    assert.equal(block(12, start, [1, 0]).toString(), "abcdabcdabcd");
    assert.equal(block(16, start, [1 | (5 << 2), 0, 0]).toString(), "abcd".repeat(4));
    const long = (length: number, ...repeat: number[]) =>
      decodeBlock(Buffer.from([(length & 0x7f) | 0x80, length >>> 7, ...start, ...repeat]));
    assert.equal(long(8 + 260, 1 | (6 << 2), 0, 0, 0).toString(), "abcd".repeat(67));
    const longest = decodeBlock(
      Buffer.from([0x8c, 0x80, 0x04, ...start, 1 | (7 << 2), 0, 0, 0, 0]),
    );
    assert.equal(longest.toString(), "abcd".repeat((8 + 65_540) / 4));
  });

  it("repeats itself at any distance, and with any length", () => {
    for (let offset = 1; offset <= 60; offset++) {
      const start = Buffer.from(Array.from({ length: offset }, (_, index) => index + 1));
      for (const count of [1, 7, 8, 9, 15, 16, 17, 33, 64]) {
        const found = block(
          offset + count,
          [...literalOf(start)],
          [2 | ((count - 1) << 2), offset, 0],
        );
        const wanted = Array.from({ length: offset + count }, (_, index) => start[index % offset]);
        assert.deepEqual([...found], wanted, `${count} bytes of ${offset}`);
      }
    }
  });

  it("is decoded whatever lay in its room before", () => {
    const long = Buffer.from("x".repeat(4000));
    assert.ok(
      decodeBlock(Buffer.concat([Buffer.from([0xa0, 0x1f]), literalOf(long)])).equals(long),
    );
    assert.throws(() => block(9, [60 << 2]), /a literal runs over the end/);
    assert.throws(() => block(9, literal("abcd"), [1]), /a copy leads out of its block/);
    assert.throws(() => block(9, literal("abcd"), [63 << 2, 255, 255, 255, 255]), /a literal runs/);
    assert.throws(() => block(9, literal("abcd"), [3, 255, 255, 255, 255]), /a copy leads out/);
  });

  it("is decoded by what its source says", function () {
    this.timeout(60_000);
    assert.equal(compiled("s2-decode.as.ts"), S2_PROGRAM);
  });

  it("is refused where it leads out of itself", () => {
    assert.throws(() => block(9, literal("abc")), /ends after 3 of 9 bytes/);
    assert.throws(() => block(2, literal("abc")), /a literal runs over the end/);
    assert.throws(() => block(8, literal("abcd"), [1, 5]), /a copy leads out of its block/);
    assert.throws(() => block(5, literal("abcd"), [1, 4]), /a copy leads out of its block/);
    assert.throws(() => decodeBlock(Buffer.from([0x80])), /a length is cut off/);
    assert.throws(
      () => decodeBlock(Buffer.from([0xff, 0xff, 0xff, 0x7f])),
      /larger than the format/,
    );
  });
});

describe("an S2 stream", () => {
  it("gives the same however it is cut", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (data, step) => {
          const stream = s2Plain(Buffer.from(data));
          const frames = new S2Frames();
          const found: Buffer[] = [];
          for (let at = 0; at < stream.length; at += step) {
            for (const block of frames.push(stream.subarray(at, at + step))) {
              found.push(Buffer.from(block));
            }
          }
          frames.end();
          assert.ok(Buffer.concat(found).equals(Buffer.from(data)));
        },
      ),
    );
  });

  it("skips what may be skipped, and reads Snappy's as well", () => {
    const data = Buffer.from("abc");
    const plain = s2Chunk(0x01, Buffer.concat([s2Sum(data), data]));
    const begin = s2Chunk(0xff, Buffer.from("sNaPpY"));
    const stream = Buffer.concat([begin, s2Chunk(0xfe, Buffer.alloc(9)), plain]);
    assert.equal(s2Content(stream).toString(), "abc");
  });

  it("is refused with one bit flipped anywhere", () => {
    const stream = s2Plain(Buffer.from("some messages that matter"));
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const damaged = Buffer.from(stream);
      damaged[bit >>> 3] = (damaged[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      // A chunk whose type becomes one that may be skipped is empty then, and not the same.
      assert.throws(
        () => assert.ok(s2Content(damaged).equals(Buffer.from("some messages that matter"))),
        `bit ${bit}`,
      );
    }
  });

  it("says what is wrong with it", () => {
    const data = Buffer.from("abc");
    const content =
      (...chunks: Buffer[]) =>
      () =>
        s2Content(Buffer.concat(chunks));
    assert.throws(content(), /there is nothing in it/);
    assert.throws(content(Buffer.from("PK\u0003\u0004\u0000\u0000")), /cut off|not begin as an S2/);
    assert.throws(content(s2Plain(data).subarray(10)), /does not begin as an S2 stream does/);
    assert.throws(content(s2Plain(data).subarray(0, -1)), /the last chunk is cut off/);
    assert.throws(content(S2_BEGIN, s2Chunk(0x02, data)), /a chunk of unknown type 2/);
    assert.throws(content(S2_BEGIN, s2Chunk(0x01, data)), /too short for its checksum/);
    const wrong = s2Chunk(0x01, Buffer.concat([Buffer.alloc(4), data]));
    assert.throws(content(S2_BEGIN, wrong), /the checksum of a chunk does not agree/);
  });
});
