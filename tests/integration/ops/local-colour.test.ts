import { strict as assert } from "node:assert";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalProgram } from "../../support/local-program";
import { tfdcNats } from "../../support/ops-command";

/** What works on a colour of this machine: it is found through pulumi, and its servers are ours. */
describe("a colour of this machine", function () {
  this.timeout(240_000);
  let program: LocalProgram;

  before(async () => {
    program = await LocalProgram.create();
    await program.project.ok("up", "--yes", "--skip-preview");
  });

  after(() => program?.remove());

  const run = (...words: string[]) =>
    tfdcNats(words, { cwd: program.project.directory, env: program.project.env });
  const onStack = (...words: string[]) => run(...words, "-s", "local-blue");
  const pids = () => [0, 1, 2].map((index) => program.pid(index));

  it("is healthy right after pulumi up, measured by what the stack declares", async () => {
    const { code, stdout, stderr } = await onStack("health");
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^✓ blue is healthy: 3 servers, 3 streams, 3 buckets, 0 consumers/);
  });

  it("is not found without its stack, and the command says whom it asked", async () => {
    const { code, stderr } = await run("health", "-s", "local-red");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^tfdc-nats: the stack 'local-red' cannot be read: pulumi says ".*no stack/,
    );
  });

  it("shows the order of a roll beforehand, and does nothing without a yes", async () => {
    const before = pids();
    const leader = await program.metaLeader();
    const { code, stdout } = await onStack("roll", "--dry-run");
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`3\\. nats-blue-${leader} \\(meta leader\\)$`, "m"));
    assert.equal((await onStack("roll")).code, 2);
    assert.deepEqual(pids(), before);
  });

  it("is rolled while it is written to: every server anew, no acknowledged message lost", async () => {
    const before = pids();
    const client = await program.client();
    let isDone = false;
    const acknowledged: number[] = [];
    const writing = (async () => {
      for (let index = 0; !isDone; index++) {
        // A write that fails meanwhile was not acknowledged, which is all that is promised.
        const reply = await client
          .request("events.x", String(index), { timeout: 2000 })
          .then((answer) => answer.json<{ seq?: number }>())
          .catch(() => ({ seq: undefined }));
        if (reply.seq !== undefined) {
          acknowledged.push(reply.seq);
        }
      }
    })();
    const { code, stdout, stderr } = await onStack("roll", "--yes");
    isDone = true;
    await writing;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^✓ blue: restarted nats-blue-\d, nats-blue-\d, nats-blue-\d$/m);
    assert.ok(pids().every((pid, index) => pid !== before[index]));
    const info = await client.request("$JS.API.STREAM.INFO.events_v1", "", { timeout: 5000 });
    const { state } = info.json<{ state: { messages: number; last_seq: number } }>();
    assert.ok(acknowledged.length > 100);
    assert.equal(new Set(acknowledged).size, acknowledged.length);
    assert.ok(state.messages >= acknowledged.length);
    assert.ok(state.last_seq >= Math.max(...acknowledged));
    await client.close();
  });

  it("is rolled within a minute of its start, though restored streams have it wait until then", async () => {
    const folder = join(program.project.directory, "backups");
    mkdirSync(folder);
    const backup = await onStack("backup", "--stream", "alerts_v1", "--to", folder);
    assert.equal(backup.code, 0, backup.stderr);
    const [name = ""] = readdirSync(folder);
    const restore = await onStack("restore", join(folder, name), "--replace", "--yes");
    assert.equal(restore.code, 0, restore.stderr);
    const { code, stderr } = await onStack("roll", "--yes");
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /a server has just started: nats-blue-\d says that it is not healthy: "JetStream stream 'TFDC > alerts_v1' is not current: monitor goroutine not running"; waiting \.\.\. done in \d+ s/,
    );
  });

  it("is not rolled on when the first server does not come back", async () => {
    const leader = await program.metaLeader();
    const [first = 0, second = 0] = [0, 1, 2].filter((index) => index !== leader);
    const conf = program.serverFile(first, "nats.conf");
    const text = readFileSync(conf, "utf8");
    writeFileSync(conf, `${text}\nno_such_option: true\n`);
    const before = pids();
    const { code, stderr } = await onStack("roll", "--yes");
    writeFileSync(conf, text);
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(
        `the roll stopped at nats-blue-${first}: nats-blue-${first} was started and ended at once: .*no_such_option.* Nothing was restarted\\. No other server was touched; bring nats-blue-${first} back`,
      ),
    );
    assert.deepEqual([program.pid(second), program.pid(leader)], [before[second], before[leader]]);
    const again = await onStack("roll", "--yes");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /blue cannot spare a server: the server at .* does not answer/);
  });

  it("is brought back by pulumi up, and is then healthy again", async () => {
    await program.project.ok("up", "--yes", "--skip-preview");
    const { code, stdout } = await onStack("health");
    assert.equal(code, 0, stdout);
  });
});
