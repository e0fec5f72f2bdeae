import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import type { NatsConnection } from "nats";
import type { Cluster } from "../../../ops/cluster/cluster";
import { askJetStream } from "../../support/jetstream-request";
import { asCluster, type CommandRun, checkoutWith, tfdcNats } from "../../support/ops-command";
import { TestCluster } from "../../support/test-cluster";

const STREAM = { name: "metrics", subjects: ["metrics.>"], num_replicas: 3, storage: "file" };
const WORKER = { durable_name: "worker", name: "worker", ack_policy: "explicit", ack_wait: 60e9 };

/** What lag, parity, purge, storage and split-brain say of real clusters with real trouble. */
describe("the troubleshooting commands on two clusters", function () {
  this.timeout(120_000);
  let blue: TestCluster;
  let green: TestCluster;
  let clients: Record<"blue" | "green", NatsConnection>;
  let cwd: string;

  before(async () => {
    blue = await TestCluster.start({ name: "blue" });
    green = await TestCluster.start({ name: "green", size: 1 });
    clients = { blue: await blue.client(), green: await green.client() };
    // Colours of this machine, which is all that switching asks of their servers' processes.
    const processes = [{ directory: ".", passwords: {} }] as unknown as Cluster["processes"];
    cwd = checkoutWith({
      blue: { ...asCluster(blue), processes },
      green: { ...asCluster(green), processes },
    });
    await ask("blue", "STREAM.CREATE.metrics", STREAM);
    await ask("green", "STREAM.CREATE.metrics", { ...STREAM, num_replicas: 1 });
  });

  after(async () => {
    await Promise.all(Object.values(clients ?? {}).map((client) => client.close()));
    await Promise.all([blue?.stop(), green?.stop()]);
    rmSync(cwd, { recursive: true, force: true });
  });

  const run = (...words: string[]): Promise<CommandRun> => tfdcNats(words, { cwd });

  async function ask(colour: "blue" | "green", subject: string, question: object = {}) {
    for (let attempt = 0; ; attempt++) {
      type Answer = { error?: { err_code: number } };
      const reply = await askJetStream<Answer>(clients[colour], subject, question);
      if (reply.error === undefined) {
        return reply;
      }
      assert.ok(attempt < 5, JSON.stringify(reply.error));
    }
  }

  async function publish(colour: "blue" | "green", count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await clients[colour].request(`metrics.${index % 2}`, "x");
    }
  }

  it("parity names the one property that differs, ends with 1, and with 0 once it is equal", async () => {
    const different = await run("parity");
    assert.equal(different.code, 1, different.stderr);
    assert.match(different.stdout, /^stream {2}metrics {2}configuration: replicas {2}3 {5}1$/m);
    await ask("blue", "STREAM.UPDATE.metrics", { ...STREAM, num_replicas: 1 });
    const equal = await run("parity");
    assert.equal(equal.stdout, "✓ blue and green are equal: 1 stream, 0 buckets, 0 consumers\n");
    assert.equal(equal.code, 0);
    await ask("blue", "STREAM.UPDATE.metrics", STREAM);
  });

  it("parity compares what is stored, unless only the configuration is asked for", async () => {
    await ask("green", "STREAM.DELETE.metrics");
    await ask("blue", "STREAM.DELETE.metrics");
    await ask("green", "STREAM.CREATE.metrics", { ...STREAM, num_replicas: 1 });
    await ask("blue", "STREAM.CREATE.metrics", { ...STREAM, num_replicas: 1 });
    await publish("blue", 10);
    const json = await run("parity", "-o", "json");
    assert.equal(json.code, 1);
    const { differences } = JSON.parse(json.stdout) as { differences: { property: string }[] };
    assert.deepEqual(
      differences.map(({ property }) => property),
      ["messages", "bytes", "firstSequence", "lastSequence"],
    );
    assert.equal((await run("parity", "--config-only")).code, 0);
    assert.match(
      (await run("parity", "--markdown")).stdout,
      /^\| stream \| metrics \| state: mess/m,
    );
  });

  it("switch keeps clients where they are while the other colour is not equal", async () => {
    const none = await run("switch");
    assert.equal(none.code, 2);
    assert.match(
      none.stderr,
      /no colour has been made active yet; do so with: tfdc-nats switch blue/,
    );
    const first = await run("switch", "blue");
    assert.equal(first.code, 0, first.stderr);
    const url = blue.servers.map((address) => `nats://${address}`).join(",");
    assert.match(first.stdout, /^blue is active since 2\d{3}-/);
    assert.ok(first.stdout.trim().endsWith(url));
    const refused = await run("switch", "green");
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /✗ blue and green are not equal: 4 differences in metrics; see tfdc-nats parity blue green\n.*not switched to green: blue stays active/,
    );
    assert.match((await run("switch")).stdout, /^blue is active/);
  });

  it("switch goes in spite of it where it is told, and returns", async () => {
    const forced = await run("switch", "green", "--force", "-o", "json");
    assert.equal(forced.code, 0, forced.stderr);
    const { colour, before, url } = JSON.parse(forced.stdout);
    assert.deepEqual([colour, before, url], ["green", "blue", `nats://${green.servers[0]}`]);
    const back = await run("switch", "--back");
    assert.equal(back.code, 0, back.stderr);
    assert.match((await run("switch")).stdout, /^blue is active/);
  });

  it("lag names the consumer that is behind, and that nobody asks for its messages", async () => {
    await ask("blue", "CONSUMER.CREATE.metrics.worker", { stream_name: "metrics", config: WORKER });
    assert.equal((await run("lag", "blue")).code, 0);
    const late = await run("lag", "blue", "--most", "5");
    assert.equal(late.code, 1);
    assert.match(late.stdout, /^metrics {2}worker {4}10 {7}0 /m);
    assert.match(late.stdout, /metrics > worker: no worker asks for messages; start the workers/);
  });

  it("lag names messages that are delivered and never acknowledged", async () => {
    const config = { ...WORKER, max_ack_pending: 4 };
    await ask("blue", "CONSUMER.CREATE.metrics.worker", { stream_name: "metrics", config });
    const inbox = clients.blue.subscribe("inbox", { max: 4 });
    clients.blue.publish("$JS.API.CONSUMER.MSG.NEXT.metrics.worker", JSON.stringify({ batch: 4 }), {
      reply: "inbox",
    });
    for await (const _ of inbox) {
      // Four messages, and none of them is acknowledged.
    }
    const late = await run("lag", "blue", "--most", "5");
    assert.match(
      late.stdout,
      /4 messages wait for an acknowledgement, which is its max_ack_pending/,
    );
  });

  it("purge says what goes, does nothing without a yes, and keeps the newest", async () => {
    const asked = await run("purge", "blue", "metrics", "--keep", "6");
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /4 of 10 messages in metrics on blue .* will be deleted for good/);
    const done = await run("purge", "blue", "metrics", "--keep", "6", "--yes");
    assert.equal(done.stdout, "metrics on blue: 4 messages deleted.\n");
    const branch = ["--subject", "metrics.1", "--keep", "1", "--yes", "-o", "json"];
    const one = await run("purge", "blue", "metrics", ...branch);
    assert.deepEqual(JSON.parse(one.stdout), {
      cluster: "blue",
      stream: "metrics",
      purged: 2,
      kept: 1,
    });
    const nothing = await run("purge", "blue", "metrics", "--keep", "100");
    assert.match(nothing.stdout, /holds 4 such messages: nothing goes/);
  });

  it("purge refuses what is not there, what is a bucket, and what must not be purged", async () => {
    const purge = (stream: string) => run("purge", "blue", stream, "--keep", "1", "--yes");
    const gone = await purge("metrics.v9");
    assert.equal(gone.code, 1);
    assert.match(
      gone.stderr,
      /no stream metrics\.v9 \(NATS refuses dots: .* metrics_v9\) at cluster/,
    );
    const bucket = await purge("KV_workers");
    assert.equal(bucket.code, 2);
    assert.match(bucket.stderr, /KV_workers is a bucket: --keep would delete keys/);
    await ask("blue", "STREAM.CREATE.kept", { name: "kept", deny_purge: true });
    assert.match((await purge("kept")).stderr, /kept has denyPurge set: the server refuses/);
  });

  it("storage shows servers and streams, the largest first", async () => {
    const { code, stdout } = await run("storage", "blue");
    assert.equal(code, 0);
    assert.match(stdout, /^blue-0 .*100\.0 GiB/m);
    assert.match(stdout, /^metrics +\d+ B +unlimited +4 +discards old +2\d{3}-/m);
  });

  it("split-brain sees a whole cluster, and the one server that the others refuse", async () => {
    const whole = await run("split-brain", "blue");
    assert.equal(whole.code, 0, whole.stdout);
    assert.match(whole.stdout, /^✓ blue is whole: every server sees every other$/m);
    await blue.kill(2);
    blue.reconfigure(2, (conf) =>
      conf.replace(
        /routes: \[[^\]]*\]/,
        "routes: [nats-route://127.0.0.1:1], authorization { user: other, password: other }",
      ),
    );
    blue.startServer(2);
    for (const deadline = Date.now() + 60_000; ; ) {
      const cut = await run("split-brain", "blue");
      if (/blue-2 +yes +none$/m.test(cut.stdout)) {
        assert.equal(cut.code, 1);
        assert.match(
          cut.stdout,
          /✗ blue-0 and blue-2 have no route to each other; check the network/,
        );
        assert.match(
          cut.stdout,
          /fallen into 2 parts: blue-0, blue-1 \| blue-2; blue-0, blue-1 go on, the others refuse/,
        );
        return;
      }
      assert.ok(Date.now() < deadline, cut.stdout);
    }
  });
});
