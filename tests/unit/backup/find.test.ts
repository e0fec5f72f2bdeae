import { strict as assert } from "node:assert";
import { find } from "../../../components/backup/find";
import { findingsOf } from "../../../components/backup/findings";
import { archiveOf, record, snapshotFiles } from "../../support/archives";

const PIECE = 100_000;
const COUNT = 300;
const STATE = { messages: COUNT, bytes: 1, first_seq: 1, last_seq: COUNT, consumer_count: 1 };

describe("what an archive comes to", () => {
  /** An archive of several megabytes, which is read in a thread of its own. */
  async function large(): Promise<Buffer> {
    const messages = Array.from({ length: COUNT }, (_, index) =>
      record("metrics-1", BigInt(index + 1), `metrics.${index % 3}`, "x".repeat(20_000)),
    );
    const block = Buffer.concat(await Promise.all(messages));
    const files = await snapshotFiles();
    return archiveOf(files.map(([name, old]) => [name, name === "msgs/1.blk" ? block : old]));
  }

  async function* pieces(archive: Buffer) {
    for (let at = 0; at < archive.length; at += PIECE) {
      yield archive.subarray(at, at + PIECE);
    }
  }

  it("is the same where a thread of its own reads it", async () => {
    const archive = await large();
    assert.ok(archive.length > 5_000_000);
    const found = await find(pieces(archive), STATE);
    assert.deepEqual(found, await findingsOf(pieces(archive), STATE));
    assert.deepEqual([found.problems, found.disagreements], [[], []]);
    assert.deepEqual(found.contents?.subjects, {
      "metrics.0": 100,
      "metrics.1": 100,
      "metrics.2": 100,
    });
  });

  it("says what is broken in a large archive, and asks for no more of it", async () => {
    const archive = await large();
    archive.fill(0, 3_000_000, 3_000_100);
    let asked = 0;
    const { problems } = await find(
      (async function* () {
        for (let at = 0; ; at += PIECE) {
          asked += 1;
          yield archive.subarray(at % archive.length, (at % archive.length) + PIECE);
        }
      })(),
      STATE,
    );
    assert.deepEqual(problems, [
      "the compression is broken: the checksum of a chunk does not agree with its content",
    ]);
    assert.ok(asked < 100, `${asked} pieces`);
  });

  it("is nothing where the archive stops coming: the error is its sender's, early and late", async () => {
    const archive = await large();
    for (const last of [100_000, 4_000_000]) {
      const broken = (async function* () {
        yield* pieces(archive.subarray(0, last));
        throw new Error("the network is gone");
      })();
      await assert.rejects(find(broken, STATE), /^Error: the network is gone$/);
    }
  });

  it("does without the state of the stream, as where a backup has lost it", async () => {
    const { contents, disagreements, stream } = await find(pieces(await large()), undefined);
    assert.deepEqual([contents, disagreements, stream], [undefined, [], "metrics"]);
  });
});
