import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkBackup } from "../../../components/backup/check";
import { type Manifest, summed } from "../../../components/backup/manifest";
import { archiveOf, snapshotFiles } from "../../support/archives";

const STATE = { messages: 3, bytes: 99, first_seq: 1, last_seq: 3, consumer_count: 1 };

describe("the check of a backup", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-check-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes a backup with that archive, whose manifest says that this is what was written. */
  function write(archive: Buffer): void {
    const description = JSON.stringify({ config: { name: "metrics" }, state: STATE });
    writeFileSync(join(folder, "backup.json"), description);
    writeFileSync(join(folder, "stream.tar.s2"), archive);
    const digest = (content: string | Buffer) => ({
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
    });
    change(() =>
      summed({
        format: 1,
        tool: "tfdc-nats",
        cluster: "nats-blue",
        serverVersion: "2.10.29",
        stream: "metrics",
        start: "2026-03-01T12:00:00.000Z",
        end: "2026-03-01T12:00:01.000Z",
        files: { "stream.tar.s2": digest(archive), "backup.json": digest(description) },
        archive: [],
        state: STATE,
        messages: 3,
        firstSequence: 1,
        lastSequence: 3,
        subjects: { "metrics.a": 3 },
        consumers: [],
      }),
    );
  }

  function change(to: (manifest: Manifest) => object): void {
    const path = join(folder, "manifest.json");
    const manifest = (() => {
      try {
        return JSON.parse(readFileSync(path, "utf8")) as Manifest;
      } catch {
        return {} as Manifest;
      }
    })();
    writeFileSync(path, JSON.stringify(to(manifest), undefined, 2));
  }

  it("takes what its manifest says where the digests agree, and reads no record again", async () => {
    write(Buffer.from("no archive at all"));
    const { problems, contents } = await checkBackup(folder);
    assert.deepEqual(problems, []);
    assert.deepEqual([contents?.messages, contents?.subjects], [3, { "metrics.a": 3 }]);
  });

  it("reads every record again where it is asked to", async () => {
    write(Buffer.from("no archive at all"));
    const { problems } = await checkBackup(folder, { isThorough: true });
    assert.match(problems.join("\n"), /^the compression is broken: /);
  });

  it("reads every record where the manifest cannot be held against itself", async () => {
    write(Buffer.from("no archive at all"));
    change(({ sum: _, ...rest }) => rest);
    const { problems } = await checkBackup(folder);
    assert.match(problems.join("\n"), /^the compression is broken: /);
  });

  it("finds a manifest that somebody has changed", async () => {
    write(await archiveOf(await snapshotFiles()));
    change((manifest) => ({ ...manifest, messages: 4 }));
    const { problems, contents } = await checkBackup(folder);
    assert.deepEqual(problems, ["manifest.json is not what was written: its own SHA-256 differs"]);
    assert.equal(contents?.messages, 3);
  });

  it("finds an archive of the same length that is not what was written", async () => {
    const archive = await archiveOf(await snapshotFiles());
    write(archive);
    const other = Buffer.from(archive);
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
    writeFileSync(join(folder, "stream.tar.s2"), other);
    const { problems } = await checkBackup(folder);
    assert.ok(
      problems.includes("stream.tar.s2 is not what was written: its SHA-256 differs"),
      problems.join("\n"),
    );
  });

  it("comes to the same, read whole or by its digests", async () => {
    write(await archiveOf(await snapshotFiles()));
    const [quick, whole] = [
      await checkBackup(folder),
      await checkBackup(folder, { isThorough: true }),
    ];
    assert.deepEqual([quick.problems, whole.problems], [[], []]);
    assert.deepEqual(quick.contents?.subjects, whole.contents?.subjects);
    assert.equal(quick.contents?.messages, whole.contents?.messages);
  });

  it("finds files of two streams in one folder", async () => {
    write(await archiveOf(await snapshotFiles()));
    change(({ sum: _, ...rest }) => summed({ ...rest, stream: "alerts" }));
    const { problems } = await checkBackup(folder);
    assert.deepEqual(problems, [
      "backup.json is of the stream metrics, and manifest.json of alerts",
    ]);
  });
});
