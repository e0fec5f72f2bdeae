import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LocalClone } from "../../support/local-clone";
import { isAlive } from "../../support/local-program";
import { TypedPage } from "../../support/typed-page";

describe("a fresh clone", function () {
  this.timeout(600_000);
  let made: LocalClone;
  let clone: string;
  const npm = (...words: string[]) => made.npm(...words);
  const place = () => made.place();
  const pids = () => made.pids();

  before(async () => {
    made = await LocalClone.make();
    clone = made.folder;
  });

  after(() => made?.remove());

  it("brings both colours up with npm start, and says where they are and what to try", () => {
    const output = new TypedPage(made, "README.md").next();
    for (const colour of ["blue", "green"]) {
      assert.ok(output.includes(`nats://127.0.0.1:${made.ports[`${colour}-clientPort`]}`), output);
      assert.ok(
        output.includes(`http://127.0.0.1:${made.ports[`${colour}-monitoringPort`]}`),
        output,
      );
      assert.ok(output.includes(`password in .local/secrets/${colour}/client`));
    }
    for (const words of ["metrics_v1", "alerts_v1", "events_v1", "assignments_v1", "heartbeats"]) {
      assert.ok(output.includes(words));
    }
    assert.match(output, /npm run local -- preview -s local-blue --diff/);
    assert.ok(pids().every(isAlive));
  });

  it("has the command for operations ready, which finds both colours healthy", () => {
    const { code, stdout, output } = made.run("npx", "tfdc-nats", "health");
    assert.equal(code, 0, output);
    assert.match(stdout, /^✓ blue is healthy: 3 servers, 3 streams, 3 buckets.*\n✓ green is/);
  });

  it("has the command bring both colours up, one after the other, which changes nothing", () => {
    const before = pids();
    const { code, stdout, stderr, output } = made.run("npx", "tfdc-nats", "init");
    assert.equal(code, 0, output);
    assert.match(stdout, /^✓ blue is healthy: .*\n✓ green is healthy: /);
    assert.match(stderr, /local-blue: pulumi up \.\.\. done in \d+ s\nlocal-blue: settling/);
    assert.deepEqual(pids(), before);
  });

  it("changes nothing when started again, and says so", () => {
    const before = pids();
    const { code, output } = npm("start");
    assert.equal(code, 0, output);
    assert.match(output, /local-blue: nothing changed\nlocal-green: nothing changed/);
    assert.deepEqual(pids(), before);
  });

  it("shows an edit behind Pulumi's back with the commands that it names", () => {
    assert.match(npm("run", "edit", "--", "blue", "metrics_v1", "maxAge=3d").output, /is "3d" now/);
    const diff = npm("run", "local", "--", "preview", "-s", "local-blue", "--diff");
    assert.match(diff.output, /~ maxAge: "3d" => "7d"/);
    const strict = npm("run", "local", "--", "preview", "-s", "local-blue", "--expect-no-changes");
    assert.equal(strict.code, 7, strict.output);
    assert.match(npm("start").output, /local-blue: 1 updated/);
  });

  it("says how to edit where the words are wrong", () => {
    const { code, output } = npm("run", "edit", "--", "blue", "metrics_v1", "maxage=3d");
    assert.equal(code, 1);
    assert.match(output, /usage: npm run edit -- <colour> <stream> <property>=<value>/);
  });

  it("goes on where a killed pulumi left off, and says so", async () => {
    const locks = join(clone, ".local/state/.pulumi/locks/organization/tfdc-nats/local-blue");
    rmSync(locks, { recursive: true, force: true });
    const interrupted = spawn("npm", ["start"], { ...place(), stdio: "ignore" });
    const ended = once(interrupted, "exit");
    let lock: string | undefined;
    while (lock === undefined) {
      assert.equal(interrupted.exitCode, null, "npm start ended before it changed anything");
      await setTimeout(20);
      lock = (existsSync(locks) ? readdirSync(locks) : []).find((name) => name.endsWith(".json"));
    }
    const { pid } = JSON.parse(readFileSync(join(locks, lock), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    assert.deepEqual(await ended, [1, null]);
    // Had it been writing the state, this would be empty for a moment.
    writeFileSync(join(clone, ".local/state/.pulumi/stacks/tfdc-nats/local-blue.json.attrs"), "");
    const { code, output } = npm("start");
    assert.equal(code, 0, output);
    assert.match(output, /^local-blue: the last pulumi was ended while it wrote the state/m);
    assert.ok(
      output.includes(
        `local-blue: the last pulumi (pid ${pid}) was ended halfway; its lock is removed`,
      ),
      output,
    );
  });

  it("sets the configuration in the file of the checkout, and leaves it alone otherwise", () => {
    const path = join(clone, "Pulumi.local-blue.yaml");
    const before = readFileSync(path, "utf8");
    assert.doesNotMatch(before, /encryptionsalt/);
    assert.equal(npm("run", "local", "--", "stack", "select", "local-blue").code, 0);
    assert.match(npm("run", "local", "--", "preview").output, /13 unchanged/);
    assert.equal(readFileSync(path, "utf8"), before);
    const words = ["-s", "local-blue", "config", "set", "writeDeadline", "11s"];
    assert.equal(npm("run", "local", "--", ...words).code, 0);
    assert.equal(readFileSync(path, "utf8"), `${before}  tfdc-nats:writeDeadline: 11s\n`);
    const { output } = npm("run", "local", "--", "preview", "-s", "local-blue", "--diff");
    assert.match(output, /~ writeDeadline: "10s" => "11s"/);
    writeFileSync(path, before);
  });

  it("does not stop over messages without being told to", async () => {
    const client = await made.client();
    await client.request("metrics.a", "x");
    await client.close();
    const { code, output } = npm("stop");
    assert.equal(code, 2, output);
    assert.match(
      output,
      /blue holds 1 message\. Taking down deletes them\. Nothing was done; say so with: npm stop -- --yes/,
    );
    assert.ok(pids().every(isAlive));
  });

  it("stops with npm stop, also what does not run, and leaves no process", async () => {
    // As a reboot ends them.
    const green = pids().slice(3);
    for (const pid of green) {
      process.kill(pid, "SIGTERM");
    }
    while (green.some(isAlive)) {
      await setTimeout(100);
    }
    const { code, output } = npm("stop", "--", "--yes");
    assert.equal(code, 0, output);
    assert.match(
      output,
      /local-green: its servers do not run; pulumi up, to take it down in order/,
    );
    assert.match(output, /blue and green: taken down\./);
    const running = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    assert.ok(!running.includes(join(clone, ".local")), running);
    assert.match(npm("stop").output, /Neither colour is up on this machine\./);
  });
});
