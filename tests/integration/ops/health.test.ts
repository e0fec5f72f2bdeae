import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { NatsConnection } from "nats";
import { examine } from "../../../ops/health/examine";
import { findings } from "../../../ops/health/findings";
import { observe } from "../../../ops/observe/observe";
import { APP_AND_SYSTEM } from "../../support/accounts";
import { askJetStream } from "../../support/jetstream-request";
import {
  asCluster,
  checkoutWith,
  startTfdcNats,
  tfdcNats,
  wordsFor,
} from "../../support/ops-command";
import { TestCluster } from "../../support/test-cluster";

const PATIENCE = 30_000;
const STREAM = { name: "metrics", subjects: ["metrics.>"], num_replicas: 3, storage: "file" };
const BUCKET = {
  name: "KV_workers",
  subjects: ["$KV.workers.>"],
  num_replicas: 3,
  storage: "file",
};

describe("health on real servers", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let client: NatsConnection;

  before(async () => {
    cluster = await TestCluster.start({
      name: "blue",
      jetstream: "max_file_store: 64MB\nmax_memory_store: 16MB",
      extra: `${APP_AND_SYSTEM} write_deadline: "100ms", max_pending: 65536, max_payload: 32768`,
    });
    client = await cluster.client();
    await create(STREAM);
    await create(BUCKET);
    await create({ name: "wal", subjects: ["wal.>"], storage: "memory", max_bytes: 16_000_000 });
    await silent();
  });

  after(async () => {
    await client?.close();
    await cluster?.stop();
  });

  async function create(config: Readonly<Record<string, unknown>>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const subject = `STREAM.CREATE.${config.name}`;
      const reply = await askJetStream<{ error?: object }>(client, subject, config);
      if (reply.error === undefined) {
        return;
      }
      assert.ok(attempt < 10, JSON.stringify(reply.error));
      await setTimeout(500);
    }
  }

  async function ask(subject: string): Promise<void> {
    const reply = await client.request(subject, "", { timeout: 5000 });
    assert.equal(reply.json<{ error?: object }>().error, undefined);
  }

  const target = () => asCluster(cluster, ["metrics"], ["workers"]);

  async function look() {
    return (await examine(target())).found;
  }

  /** Waits until health names the fault, and returns how. */
  async function finds(check: string, says = /./): Promise<string> {
    for (const deadline = Date.now() + PATIENCE; ; await setTimeout(200)) {
      const found = await look();
      const one = found.find((finding) => finding.check === check && says.test(finding.what));
      if (one !== undefined) {
        return one.what;
      }
      assert.ok(Date.now() < deadline, `no ${check} among ${JSON.stringify(found)}`);
    }
  }

  /** Waits until health names no fault any more. */
  async function silent(): Promise<void> {
    await cluster.settled();
    for (const deadline = Date.now() + PATIENCE; ; await setTimeout(200)) {
      const found = await look();
      if (found.length === 0) {
        return;
      }
      assert.ok(Date.now() < deadline, JSON.stringify(found));
    }
  }

  /** Has the leader of a stream step down until it is the server that is wanted. */
  async function ledBy(server: string, stream: string): Promise<void> {
    for (const deadline = Date.now() + PATIENCE; ; await setTimeout(200)) {
      const info = await client.request(`$JS.API.STREAM.INFO.${stream}`, "", { timeout: 5000 });
      if (info.json<{ cluster?: { leader?: string } }>().cluster?.leader === server) {
        return;
      }
      assert.ok(Date.now() < deadline, `${server} does not come to lead ${stream}`);
      await ask(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`);
    }
  }

  it("names no fault in 100 looks at a healthy cluster that is written to", async () => {
    let isDone = false;
    const writing = (async () => {
      for (let index = 0; !isDone; index++) {
        client.publish(`metrics.${index % 10}`, "x".repeat(100));
        if (index % 100 === 0) {
          await client.flush();
          await setTimeout(1);
        }
      }
    })();
    try {
      for (let run = 0; run < 100; run++) {
        assert.deepEqual(await look(), [], `run ${run}`);
      }
    } finally {
      isDone = true;
      await writing;
    }
  });

  it("is silent over the command line as well, and counts what there is", async () => {
    const run = await tfdcNats(["health", ...wordsFor(cluster)]);
    assert.equal(run.code, 0);
    assert.match(
      run.stdout,
      /^✓ 127\.0\.0\.1:\d+ is healthy: 3 servers, 2 streams, 1 bucket, 0 consumers, meta leader blue-\d\n$/,
    );
  });

  it("sees the same through the system account, without monitoring addresses", async () => {
    const { connection, declared } = target();
    const login = { user: "sys", password: "sys" };
    const through = { name: "blue", connection, declared, monitoring: [] };
    const observation = await observe({ ...through, system: { ...connection, ...login } });
    assert.deepEqual(findings({ cluster: through, observation, now: new Date() }), []);
    assert.equal(observation.servers.length, 3);
    const [first] = observation.servers;
    assert.ok(first?.jsz?.account_details?.some(({ stream_detail: all = [] }) => all.length > 0));
  });

  it("finds a server that does not answer, its peers and its replicas", async () => {
    const [last] = cluster.monitoring.slice(-1);
    cluster.signal(2, "SIGSTOP");
    try {
      assert.equal(await finds("server-reachable"), `the server at ${last} does not answer`);
      assert.match(await finds("meta-peers"), /^the meta leader blue-\d .*blue-2/);
      assert.match(
        await finds("replicas-current"),
        /^the replica on blue-2 of KV_workers, metrics/,
      );
    } finally {
      cluster.signal(2, "SIGCONT");
    }
    await silent();
  });

  it("finds the replicas of a killed leader", async () => {
    for (const stream of ["metrics", "KV_workers"]) {
      await ledBy("blue-2", stream);
    }
    await cluster.kill(2);
    await finds("replicas-current", /^the replica on blue-2 of KV_workers, metrics is not heard/);
    cluster.startServer(2);
    await silent();
  });

  it("finds a stream that is gone", async () => {
    await ask("$JS.API.STREAM.DELETE.metrics");
    const cwd = checkoutWith({ blue: target() });
    try {
      assert.equal(await finds("stream-declared"), "the declared stream metrics does not exist");
      const run = await tfdcNats(["health", "blue"], { cwd });
      assert.equal(run.code, 1);
      assert.match(
        run.stdout,
        /^✗ blue: 1 finding \(.*\)\n {2}✗ the declared stream metrics does not/,
      );
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
    await create(STREAM);
    await silent();
  });

  it("finds a bucket that is gone", async () => {
    await ask("$JS.API.STREAM.DELETE.KV_workers");
    assert.equal(await finds("bucket-declared"), "the declared bucket workers does not exist");
    await create(BUCKET);
    await silent();
  });

  it("finds memory that fills", async () => {
    for (let index = 0; index < 440; index++) {
      client.publish("wal.x", new Uint8Array(30_000));
      await client.flush();
    }
    assert.match(
      await finds("storage-used"),
      /^blue-\d uses 1\d\.\d MiB of .* on memory \(\d\d %\)$/,
    );
    await ask("$JS.API.STREAM.PURGE.wal");
    await silent();
  });

  it("finds JetStream disabled on a server", async () => {
    let before = "";
    await cluster.kill(2);
    cluster.reconfigure(2, (conf) => {
      before = conf;
      return conf.replace(/jetstream \{[^}]*\}/, "").replace("jetstream: enabled, ", "");
    });
    cluster.startServer(2);
    assert.equal(await finds("jetstream-enabled"), "JetStream is disabled on blue-2");
    await cluster.kill(2);
    cluster.reconfigure(2, () => before);
    cluster.startServer(2);
    await silent();
  });

  it("finds a server of another version", async () => {
    await cluster.kill(2);
    cluster.startServer(2, "2.10.22");
    assert.match(await finds("version-skew"), /blue-1 2\.10\.29, blue-2 2\.10\.22$/);
    assert.match(await finds("version-safe"), /^nats-server 2\.10\.22 can lose a whole stream/);
    await cluster.kill(2);
    cluster.startServer(2);
    await silent();
  });

  it("finds a cluster without quorum, and its streams without leader", async () => {
    await cluster.kill(1);
    await cluster.kill(2);
    assert.match(await finds("meta-leader"), /^there is no meta leader: 1 of 3 servers answer/);
    // Each stream's group notices in its own time.
    await finds("stream-leader", /metrics.*ha(s|ve) no leader/);
    cluster.startServer(1);
    cluster.startServer(2);
    await silent();
  });

  it("looks again and again while it watches", async () => {
    const words = ["health", ...wordsFor(cluster), "--watch", "--interval", "1"];
    const { child, ended } = startTfdcNats(words);
    let looks = 0;
    for await (const text of child.stdout) {
      looks += String(text).split("is healthy").length - 1;
      if (looks >= 2) {
        child.kill("SIGINT");
        break;
      }
    }
    await ended;
    assert.equal(looks, 2);
  });

  it("finds a slow consumer", async () => {
    const socket = await deafClient(cluster.servers[0] ?? "");
    try {
      const address = cluster.servers[0] ?? "";
      const fast = await cluster.client();
      for (let round = 0; round < 400; round++) {
        fast.publish("firehose", new Uint8Array(30_000));
        await fast.flush();
      }
      await fast.close();
      assert.match(
        await finds("slow-consumers"),
        /^blue-0 has dropped \d+ slow consumers? in \w+$/,
        address,
      );
    } finally {
      socket.destroy();
    }
  });
});

describe("health of a server with TLS", function () {
  this.timeout(60_000);

  it("finds a certificate that ends soon", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tfdc-tls-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "5"];
    const subject = ["-subj", "/CN=localhost", "-keyout", key, "-out", cert];
    execFileSync("openssl", [...words, ...subject], { stdio: "ignore" });
    const tls = `tls { cert_file: ${JSON.stringify(cert)}, key_file: ${JSON.stringify(key)} }`;
    const cluster = await TestCluster.start({ size: 1, extra: tls });
    try {
      const observation = await observe(asCluster(cluster));
      const [found, ...more] = findings({
        cluster: asCluster(cluster),
        observation,
        now: new Date(),
      });
      assert.deepEqual(more, []);
      const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
      assert.equal(found?.what, `the certificate of test-0 ends on ${day}`);
      assert.equal(found?.severity, "critical");
    } finally {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** A client that subscribes and never reads what it gets. */
async function deafClient(address: string): Promise<Socket> {
  const [host, port] = address.split(":");
  const socket = connectTcp({ host, port: Number(port) });
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write('CONNECT {"verbose":false,"user":"app","pass":"app"}\r\nSUB firehose 1\r\nPING\r\n');
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  return socket;
}
