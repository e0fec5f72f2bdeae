import { strict as assert } from "node:assert";
import { connect, type NatsConnection } from "nats";
import { askJetStream } from "../../support/jetstream-request";
import { quoted } from "../../support/seed-document";
import { TestCluster } from "../../support/test-cluster";

const GIB = 1024 ** 3;

interface Reply {
  readonly error?: {
    readonly code: number;
    readonly err_code: number;
    readonly description: string;
  };
}

for (const version of ["2.10.22", "2.10.29"]) {
  describe(`the seed's streams, on three servers ${version}`, function () {
    this.timeout(90_000);
    let cluster: TestCluster;
    let client: NatsConnection;

    before(async () => {
      cluster = await TestCluster.start({
        version,
        name: "blue",
        jetstream: "max_file_store: 80GB\nmax_memory_store: 2GB",
      });
      client = await cluster.client();
    });

    after(async () => {
      await client?.close();
      await cluster.stop();
    });

    const api = (subject: string, body: object) => askJetStream<Reply>(client, subject, body);

    async function create(name: string, gigabytes: number): Promise<string> {
      const { error } = await api(`STREAM.CREATE.${name}`, {
        name,
        subjects: [`${name}.>`],
        storage: "file",
        num_replicas: 3,
        max_bytes: gigabytes * GIB,
      });
      return error === undefined ? "made" : `${error.description} (${error.err_code})`;
    }

    it("cannot have a dot in their names", async () => {
      const literal = client.request("$JS.API.STREAM.CREATE.metrics.v1", "{}", { timeout: 2_000 });
      await assert.rejects(literal, /timeout/i, "no server answers that request");
      const body = { name: "metrics.v1", subjects: ["metrics.>"] };
      const { error } = await api("STREAM.CREATE.metrics_v1", body);
      assert.equal(
        `${error?.description} (${error?.err_code})`,
        quoted(11, "stream name in subject does not match request (10056)"),
      );
    });

    it("do not fit: events fits no server even when it is alone", async () => {
      const words = quoted(12, "no suitable peers for placement, insufficient storage (10005)");
      assert.equal(await create("events_v1", 100), words);
    });

    it("do not fit: of the three together two are made and the third is refused", async () => {
      assert.equal(await create("metrics_v1", 50), "made");
      assert.equal(await create("alerts_v1", 10), "made");
      const words = quoted(12, "no suitable peers for placement, insufficient storage (10005)");
      assert.equal(await create("events_v1", 100), words);
      for (const address of cluster.monitoring) {
        const jsz = (await (await fetch(`${address}/jsz`)).json()) as { reserved_storage: number };
        assert.equal(jsz.reserved_storage, 60 * GIB, "empty streams, reserved in full");
      }
    });

    it("are not made again with other settings", async () => {
      const { error } = await api("STREAM.CREATE.alerts_v1", {
        name: "alerts_v1",
        subjects: ["alerts_v1.>"],
        num_replicas: 3,
        max_bytes: 10 * GIB,
        max_msgs: 1_000_000,
      });
      assert.equal(
        `${error?.description} (${error?.err_code})`,
        quoted(17, "stream name already in use with a different configuration (10058)"),
      );
    });

    it("are not restored onto themselves", async () => {
      const { error } = await api("STREAM.RESTORE.alerts_v1", {
        config: { name: "alerts_v1", subjects: ["alerts_v1.>"], num_replicas: 3 },
        state: { messages: 0, bytes: 0, first_seq: 0, last_seq: 0, consumer_count: 0 },
      });
      assert.equal(
        `${error?.description} (${error?.err_code})`,
        quoted(20, "stream name already in use, cannot restore (10130)"),
      );
    });
  });
}

describe("accounts of which one is the system's", function () {
  this.timeout(30_000);

  it("keep streams from the user who may ask for health", async () => {
    const cluster = await TestCluster.start({
      size: 1,
      extra: `accounts {
        TFDC { jetstream: enabled, users: [{ user: app, password: "app" }] }
        SYS { users: [{ user: system, password: "system" }] }
      }
      system_account: SYS`,
    });
    const client = await connect({ servers: cluster.servers, user: "system", pass: "system" });
    try {
      const health = await client.request("$SYS.REQ.SERVER.PING.HEALTHZ", "{}", { timeout: 5_000 });
      assert.equal(health.json<{ data: { status: string } }>().data.status, "ok");
      const streams = await client.request("$JS.API.STREAM.LIST", "{}", { timeout: 5_000 });
      const { error } = streams.json<Reply>();
      assert.equal(
        `${error?.description} (${error?.err_code})`,
        quoted(18, "JetStream not enabled for account (10039)"),
      );
    } finally {
      await client.close();
      await cluster.stop();
    }
  });
});
