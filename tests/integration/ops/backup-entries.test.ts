import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { headers, type NatsConnection } from "nats";
import { natsCliProgram } from "../../../scripts/toolchain/nats-cli";
import { tfdcNats, wordsFor } from "../../support/ops-command";
import { TestCluster } from "../../support/test-cluster";

const run = promisify(execFile);
const MANY = 300;

describe("backup and restore on nats-server 2.15", function () {
  this.timeout(120_000);
  let newer: TestCluster;
  let older: TestCluster;
  let clients: NatsConnection[];
  let client: NatsConnection;
  let cwd: string;
  let saved: string;

  before(async () => {
    [newer, older] = await Promise.all([
      TestCluster.start({ name: "newer", version: "2.15.3", size: 1 }),
      TestCluster.start({ name: "older", size: 1 }),
    ]);
    clients = [await newer.client(), await older.client()];
    client = clients[0] as NatsConnection;
    cwd = mkdtempSync(join(tmpdir(), "tfdc-entries-"));
    for (const one of clients) {
      await fill(one);
    }
    const { code, stderr } = await command("backup", newer, "--to", cwd);
    assert.equal(code, 0, stderr);
    saved = join(cwd, readdirSync(cwd).find((name) => name.startsWith("nats-")) ?? "");
  });

  after(async () => {
    await Promise.all((clients ?? []).map((one) => one.close()));
    await Promise.all([newer?.stop(), older?.stop()]);
    rmSync(cwd, { recursive: true, force: true });
  });

  function command(name: string, cluster: TestCluster, ...words: string[]) {
    const env = { XDG_STATE_HOME: join(cwd, "locks") };
    return tfdcNats([name, ...words, ...wordsFor(cluster)], { cwd, env });
  }

  async function ask<T>(one: NatsConnection, subject: string, question: object = {}): Promise<T> {
    const reply = await one.request(`$JS.API.${subject}`, JSON.stringify(question), {
      timeout: 20_000,
    });
    return reply.json<T>();
  }

  /** Messages with headers and gaps, and a consumer in the middle of its work. */
  async function fill(one: NatsConnection): Promise<void> {
    await ask(one, "STREAM.CREATE.metrics", { name: "metrics", subjects: ["metrics.>"] });
    for (let index = 0; index < MANY; index++) {
      const marks = headers();
      marks.set("Index", String(index));
      await one.request(`metrics.${index % 7}`, `message ${index} ${"x".repeat(index)}`, {
        timeout: 20_000,
        ...(index % 3 === 0 ? { headers: marks } : {}),
      });
    }
    for (const seq of [10, 11, 200, MANY]) {
      await ask(one, "STREAM.MSG.DELETE.metrics", { seq });
    }
    const config = {
      durable_name: "worker",
      name: "worker",
      ack_policy: "explicit",
      ack_wait: 3e11,
    };
    await ask(one, "CONSUMER.CREATE.metrics.worker", { stream_name: "metrics", config });
    const inbox = one.subscribe("worker.inbox", { max: 50 });
    one.publish("$JS.API.CONSUMER.MSG.NEXT.metrics.worker", JSON.stringify({ batch: 50 }), {
      reply: "worker.inbox",
    });
    let count = 0;
    for await (const message of inbox) {
      if (++count <= 40) {
        await one.request(message.reply ?? "", "+ACK", { timeout: 20_000 });
      }
    }
  }

  interface Consumer {
    readonly delivered: object;
    readonly ack_floor: object;
    readonly num_ack_pending: number;
    readonly num_pending: number;
  }

  /** All that a reader of the stream can see. */
  async function seen(one: NatsConnection) {
    const messages: unknown[] = [];
    for (let seq = 1; seq <= MANY; seq++) {
      const { message } = await ask<{ message?: object }>(one, "STREAM.MSG.GET.metrics", { seq });
      messages.push(message);
    }
    const { state } = await ask<{ state: { first_seq: number; last_seq: number } }>(
      one,
      "STREAM.INFO.metrics",
    );
    const worker = await ask<Consumer>(one, "CONSUMER.INFO.metrics.worker");
    const places = ({ delivered, ack_floor, num_ack_pending, num_pending }: Consumer) => {
      const positions = [delivered, ack_floor].map((pair) => {
        const { consumer_seq, stream_seq } = pair as Record<string, number>;
        return [consumer_seq, stream_seq];
      });
      return [...positions, num_ack_pending, num_pending];
    };
    return { messages, ends: [state.first_seq, state.last_seq], worker: places(worker) };
  }

  it("saves what the server sends under the name of the nats command line, and verifies it", async () => {
    assert.deepEqual(readdirSync(join(saved, "metrics")).sort(), [
      "backup.json",
      "manifest.json",
      "stream.arc.s2",
    ]);
    const { code, stdout, stderr } = await tfdcNats(["verify", saved, "--drill"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /✓ metrics: 296 messages, 1 consumer; .*; restored for a try, and equal/);
  });

  it("restores message by message, and consumers where they stood", async () => {
    const before = await seen(client);
    const { code, stderr } = await command("restore", newer, saved, "--replace", "--yes");
    assert.equal(code, 0, stderr);
    assert.deepEqual(await seen(client), before);
  });

  it("finds damage before anything is written", async () => {
    const damaged = join(cwd, "damaged");
    cpSync(saved, damaged, { recursive: true });
    const file = join(damaged, "metrics", "stream.arc.s2");
    const content = readFileSync(file);
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    writeFileSync(file, content);
    const { code, stderr } = await command("restore", newer, damaged, "--replace", "--yes");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /the compression is broken: [\s\S]*cannot be restored as it is; nothing was written/,
    );
  });

  it("does not send it to an older server, whose stream stays", async () => {
    const before = await seen(clients[1] as NatsConnection);
    const { code, stderr } = await command("restore", older, saved, "--replace", "--yes");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /metrics cannot be restored there: nats-server 2\.15 or newer wrote the archive, .*; there runs 2\.10\.29\. Nothing was written\./,
    );
    assert.deepEqual(await seen(clients[1] as NatsConnection), before);
  });

  it("restores the tar of an older server", async () => {
    const to = join(cwd, "older");
    const backup = await command("backup", older, "--to", to);
    assert.equal(backup.code, 0, backup.stderr);
    const tar = join(to, readdirSync(to)[0] ?? "");
    assert.ok(existsSync(join(tar, "metrics", "stream.tar.s2")));
    const { code, stderr } = await command("restore", newer, tar, "--replace", "--yes");
    assert.equal(code, 0, stderr);
    const [there, here] = [await seen(clients[1] as NatsConnection), await seen(client)];
    assert.deepEqual(here, there);
  });

  it("saves and restores what is in memory as well, a stream and its consumer", async () => {
    const to = join(cwd, "memory");
    const name = "volatile";
    await ask(client, `STREAM.CREATE.${name}`, { name, subjects: [name], storage: "memory" });
    for (let index = 0; index < 5; index++) {
      await client.request(name, String(index), { timeout: 20_000 });
    }
    const config = { name: "passing", ack_policy: "explicit", mem_storage: true };
    const question = { stream_name: name, config: { ...config, inactive_threshold: 3e11 } };
    await ask(client, `CONSUMER.CREATE.${name}.passing`, question);
    const made = await command("backup", newer, "--to", to, "--stream", name);
    assert.equal(made.code, 0, made.stderr);
    assert.doesNotMatch(made.stderr, /not saved/);
    await ask(client, `STREAM.DELETE.${name}`);
    const back = await command("restore", newer, join(to, readdirSync(to)[0] ?? ""));
    assert.equal(back.code, 0, back.stderr);
    const { state } = await ask<{ state: object }>(client, `STREAM.INFO.${name}`);
    const { messages, consumer_count } = state as Record<string, number>;
    assert.deepEqual([messages, consumer_count], [5, 1]);
    await ask(client, `STREAM.DELETE.${name}`);
  });

  it("exchanges backups with the nats command line", async () => {
    const nats = await natsCliProgram();
    const server = ["--server", newer.servers[0] ?? ""];
    const theirs = join(cwd, "theirs");
    await run(nats, [...server, "stream", "backup", "--consumers", "metrics", theirs]);
    assert.ok(existsSync(join(theirs, "stream.arc.s2")));
    const before = await seen(client);
    const ours = await command("restore", newer, theirs, "--replace", "--yes");
    assert.equal(ours.code, 0, ours.stderr);
    assert.deepEqual(await seen(client), before);
    await ask(client, "STREAM.DELETE.metrics");
    await run(nats, [...server, "stream", "restore", join(saved, "metrics")]);
    assert.deepEqual((await seen(client)).ends, [1, MANY]);
  });
});
