import { strict as assert } from "node:assert";
import type { NatsConnection } from "nats";
import { eventually } from "../../support/eventually";
import { quoted } from "../../support/seed-document";
import { ALONE, GIVEN, SeedServers, STARTABLE } from "../../support/seed-server";

const PASSWORD = GIVEN.CLIENT_PASSWORD ?? "";

for (const version of ["2.10.22", "2.10.29"]) {
  describe(`a server ${version} of the seed, its peers away`, function () {
    this.timeout(30_000);
    let servers: SeedServers;

    before(async () => {
      servers = await SeedServers.start({ version, conf: STARTABLE });
      const log = await eventually(
        () => servers.log(0),
        (text) => text.includes("Listening for route connections"),
      );
      assert.ok(log.includes("Listening for route connections"), log);
    });

    after(() => servers.stop());

    it("logs into a file on the data volume, and nothing to its output", () => {
      assert.equal(servers.output(0), "", "what kubectl logs would show");
      assert.match(servers.log(0), /Starting nats-server/);
    });

    it("warns of what the seed gives it", () => {
      for (const words of [
        "Plaintext passwords detected, use nkeys or bcrypt",
        "Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance",
      ]) {
        assert.ok(servers.log(0).includes(quoted(8, words)));
      }
    });

    it("listens on three ports, none of them for metrics", async () => {
      const listeners = servers.log(0).match(/(?:Listening for|Starting http).*$/gm) ?? [];
      const ports = listeners.map((line) => Number(line.split(":").at(-1))).sort();
      const expected = (["client", "monitoring", "route"] as const).map((which) =>
        servers.port(0, which),
      );
      assert.deepEqual(ports, expected.sort());
      const { status, body } = await servers.ask(0, "metrics");
      assert.equal(status, 404);
      assert.equal(body.trim(), quoted(14, "404 page not found"));
    });

    it("fails the probes of readiness and liveness for its peers' sake", async () => {
      const words = quoted(3, "JetStream has not established contact with a meta leader");
      for (const path of ["healthz", "healthz?js-server-only=true"]) {
        const { status, body } = await servers.ask(0, path);
        assert.equal(status, 503);
        assert.equal(JSON.parse(body).error, words);
      }
      assert.equal((await servers.ask(0, "healthz?js-enabled-only=true")).status, 200);
    });

    it("counts a GB as 1024 × 1024 × 1024 bytes", async () => {
      const { body } = await servers.ask(0, "varz");
      assert.equal(JSON.parse(body).jetstream.config.max_storage, 80 * 1024 ** 3);
      quoted(1, `${80 * 1024 ** 3}`);
    });
  });

  describe(`a server ${version} of the seed, to its clients`, function () {
    this.timeout(30_000);
    let servers: SeedServers;
    let client: NatsConnection;

    before(async () => {
      servers = await SeedServers.start({ version, conf: ALONE });
      await eventually(
        () => servers.log(0),
        (log) => log.includes("Server is ready"),
      );
      client = await servers.client(PASSWORD);
    });

    after(async () => {
      await client?.close();
      await servers.stop();
    });

    it("refuses the scripts, which do not log in", async () => {
      const words = quoted(18, "Authorization Violation");
      await assert.rejects(servers.client(), new RegExp(words, "i"));
    });

    it("tells nothing about itself, for no user is in the system account", async () => {
      await assert.rejects(client.request("$SYS.REQ.SERVER.PING"), /no responders/i);
      const { body } = await servers.ask(0, "varz");
      assert.equal(JSON.parse(body).system_account, "$SYS", "there is one all the same");
    });

    it("lets the applications delete streams", async () => {
      const stream = { name: "alerts_v1", subjects: ["alerts.>"] };
      const made = await client.request("$JS.API.STREAM.CREATE.alerts_v1", JSON.stringify(stream));
      assert.equal(made.json<{ error?: unknown }>().error, undefined);
      const gone = await client.request("$JS.API.STREAM.DELETE.alerts_v1");
      assert.equal(gone.json<{ success?: boolean }>().success, true);
      quoted(9, "`$JS.API.STREAM.DELETE.alerts_v1` with `success: true`");
    });

    it("counts max_subscriptions for every connection by itself", async () => {
      const [one, two] = [await servers.client(PASSWORD), await servers.client(PASSWORD)];
      const errors: string[] = [];
      for (const connection of [one, two]) {
        (async () => {
          for await (const { type, ...status } of connection.status()) {
            errors.push(`${type} ${"error" in status ? status.error : ""}`);
          }
        })();
        for (let index = 0; index < 9_000; index++) {
          connection.subscribe(`seed.${index}`, { callback: () => {} });
        }
        await connection.flush();
      }
      assert.deepEqual(errors, [], "18,000 subscriptions of two connections");
      for (let index = 0; index < 1_100; index++) {
        one.subscribe(`more.${index}`, { callback: () => {} });
      }
      const words = quoted(8, "maximum subscriptions exceeded");
      const told = await eventually(
        () => errors.join("\n"),
        (text) => text.includes(words),
      );
      assert.ok(told.includes(words), told);
      await Promise.all([one.close(), two.close()]);
    });
  });

  describe(`three servers ${version} of the seed`, function () {
    this.timeout(60_000);

    async function startThree(routeLogin: string): Promise<SeedServers> {
      return SeedServers.start({ version, conf: STARTABLE, size: 3, routeLogin });
    }

    /** The status of every server's full health. */
    function health(servers: SeedServers): Promise<number[]> {
      return Promise.all(
        [0, 1, 2].map(async (index) => {
          const answer = await servers.ask(index, "healthz").catch(() => ({ status: 0 }));
          return answer.status;
        }),
      );
    }

    it("never become a cluster, because their routes know no password", async () => {
      const servers = await startThree("");
      try {
        const statuses = await eventually(
          () => health(servers),
          (all) => all.includes(200),
          8_000,
        );
        assert.deepEqual(statuses, [503, 503, 503], "for eight seconds");
        const logs = [0, 1, 2].map((index) => servers.log(index)).join("");
        for (const words of [
          "Route Error 'Authorization Violation'",
          'authentication error - User ""',
        ]) {
          assert.ok(logs.includes(quoted(6, words)), logs);
        }
      } finally {
        await servers.stop();
      }
    });

    it("are a cluster as soon as the routes carry it", async () => {
      const servers = await startThree(`cluster_user:${GIVEN.CLUSTER_PASSWORD}@`);
      try {
        const statuses = await eventually(
          () => health(servers),
          (all) => all.every((status) => status === 200),
          30_000,
        );
        assert.deepEqual(statuses, [200, 200, 200]);
      } finally {
        await servers.stop();
      }
    });
  });
}
