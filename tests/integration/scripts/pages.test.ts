import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ensureNatsCli } from "../../../scripts/toolchain/nats-cli";
import { typedBlocks } from "../../support/console-blocks";
import { LocalClone } from "../../support/local-clone";
import { TypedPage } from "../../support/typed-page";

const ROOT = resolve(__dirname, "../../..");
const RUNBOOKS = "docs/runbooks";

describe("the pages of the operations, typed", function () {
  this.timeout(600_000);
  let clone: LocalClone;
  let backups: string;
  let health: TypedPage;

  before(async () => {
    clone = await LocalClone.make(true);
    backups = mkdtempSync(join(tmpdir(), "tfdc-backups-"));
  });

  after(() => {
    clone?.remove();
    rmSync(backups, { recursive: true, force: true });
  });

  const page = (name: string, here: Readonly<Record<string, string>> = {}) =>
    new TypedPage(clone, name, here);

  const password = (user: string) => join(clone.folder, ".local/secrets/blue", user);

  const server = () => `127.0.0.1:${clone.ports["blue-clientPort"]}`;

  /** What the pages' examples have in blue: 1,200 messages that a consumer has not taken yet. */
  async function fill(): Promise<void> {
    const client = await clone.client();
    for (let message = 0; message < 1_200; message++) {
      await client.request("metrics.a", "x", { timeout: 10_000 });
    }
    const worker = { durable_name: "worker", ack_policy: "explicit" };
    const question = JSON.stringify({ stream_name: "metrics_v1", config: worker });
    const subject = "$JS.API.CONSUMER.CREATE.metrics_v1.worker";
    const reply = await client.request(subject, question, { timeout: 10_000 });
    assert.equal(reply.json<{ error?: unknown }>().error, undefined);
    await client.close();
  }

  it("README.md: an edit, its drift, and health", () => {
    const start = clone.npm("start");
    assert.equal(start.code, 0, start.output);
    const readme = page("README.md");
    // Typed in a clone without packages by fresh-clone.test.ts, and by whoever runs this.
    readme.skip("npm start");
    readme.skip("npm test");
    readme.next();
    readme.next();
    readme.end();
  });

  it("docs/operations/health.md: two healthy colours", () => {
    health = page("docs/operations/health.md", {
      "127.0.0.1:18224": `127.0.0.1:${Number(clone.ports["blue-monitoringPort"]) + 2}`,
      "KV_heartbeats, alerts_v1": "...",
    });
    health.next();
  });

  it("docs/pull-requests.md: the comment about the edit", () => {
    const requests = page("docs/pull-requests.md", {
      "pulumi ": "npm run -s local -- ",
      "-s blue": "-s local-blue",
    });
    const comment = requests.next();
    assert.match(comment, /### Preview of blue/);
    assert.match(comment, /Drift found.*changed: `blue-metrics\.v1`/);
    requests.end();
    const up = clone.npm("run", "local", "--", "up", "-s", "local-blue", "--yes");
    assert.equal(up.code, 0, up.output);
  });

  it("docs/operations/parity.md: what differs, and no switch to a colour that differs", async () => {
    await fill();
    const active = clone.run("npx", "tfdc-nats", "switch", "blue");
    assert.equal(active.code, 0, active.output);
    const parity = page("docs/operations/parity.md");
    parity.next(1);
    parity.next(1);
    parity.end();
  });

  it("docs/operations/troubleshooting.md: who is late, and what fills the disks", () => {
    const trouble = page("docs/operations/troubleshooting.md");
    trouble.next();
    trouble.next(1);
    trouble.end();
  });

  it("docs/operations/backup.md: blue is backed up, verified, and restored to green", () => {
    const backup = page("docs/operations/backup.md");
    backup.eachOfNext([0, 0, 1, 0], () => ({
      "nats-blue-20260301-120000": readdirSync(backups)[0] ?? "nats-blue-20260301-120000",
      "/backup": backups,
    }));
    backup.end();
    const parity = clone.run("npx", "tfdc-nats", "parity");
    assert.equal(parity.code, 0, parity.output);
  });

  it("and clients are led to green, which has blue's messages and consumers, once it is rolled", () => {
    const roll = clone.run("npx", "tfdc-nats", "roll", "green", "--yes");
    assert.equal(roll.code, 0, roll.output);
    const { code, output } = clone.run("npx", "tfdc-nats", "switch", "green");
    assert.equal(code, 0, output);
    assert.match(output, /green is active since/);
    const back = clone.run("npx", "tfdc-nats", "switch", "--back");
    assert.equal(back.code, 0, back.output);
    assert.match(back.output, /blue is active since/);
  });

  it("docs/operations/roll.md: the plan, and the roll", () => {
    const roll = page("docs/operations/roll.md");
    roll.next();
    roll.end();
  });

  it("docs/operations/generate.md: what runs, as a program declares it", () => {
    const generate = page("docs/operations/generate.md", {
      "nats.example.com:4222": server(),
      "--user ops": "--user tfdc_client",
      ".password": password("client"),
      "topology.ts": "generated.ts",
    });
    generate.next();
    generate.end();
    const program = readFileSync(join(clone.folder, "generated.ts"), "utf8");
    assert.match(program, /"metrics\.v1": \{/);
    assert.match(program, /heartbeats: \{/);
  });

  it("docs/runbooks: what tfdc-nats and nats are asked there, they answer", async () => {
    // The page of all runbooks first: it makes the contexts that the others use.
    const pages = readdirSync(join(ROOT, RUNBOOKS)).filter((name) => name !== "README.md");
    const commands = ["README.md", ...pages]
      .map((name) => readFileSync(join(ROOT, RUNBOOKS, name), "utf8"))
      .flatMap((text) => typedBlocks(text).flatMap((block) => block.commands))
      .filter((command) => /^(npx tfdc-nats|nats) /.test(command))
      .map((command) => inThisClone(command.replace(/\s+#.*/, ""), server()));
    const all = [...new Set(commands)];
    assert.ok(all.length > 20, all.join("\n"));
    const nats = dirname(await ensureNatsCli());
    const secret = (user: string) => readFileSync(password(user), "utf8").trim();
    const environment = [
      `export PATH="${nats}:$PATH" XDG_CONFIG_HOME=.nats`,
      `SYSTEM_PASSWORD=${secret("system")} CLIENT_PASSWORD=${secret("client")}`,
    ];
    for (const command of all) {
      // Events come until somebody ends it.
      const ends = command.includes(" events ") ? `timeout 2 ${command} || test $? = 124` : command;
      const run = clone.run("bash", "-c", [...environment, ends].join("\n"));
      // Late consumers are a finding.
      assert.equal(run.code, command.includes(" lag ") ? 1 : 0, `${command}\n${run.output}`);
    }
  });

  it("docs/operations/health.md: a server that is killed", async () => {
    process.kill(clone.pids()[2] ?? 0, "SIGKILL");
    await setTimeout(8_000);
    health.next(1);
    health.end();
  });
});

/** A command of a runbook, whose examples name more than this clone has. */
function inThisClone(command: string, server: string): string {
  return command
    .replace("localhost:4222", server)
    .replace("consumer report NAME", "consumer report metrics_v1")
    .replace("stream info NAME", "stream info metrics_v1")
    .replace(/stream info (?:copy|gathered)/, "stream info events_v1")
    .replace("defender-consumer", "worker");
}
