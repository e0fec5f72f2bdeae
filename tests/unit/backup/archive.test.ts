import { strict as assert } from "node:assert";
import { inspectArchive } from "../../../components/backup/archive/inspect";
import { archiveOf, record, snapshotFiles } from "../../support/archives";
import { s2Content, s2Plain } from "../../support/s2-writer";

describe("an archive of a stream", () => {
  async function inspect(archive: Buffer) {
    return inspectArchive(
      (async function* () {
        for (let at = 0; at < archive.length; at += 1000) {
          yield archive.subarray(at, at + 1000);
        }
      })(),
    );
  }

  type Files = [string, Buffer][];

  /** What is found after a change of the files. */
  async function problemsOf(change: (files: Files) => Files | Promise<Files>) {
    return (await inspect(await archiveOf(await change(await snapshotFiles())))).problems;
  }

  const replacing =
    (name: string, content: Buffer | string) =>
    (files: Files): Files =>
      files.map(([one, old]) => [one, one === name ? Buffer.from(content) : old]);

  it("tells its stream, its messages, and where its consumers stand", async () => {
    const { stream, problems, records, consumers } = await inspect(
      await archiveOf(await snapshotFiles()),
    );
    assert.deepEqual(problems, []);
    assert.equal(stream, "metrics");
    assert.deepEqual([records.live.first, records.live.last], [1, 3]);
    assert.deepEqual(consumers, [
      {
        name: "worker",
        config: { durable_name: "worker" },
        ackFloor: { consumer: 2, stream: 2 },
        delivered: { consumer: 3, stream: 3 },
        pending: 1,
      },
    ]);
  });

  it("tells deleted and erased messages from those that live, and reads headers", async () => {
    const records = await Promise.all([
      record("metrics-1", 5n, "a", "x", "NATS/1.0\r\nK: v\r\n\r\n"),
      record("metrics-1", 6n | (1n << 63n), "", ""),
      record("metrics-1", 5n | (1n << 62n), "", ""),
      record("metrics-1", 7n, "a", "y"),
    ]);
    const files = replacing("msgs/1.blk", Buffer.concat(records))(await snapshotFiles());
    const found = await inspect(await archiveOf(files));
    assert.deepEqual(found.problems, []);
    assert.deepEqual([found.records.live.has(5), found.records.live.has(6)], [true, false]);
    assert.deepEqual([...found.records.tombstones], [5]);
    const { live, subjects } = found.records;
    assert.deepEqual([...(subjects.counts(live, () => true) ?? [])], [["a", 2]]);
  });

  it("is found damaged by a flipped bit in any part of a record, compressed anew", async () => {
    const block = (await snapshotFiles()).find(([name]) => name === "msgs/1.blk")?.[1];
    assert.ok(block !== undefined);
    const length = block.length / 3;
    for (let at = 0; at < block.length; at++) {
      if ([20, 21].includes(at % length)) {
        // nats-server does not sum up where a subject ends; digests and compression do.
        continue;
      }
      const damaged = Buffer.from(block);
      damaged[at] = (damaged[at] ?? 0) ^ 4;
      const problems = await problemsOf(replacing("msgs/1.blk", damaged));
      assert.match(problems.join("\n"), /^msgs\/1\.blk is damaged: /, `byte ${at}`);
    }
  });

  it("quotes the server where it could not save all", async () => {
    const problems = await problemsOf((files) => [
      ...files,
      ["errors.txt", Buffer.from("no room")],
    ]);
    assert.deepEqual(problems, ['the server could not save all of it: "no room"']);
  });

  it("misses descriptions and checksums that are not there", async () => {
    const without = (gone: string) => (files: Files) => files.filter(([name]) => name !== gone);
    assert.match((await problemsOf(without("meta.inf"))).join("\n"), /meta\.inf is missing/);
    assert.deepEqual(await problemsOf(without("meta.sum")), [
      "meta.inf has no checksum: meta.sum is missing",
    ]);
    assert.deepEqual(await problemsOf(without("obs/worker/meta.sum")), [
      "the consumer worker is incomplete",
    ]);
  });

  it("finds descriptions that were changed, and files that do not belong to it", async () => {
    assert.deepEqual(await problemsOf(replacing("obs/worker/meta.inf", "{}")), [
      "obs/worker/meta.sum does not agree with what it sums up",
    ]);
    const changed = await problemsOf(replacing("meta.inf", '{"name":"metrics","sealed":true}'));
    assert.deepEqual(changed, ["meta.sum does not agree with what it sums up"]);
    assert.deepEqual(await problemsOf(replacing("obs/worker/o.dat", "nonsense")), [
      "the position of the consumer worker cannot be read",
    ]);
    assert.deepEqual(await problemsOf((files) => [...files, ["../etc/passwd", Buffer.from("x")]]), [
      "it holds ../etc/passwd, which is no file of a stream",
    ]);
  });

  it("is found cut off, within a file and between two", async () => {
    const tar = s2Content(await archiveOf(await snapshotFiles()));
    const between = (await inspect(s2Plain(tar.subarray(0, -1024)))).problems;
    assert.deepEqual(between, ["the tar has no end: files are missing"]);
    const within = (await inspect(s2Plain(tar.subarray(0, 1700)))).problems;
    assert.match(within.join("\n"), /^the tar is broken: /);
  });
});
