import { strict as assert } from "node:assert";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { streamCheckMetadata } from "../../../components/monitoring/check-metadata";
import { ensureNatsCli } from "../../../scripts/toolchain/nats-cli";
import { run } from "../../../scripts/toolchain/processes";
import { colour } from "../../support/monitoring/test-clusters";
import { createStreams, until } from "../../support/monitoring/watched-clusters";
import { TestCluster } from "../../support/test-cluster";

/** The exit codes of a check. */
const [OK, CRITICAL] = [0, 2];

describe("The stock checks", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let client: NatsConnection;
  let program: string;
  const { assets } = colour("blue");

  before(async function () {
    this.timeout(300_000);
    program = await ensureNatsCli();
    cluster = await TestCluster.start({
      jetstream: "max_file_store: 170GB\nmax_memory_store: 1GB",
    });
    client = await cluster.client();
    await createStreams(client, assets, streamCheckMetadata);
  });

  after(async () => {
    await client?.close();
    await cluster?.stop();
  });

  const check = (...words: readonly string[]) =>
    run(program, ["--server", cluster.servers[0] ?? "", "server", "check", ...words]);

  it("find every stream and bucket of the platform well", async () => {
    for (const { stream } of assets) {
      const { code, stdout } = await check("stream", "--stream", String(stream.name));
      assert.equal(code, OK, stdout);
      assert.match(stdout, /OK:3 peers OK:replicas are current OK:replicas are active/);
    }
  });

  it("find one critical whose replica is on a server that is gone", async () => {
    await cluster.kill(2);
    await until(
      "the check is critical",
      60_000,
      async () => (await check("stream", "--stream", "metrics_v1")).code === CRITICAL,
    );
    cluster.startServer(2);
    await cluster.settled(60_000);
  });

  it("find a stream critical that has a replica less than declared", async () => {
    const { streams } = await jetstreamManager(client);
    const { config } = await streams.info("KV_heartbeats");
    await streams.update("KV_heartbeats", { ...config, num_replicas: 1 });
    const { code, stdout } = await check("stream", "--stream", "KV_heartbeats");
    assert.equal(code, CRITICAL, stdout);
    assert.match(stdout, /Stream is not clustered/);
    await streams.update("KV_heartbeats", config);
  });
});
