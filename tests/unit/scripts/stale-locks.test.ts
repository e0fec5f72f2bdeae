import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { clearStaleLocks, refuseHeld } from "../../../scripts/local/stale-locks";

describe("clearStaleLocks", () => {
  let folder: string;
  let said: string[];
  const say = (line: string) => said.push(line);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "locks-"));
    said = [];
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function lock(pid: number, host = hostname()): string {
    const path = join(folder, "lock.json");
    const timestamp = "2026-01-01T00:00:00Z";
    writeFileSync(path, JSON.stringify({ pid, hostname: host, timestamp }));
    return path;
  }

  it("does nothing where there is no lock", () => {
    clearStaleLocks(join(folder, "none"), "local-blue", say);
    assert.deepEqual(said, []);
  });

  it("removes the lock of a pulumi that is dead and what the backend keeps beside it", () => {
    const path = lock(2 ** 22 - 1);
    writeFileSync(`${path}.attrs`, '{"user.content_type":"text/plain; charset=utf-8"}');
    assert.deepEqual(clearStaleLocks(folder, "local-blue", say), []);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(said, [
      `local-blue: the last pulumi (pid ${2 ** 22 - 1}) was ended halfway; its lock is removed`,
    ]);
  });

  it("takes no notice of what a lock left beside itself", () => {
    writeFileSync(join(folder, "lock.json.attrs"), "{}");
    assert.deepEqual(clearStaleLocks(folder, "local-blue", say), []);
  });

  it("removes a lock whose number belongs to another program by now", () => {
    const path = lock(process.ppid);
    clearStaleLocks(folder, "local-blue", say);
    assert.equal(existsSync(path), false);
  });

  it("leaves the lock of a living pulumi alone, and names it", async () => {
    const pulumi = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)", "pulumi"]);
    const path = lock(pulumi.pid ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const held = clearStaleLocks(folder, "local-blue", say);
    assert.throws(() => refuseHeld(held, "local-blue"), {
      message: `local-blue is being changed by another pulumi (pid ${pulumi.pid} on ${hostname()}, since 2026-01-01T00:00:00Z); wait until it has ended, or end it and run this again.`,
    });
    assert.equal(existsSync(path), true);
    pulumi.kill();
  });

  it("leaves a lock of another machine alone, and says how to remove it", () => {
    const path = lock(1, "elsewhere");
    const held = clearStaleLocks(folder, "local-blue", say);
    assert.throws(() => refuseHeld(held, "local-blue"), {
      message:
        "local-blue is being changed by another pulumi (pid 1 on elsewhere, since 2026-01-01T00:00:00Z); if it does not run any more, remove its lock with: npm run local -- cancel -s local-blue --yes.",
    });
    assert.equal(existsSync(path), true);
  });

  it("refuses nothing where no lock is held", () => {
    assert.doesNotThrow(() => refuseHeld([], "local-blue"));
  });
});
