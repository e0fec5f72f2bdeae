import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removePartials } from "../../../../components/backup/layout";
import { removeOlder } from "../../../../ops/backup/retention";

describe("the backups that are kept", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-retention-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const make = (...names: string[]) => {
    for (const name of names) {
      mkdirSync(join(folder, name, "metrics_v1"), { recursive: true });
    }
  };

  it("are the newest of the cluster, the one that was just made among them", () => {
    make("nats-blue-20260301-020000", "nats-blue-20260302-020000", "nats-blue-20260303-020000");
    assert.deepEqual(removeOlder(join(folder, "nats-blue-20260303-020000"), 2), [
      "nats-blue-20260301-020000",
    ]);
    assert.deepEqual(readdirSync(folder), [
      "nats-blue-20260302-020000",
      "nats-blue-20260303-020000",
    ]);
  });

  it("are all where there are no more than that", () => {
    make("nats-blue-20260301-020000", "nats-blue-20260302-020000");
    assert.deepEqual(removeOlder(join(folder, "nats-blue-20260302-020000"), 2), []);
    assert.equal(readdirSync(folder).length, 2);
  });

  it("are those of other clusters, what is unfinished, and whatever else is there", () => {
    const others = [
      "nats-blue-2-20260101-020000",
      "nats-blue-20260101-020000.partial-7",
      "nats-green-20260101-020000",
      "notes",
    ];
    make(...others, "nats-blue-20260101-030000", "nats-blue-20260303-020000");
    writeFileSync(join(folder, "README"), "");
    assert.deepEqual(removeOlder(join(folder, "nats-blue-20260303-020000"), 1), [
      "nats-blue-20260101-030000",
    ]);
    const left = [...others, "nats-blue-20260303-020000", "README"];
    assert.deepEqual(readdirSync(folder).sort(), left.sort());
  });

  it("are not what a killed process of this number left: in a container all have the same", () => {
    const [own, dead, alive] = [process.pid, 1_000_001, 1_000_002].map(
      (pid) => `nats-blue-20260101-020000.partial-${pid}`,
    ) as [string, string, string];
    make(own, dead, alive);
    assert.deepEqual(removePartials(folder, (pid) => pid !== 1_000_001).sort(), [own, dead].sort());
    assert.deepEqual(readdirSync(folder), [alive]);
  });
});
