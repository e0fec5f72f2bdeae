import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disagreements } from "../../../components/backup/agreement";
import { formatRefusal } from "../../../components/backup/archive/formats";
import { inspectArchive } from "../../../components/backup/archive/inspect";
import { checkBackup } from "../../../components/backup/check";
import { archivedContents } from "../../../components/backup/manifest";
import { drillVersion } from "../../../ops/backup/drill";
import { ENTRY_STATE, type Entry, entriesOf, snapshotEntries } from "../../support/archives";
import { S2_BEGIN, s2Chunk, s2Plain, s2Sum } from "../../support/s2-writer";

describe("an archive of nats-server 2.15", () => {
  async function inspect(archive: Buffer, size = 1000) {
    return inspectArchive(
      (async function* () {
        for (let at = 0; at < archive.length; at += size) {
          yield archive.subarray(at, at + size);
        }
      })(),
    );
  }

  async function problemsOf(change: (entries: Entry[]) => Entry[]) {
    return (await inspect(s2Plain(entriesOf(change(snapshotEntries()))))).problems;
  }

  it("tells its messages, their subjects and bytes, and where its consumers stand", async () => {
    const inspection = await inspect(s2Plain(entriesOf(snapshotEntries())));
    assert.deepEqual(inspection.problems, []);
    assert.deepEqual([inspection.format, inspection.bytes], ["arc", ENTRY_STATE.bytes]);
    assert.deepEqual(disagreements(ENTRY_STATE, inspection), []);
    assert.deepEqual(archivedContents(inspection, ENTRY_STATE), {
      messages: 3,
      firstSequence: 1,
      lastSequence: 3,
      subjects: { "metrics.a": 3 },
      consumers: [
        {
          name: "worker",
          ackFloor: { consumer: 2, stream: 2 },
          delivered: { consumer: 3, stream: 3 },
          pending: 1,
        },
      ],
    });
  });

  it("is read alike in blocks of any size", async () => {
    const data = entriesOf(snapshotEntries());
    for (const size of [1, 2, 3, 7, 64]) {
      const chunks = [S2_BEGIN];
      for (let at = 0; at < data.length; at += size) {
        const block = data.subarray(at, at + size);
        chunks.push(s2Chunk(0x01, Buffer.concat([s2Sum(block), block])));
      }
      const { problems, records, consumers } = await inspect(Buffer.concat(chunks));
      assert.deepEqual(problems, [], `blocks of ${size}`);
      assert.deepEqual([records.live.last, consumers.length], [3, 1]);
    }
  });

  it("is broken wherever it is cut off", async () => {
    const data = entriesOf(snapshotEntries());
    for (let length = 8; length < data.length; length++) {
      const { problems } = await inspect(s2Plain(data.subarray(0, length)));
      assert.notDeepEqual(problems, [], `${length} bytes`);
    }
    const archive = s2Plain(data);
    for (let length = 0; length < archive.length; length++) {
      assert.notDeepEqual((await inspect(archive.subarray(0, length))).problems, []);
    }
  });

  it("is broken where a byte is another one", async () => {
    const archive = s2Plain(entriesOf(snapshotEntries()));
    for (let at = 0; at < archive.length; at++) {
      const damaged = Buffer.from(archive);
      damaged[at] = (damaged[at] ?? 0) ^ 4;
      assert.notDeepEqual((await inspect(damaged)).problems, [], `byte ${at}`);
    }
  });

  it("has to have its end, and nothing behind it", async () => {
    assert.deepEqual(await problemsOf((entries) => entries.slice(0, -1)), [
      "the archive has no end: messages are missing",
    ]);
    assert.deepEqual(await problemsOf((entries) => [...entries, { name: "" }]), [
      "the archive is broken: it goes on after its end",
    ]);
  });

  it("has to begin with one state, and to hold the consumers that it counts", async () => {
    assert.deepEqual(await problemsOf((entries) => entries.slice(2)), [
      "the archive is broken: it begins with a message, and not with one state.json",
      "it does not say what the stream held: state.json is missing",
    ]);
    assert.deepEqual(await problemsOf(([state, , ...rest]) => [state as Entry, ...rest]), [
      "it holds 0 consumers, and says that there are 1",
    ]);
    assert.deepEqual(
      await problemsOf((entries) =>
        entries.map((one) => (one.name === "consumers/worker" ? { ...one, payload: "{}" } : one)),
      ),
      ["the consumer worker is incomplete"],
    );
  });

  it("has its messages in order, and none that the stream did not have", async () => {
    const sequences = (given: number[]) => (entries: Entry[]) =>
      entries.map((one) =>
        one.sequence === undefined ? one : { ...one, sequence: given[one.sequence - 1] },
      );
    assert.deepEqual(await problemsOf(sequences([1, 1, 3])), [
      "the archive is broken: the message 1 comes after 1",
    ]);
    assert.deepEqual(await problemsOf(sequences([1, 2, 4])), [
      "the archive is broken: the message 4 is none of the stream's, which had 1 to 3",
    ]);
  });

  it("disagrees with the server where a message is missing, or is of another length", async () => {
    const without = snapshotEntries().filter(({ sequence }) => sequence !== 2);
    const short = await inspect(s2Plain(entriesOf(without)));
    assert.deepEqual(short.problems, []);
    assert.deepEqual(disagreements(ENTRY_STATE, short), [
      "messages are missing: the stream held 3, the archive holds 2",
    ]);
    assert.deepEqual(disagreements(ENTRY_STATE, short, { max_msgs_per_subject: 1 }), []);
    const longer = snapshotEntries().map((one) =>
      one.sequence === 3 ? { ...one, payload: "message 3!" } : one,
    );
    assert.deepEqual(disagreements(ENTRY_STATE, await inspect(s2Plain(entriesOf(longer)))), [
      "the messages of the stream had 166 bytes, and those of the archive have 167",
    ]);
    const whole = await inspect(s2Plain(entriesOf(snapshotEntries())));
    assert.deepEqual(disagreements({ ...ENTRY_STATE, last_seq: 4 }, whole), [
      "it is of a stream with last_seq 3, and the server told of one with 4",
    ]);
  });

  describe("in a folder", () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tfdc-entries-"));
      const description = { config: { name: "metrics" }, state: ENTRY_STATE };
      writeFileSync(join(folder, "backup.json"), JSON.stringify(description));
    });

    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("is checked under either name, and told by what is in it", async () => {
      for (const name of ["stream.arc.s2", "stream.tar.s2"]) {
        writeFileSync(join(folder, name), s2Plain(entriesOf(snapshotEntries())));
        const { problems, format } = await checkBackup(folder);
        assert.deepEqual([problems, format], [[], "arc"]);
        rmSync(join(folder, name));
      }
    });

    it("is refused beside a tar, and where it begins otherwise", async () => {
      const file = join(folder, "stream.arc.s2");
      writeFileSync(file, s2Plain(entriesOf(snapshotEntries(), "NATSARC2")));
      assert.equal(
        (await checkBackup(folder)).problems[0],
        "stream.arc.s2 does not begin with NATSARC1",
      );
      writeFileSync(join(folder, "stream.tar.s2"), "");
      assert.deepEqual((await checkBackup(folder)).problems, [
        "it holds both stream.tar.s2 and stream.arc.s2: one of them is of another backup",
      ]);
    });
  });

  it("is refused to older servers, and needs a newer one for a drill", () => {
    const backup = { folder: "/b", stream: "metrics", format: "arc" as const, problems: [] };
    assert.equal(formatRefusal([backup], ["2.15.3"]), undefined);
    assert.equal(formatRefusal([{ ...backup, format: "tar" }], ["2.10.29"]), undefined);
    assert.equal(
      formatRefusal([backup], ["2.15.3", "2.14.10"]),
      "metrics cannot be restored there: nats-server 2.15 or newer wrote the archive, in the format NATSARC1, and only nats-server 2.15 or newer reads it; there runs 2.14.10. Nothing was written. Upgrade all servers of that cluster first, or restore to one of 2.15 or newer.",
    );
    assert.equal(drillVersion([{ ...backup, format: "tar" }]), "2.10.29");
    assert.throws(
      () => drillVersion([backup], "2.14.10"),
      /^UserError: the drill cannot restore metrics: only nats-server 2\.15\.0 or newer reads the archive, and the drill would be one of 2\.14\.10; put a nats-server of 2\.15 or newer on the PATH, and name its version with --server-version\.$/,
    );
  });
});
