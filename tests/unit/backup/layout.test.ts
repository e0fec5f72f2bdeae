import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { giveName, partialName } from "../../../components/backup/layout";

const NOW = new Date("2026-03-01T12:00:59.900Z");

describe("the name of a backup", () => {
  let parent: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "tfdc-layout-"));
  });

  afterEach(() => {
    rmSync(parent, { recursive: true });
  });

  function complete(pid: number): string {
    const partial = partialName(join(parent, "nats-blue"), pid);
    mkdirSync(partial);
    writeFileSync(join(partial, "content"), `${pid}`);
    return giveName(partial, parent, "blue", NOW);
  }

  it("is the cluster's and the second's", () => {
    assert.equal(complete(1), join(parent, "nats-blue-20260301-120059"));
  });

  it("is the next second's where another backup has it, and neither is lost", () => {
    complete(1);
    complete(2);
    complete(3);
    assert.deepEqual(readdirSync(parent).sort(), [
      "nats-blue-20260301-120059",
      "nats-blue-20260301-120100",
      "nats-blue-20260301-120101",
    ]);
  });

  it("is not given to what is not there", () => {
    assert.throws(() => giveName(join(parent, "none"), parent, "blue", NOW), { code: "ENOENT" });
  });
});
