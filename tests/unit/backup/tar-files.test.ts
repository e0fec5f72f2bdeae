import { strict as assert } from "node:assert";
import { TarFiles } from "../../../components/backup/archive/tar-files";
import { tarOf } from "../../support/s2-writer";

describe("a tar", () => {
  /** What a tar holds, given in pieces, and whether it has an end. */
  function read(tar: Buffer, step = tar.length) {
    const files: [string, string][] = [];
    const reader = new TarFiles({
      room: (_, size) => Buffer.alloc(size),
      file: (name, content) => files.push([name, content.toString()]),
    });
    for (let at = 0; at < tar.length; at += step) {
      // The piece is written over afterwards, as a reused buffer is.
      const piece = Buffer.from(tar.subarray(at, at + step));
      reader.push(piece);
      piece.fill(0xff);
    }
    return { files, isWhole: reader.end() };
  }

  const FILES: [string, Buffer][] = [
    ["meta.inf", Buffer.from("{}")],
    ["empty", Buffer.alloc(0)],
    [`obs/${"long".repeat(60)}/ü.dat`, Buffer.from("a".repeat(512))],
    ["msgs/1.blk", Buffer.from("b".repeat(1_300))],
  ];

  it("is read the same however it is cut, with empty files and long names", async () => {
    const tar = await tarOf(FILES);
    const files = FILES.map(([name, content]) => [name, content.toString()]);
    for (const step of [1, 7, 511, 512, 513, 4_096, tar.length]) {
      assert.deepEqual(read(tar, step), { files, isWhole: true }, `in pieces of ${step}`);
    }
  });

  it("takes a size that is said before the file, as for one too large for its header", async () => {
    const said = "13 size=0005\n";
    const tar = await tarOf([
      ["about", Buffer.from(said)],
      ["file", Buffer.from("12345")],
    ]);
    const about = tar.subarray(0, 512);
    about.write("x", 156);
    seal(about);
    const file = tar.subarray(1_024, 1_536);
    file.write("00000000000", 124);
    seal(file);
    assert.deepEqual(read(tar).files, [["file", "12345"]]);
  });

  it("has no end where its last blocks are missing", async () => {
    const tar = await tarOf(FILES);
    assert.equal(read(tar.subarray(0, -512)).isWhole, false);
    assert.equal(read(tar.subarray(0, -1_024)).isWhole, false);
  });

  it("is refused where it is cut off, changed, or goes on", async () => {
    const tar = await tarOf(FILES);
    const changed = (at: number, text: string, isSealed = false) => {
      const copy = Buffer.from(tar);
      copy.write(text, at, "latin1");
      return isSealed ? seal(copy) : copy;
    };
    assert.throws(() => read(tar.subarray(0, 513)), /^Error: it ends within a file$/);
    assert.throws(() => read(tar.subarray(0, 100)), /^Error: it ends within a file$/);
    assert.throws(
      () => read(changed(0, "M")),
      /^Error: the checksum of an entry does not agree with it$/,
    );
    assert.throws(
      () => read(changed(124, "nonsense", true)),
      /^Error: an entry has the size or checksum "nonsense/,
    );
    assert.throws(
      () => read(changed(156, "2", true)),
      /^Error: it holds an entry of type "2", which is no file$/,
    );
    assert.throws(() => read(Buffer.concat([tar, tar])), /^Error: it goes on after its end$/);
  });

  /** Writes the checksum of the first header. */
  function seal(tar: Buffer): Buffer {
    tar.write(" ".repeat(8), 148);
    const sum = tar.subarray(0, 512).reduce((all, byte) => all + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return tar;
  }
});
