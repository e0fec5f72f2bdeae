import { strict as assert } from "node:assert";
import { createHash, randomBytes } from "node:crypto";
import { WasmHighwayHash } from "highwayhasher";
import { Hashes, sumOf } from "../../../components/backup/archive/hashes";

const LENGTHS = [0, 1, 31, 32, 33, 1_024, 65_536, 65_537, 300_000, 9_000_000];

describe("the hash of what a server stores", () => {
  const expected = async (name: string, content: Buffer) => {
    const hash = await WasmHighwayHash.load(createHash("sha256").update(name).digest());
    hash.append(content);
    return Buffer.from(hash.finalize64()).toString("hex");
  };

  it("is what the package itself comes to, for short and long, one after the other", async () => {
    const hashes = await Hashes.load();
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
    const hashes = await Hashes.load();
    const content = Buffer.from("a message");
    const sums = ["metrics-1", "metrics-2"].map((name) => sumOf(hashes, name, content));
    assert.deepEqual(
      sums.map((sum) => sum.toString("hex")),
      [await expected("metrics-1", content), await expected("metrics-2", content)],
    );
    assert.notDeepEqual(sums[0], sums[1]);
  });

  it("sums up parts of its room, and tells whether that is what was noted", async () => {
    const hashes = await Hashes.load();
    const content = randomBytes(200_000);
    hashes.room(content.length).set(content);
    hashes.name("metrics-1");
    const noted = Buffer.from(
      await expected("metrics-1", Buffer.concat([content.subarray(4, 20), content.subarray(22)])),
      "hex",
    );
    const isSum = (low: number, high: number) => {
      hashes.begin();
      hashes.add(4, 20);
      hashes.add(22, content.length);
      return hashes.isSum(low, high);
    };
    const [low, high] = [noted.readUInt32LE(0), noted.readUInt32LE(4)];
    assert.equal(isSum(low, high), true);
    assert.equal(isSum(low ^ 1, high), false);
    assert.equal(isSum(low, high ^ 1), false);
  });
});
