import { strict as assert } from "node:assert";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { until } from "../../../components/provider/local-server/until";
import { waitSettled } from "../../../components/provider/monitoring-endpoints";
import { eventually } from "../../support/eventually";
import { DeclaredServers } from "./declared-servers";

const MESSAGES = 200;
const CHANGED = { restartOnly: { maxFileStore: "11GiB" } };

describe("three local servers", function () {
  this.timeout(120_000);
  let servers: DeclaredServers;
  let client: NatsConnection;

  before(async () => {
    servers = await DeclaredServers.make(3);
  });

  after(async () => {
    await client?.close();
    servers.remove();
  });

  const pids = () => [0, 1, 2].map((index) => servers.pid(index));
  const peers = () => [0, 1, 2].map((index) => `http://127.0.0.1:${servers.portsOf(index)[1]}`);

  /** How many streams of the applications' account a server has on its disk. */
  function streamsOf(index: number): number {
    const folder = servers.file(index, "data/jetstream/TFDC/streams");
    return existsSync(folder) ? readdirSync(folder).length : 0;
  }

  /** What a refresh shows of a server, where it is not as declared. */
  async function drift(index: number): Promise<Record<string, unknown>> {
    const { process, configuration } = (await servers.refresh(index)) ?? {};
    return { process, configuration };
  }

  /**
   * Every message, and three current replicas; an election may be going on for a moment, and a
   * replica is not current while it has yet to apply the leader's last entry.
   */
  async function assertMessages(): Promise<void> {
    const manager = await jetstreamManager(client);
    const { state, cluster } = await eventually(
      () => retried(() => manager.streams.info("ORDERS")),
      ({ cluster }) => cluster?.replicas?.every(({ current }) => current) === true,
    );
    assert.equal(state.messages, MESSAGES);
    assert.deepEqual(
      cluster?.replicas?.map(({ current }) => current),
      [true, true],
    );
  }

  it("are created one after the other, and are a settled cluster when the last one is", async () => {
    assert.deepEqual(await servers.upAll(), ["create", "create", "create"]);
    assert.equal(await waitSettled(peers(), 0), undefined);
    client = await servers.client();
    const manager = await jetstreamManager(client);
    await retried(() =>
      manager.streams.add({ name: "ORDERS", subjects: ["orders.>"], num_replicas: 3 }),
    );
    for (let index = 0; index < MESSAGES; index++) {
      await jetstream(client).publish("orders.new", `${index}`);
    }
    await assertMessages();
  });

  it("stay as they are where nothing has changed", async () => {
    const before = pids();
    assert.deepEqual(await servers.upAll(), ["same", "same", "same"]);
    assert.deepEqual(pids(), before);
  });

  it("keep nothing in their properties that changes by itself", async () => {
    assert.deepEqual(await servers.refresh(0), servers.states[0]);
  });

  it("reload a reloadable option, and keep every client", async () => {
    const before = pids();
    const changes = { reloadable: { writeDeadline: "15s" } };
    assert.deepEqual(await servers.upAll(changes), ["update", "update", "update"]);
    assert.deepEqual(pids(), before);
    const { write_deadline } = await servers.monitor<{ write_deadline: number }>(2, "varz");
    assert.equal(write_deadline, 15_000_000_000);
    assert.deepEqual(await servers.upAll(), ["update", "update", "update"]);
  });

  it("restart one by one for a restart-only option, while a client publishes", async () => {
    const before = pids();
    let isOver = false;
    let sent = 0;
    const publishing = (async () => {
      while (!isOver) {
        const isStored = await jetstream(client)
          .publish("orders.probe", "x", { timeout: 1000, msgID: `${sent}` })
          .then(
            () => true,
            () => false,
          );
        sent += isStored ? 1 : 0;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    try {
      assert.deepEqual(await servers.upAll(CHANGED), ["update", "update", "update"]);
    } finally {
      isOver = true;
      await publishing;
    }
    assert.ok(pids().every((pid, index) => pid !== before[index]));
    const manager = await jetstreamManager(client);
    const { purged } = await manager.streams.purge("ORDERS", { filter: "orders.probe" });
    assert.equal(purged, sent, "every acknowledged message was there");
    await assertMessages();
    assert.deepEqual(await servers.upAll(CHANGED), ["same", "same", "same"]);
  });

  it("start again after a kill of all, without waiting for a quorum that cannot be", async () => {
    for (const index of [0, 1, 2]) {
      await servers.kill(index);
    }
    assert.equal((await drift(0)).process, "stopped");
    const start = Date.now();
    assert.equal(await servers.up(0, CHANGED), "update");
    assert.ok(Date.now() - start < 5_000, `the first took ${Date.now() - start} ms`);
    assert.deepEqual(await servers.upAll(CHANGED), ["same", "update", "update"]);
    assert.equal(await waitSettled(peers(), 0), undefined);
    await assertMessages();
  });

  it("are found without their pid file", async () => {
    const before = pids();
    rmSync(servers.file(1, "nats.pid"));
    assert.deepEqual(await drift(1), { process: "running", configuration: "loaded" });
    assert.deepEqual(await servers.upAll(CHANGED), ["same", "same", "same"]);
    writeFileSync(servers.file(1, "nats.pid"), `${before[1]}\n`);
  });

  it("are not taken for the process that has their number now", async () => {
    const before = servers.pid(1);
    writeFileSync(servers.file(1, "nats.pid"), `${process.pid}\n`);
    assert.equal((await drift(1)).process, "running");
    writeFileSync(servers.file(1, "nats.pid"), `${before}\n`);
    await servers.kill(1);
    writeFileSync(servers.file(1, "nats.pid"), `${process.pid}\n`);
    assert.equal((await drift(1)).process, "stopped");
    await servers.upAll(CHANGED);
    assert.notEqual(servers.pid(1), process.pid);
  });

  it("show an edited, a missing and an unloaded nats.conf, and reload it", async () => {
    const before = pids();
    appendFileSync(servers.file(0, "nats.conf"), "debug: true\n");
    rmSync(servers.file(1, "nats.conf"));
    const later = new Date(Date.now() + 1000);
    utimesSync(servers.file(2, "nats.conf"), later, later);
    assert.deepEqual(
      [await drift(0), await drift(1), await drift(2)].map(({ configuration }) => configuration),
      [
        "edited: nats.conf on disk differs",
        "missing: there is no nats.conf",
        "not loaded: nats.conf is newer than what the server runs with",
      ],
    );
    utimesSync(servers.file(2, "nats.conf"), new Date(), new Date());
    assert.deepEqual(await servers.upAll(CHANGED), ["update", "update", "update"]);
    assert.deepEqual(await servers.upAll(CHANGED), ["same", "same", "same"]);
    assert.deepEqual(pids(), before);
  });

  it("show edited credentials, and put them right", async () => {
    appendFileSync(servers.file(0, "credentials.conf"), "# a line\n");
    const fingerprint = servers.states[0]?.credentialsFingerprint;
    assert.notEqual((await servers.refresh(0))?.credentialsFingerprint, fingerprint);
    assert.equal(await servers.up(0, CHANGED), "update");
    assert.equal((await servers.refresh(0))?.credentialsFingerprint, fingerprint);
  });

  it("are taken over by a create that finds them running as declared", async () => {
    const before = pids();
    servers.forget(0);
    assert.equal(await servers.up(0, CHANGED), "create");
    assert.deepEqual(pids(), before);
  });

  it("are reloaded by a create that finds them running with less", async () => {
    const before = pids();
    servers.forget(0);
    const changes = { ...CHANGED, reloadable: { maxConnections: 20_000 } };
    assert.equal(await servers.up(0, changes), "create");
    assert.deepEqual(pids(), before);
    assert.equal((await drift(0)).configuration, "loaded");
    await servers.up(0, CHANGED);
  });

  it("are restarted by a create that finds them running with what no reload changes", async () => {
    const before = pids();
    servers.forget(1);
    assert.equal(await servers.up(1, { restartOnly: { maxFileStore: "12GiB" } }), "create");
    assert.notEqual(servers.pid(1), before[1]);
    await servers.up(1, CHANGED);
  });

  it("go on where an update was interrupted after its restart", async () => {
    const state = servers.states[2];
    const changes = { restartOnly: { maxFileStore: "12GiB" } };
    await servers.up(2, changes);
    const before = servers.pid(2);
    servers.states[2] = state;
    assert.equal(await servers.up(2, changes), "update");
    assert.equal(servers.pid(2), before, "it has been restarted already");
    await servers.up(2, CHANGED);
  });

  it("show a data folder that was removed under a running server, and fill it again", async () => {
    rmSync(servers.directory(1), { recursive: true });
    assert.deepEqual(await drift(1), {
      process: "running without its data folder",
      configuration: "missing: there is no nats.conf",
    });
    assert.equal(await servers.up(1, CHANGED), "update");
    assert.deepEqual(await servers.upAll(CHANGED), ["same", "same", "same"]);
    await assertMessages();
  });

  it("go back to another version and forth, one by one, and show a wrong one", async () => {
    const older = { restartOnly: { maxFileStore: "11GiB", version: "2.10.22" } };
    await servers.upAll(older);
    assert.equal((await servers.monitor<{ version: string }>(0, "varz")).version, "2.10.22");
    const state = servers.states[0] ?? {};
    const options = state.restartOnly as object;
    servers.states[0] = { ...state, restartOnly: { ...options, version: "2.10.29" } };
    assert.equal((await drift(0)).process, "running as nats-server 2.10.22");
    await servers.upAll(CHANGED);
    assert.equal((await servers.monitor<{ version: string }>(0, "varz")).version, "2.10.29");
    await assertMessages();
  });

  it("run on where the declared version is not on this machine", async () => {
    const before = pids();
    await assert.rejects(servers.up(0, { restartOnly: { version: "2.10.1" } }), {
      name: "UserError",
      message: /^nats-server 2\.10\.1 is not on this machine: .*'npm start' fetches it/,
    });
    assert.deepEqual(pids(), before);
    await servers.upAll(CHANGED);
  });

  it("run on where they refuse to reload what is declared, and are quoted", async () => {
    const before = pids();
    await assert.rejects(servers.up(0, { ...CHANGED, reloadable: { maxPayload: "300MiB" } }), {
      name: "UserError",
      message:
        /^nats-blue-0 runs on with its former configuration: nats-server says "max_payload \(314572800\) cannot be higher than max_pending \(268435456\)" of .*nats\.conf; mend what it names and run the command again\.$/,
    });
    await servers.upAll(CHANGED);
    assert.deepEqual(pids(), before);
  });

  it("are stopped within seconds, however many clients there are", async () => {
    const clients = await Promise.all(
      Array.from({ length: 30 }, () => servers.client({ index: 2 })),
    );
    const start = Date.now();
    await servers.up(2, { restartOnly: { maxFileStore: "13GiB" } });
    const seconds = (Date.now() - start) / 1000;
    await Promise.all(clients.map((one) => one.close()));
    assert.ok(seconds < 20, `it took ${seconds} s`);
    await servers.up(2, CHANGED);
  });

  it("keep the store of a server that holds streams when it is deleted", async () => {
    const before = servers.pid(2);
    await servers.destroy(2);
    assert.ok(!servers.processes().includes(before));
    assert.deepEqual(readdirSync(servers.directory(2)), ["data"]);
    assert.equal(await servers.up(2, CHANGED), "create");
    await assertMessages();
  });

  it("leave nothing when they are deleted without a stream, not even if they are gone already", async () => {
    await (await jetstreamManager(client)).streams.delete("ORDERS");
    await client.close();
    // The answer comes from the leader: the others delete their replica a moment later, and one
    // that is killed before that still holds the stream, whose store then stays.
    assert.ok(await until(5_000, async () => [0, 1, 2].every((index) => streamsOf(index) === 0)));
    await servers.kill(0);
    for (const index of [2, 1, 0]) {
      const state = servers.states[index];
      await servers.destroy(index);
      assert.ok(!existsSync(servers.directory(index)));
      servers.states[index] = state;
      await servers.destroy(index);
    }
    assert.deepEqual(servers.processes(), []);
  });
});

describe("a cluster of another size", function () {
  this.timeout(60_000);
  let servers: DeclaredServers;

  before(async () => {
    servers = await DeclaredServers.make(1, "2.10.29", 3);
  });

  after(() => servers.remove());

  it("is taken over from a server alone that holds no stream", async () => {
    await servers.up(0);
    assert.equal(await servers.up(0, { size: 3 }), "update");
    assert.deepEqual(await servers.upAll({ size: 3 }), ["same", "create", "create"]);
  });

  it("is refused where servers would leave it", async () => {
    await assert.rejects(servers.up(0, { size: 1 }), {
      message:
        "'replicas' goes from 3 to 1: a cluster goes on waiting for the servers that leave it; make another colour with 1 and move the streams, or destroy this one first",
    });
    for (const index of [2, 1, 0]) {
      await servers.destroy(index);
    }
  });

  it("is refused where a server alone would delete its streams, and they stay", async () => {
    await servers.up(0);
    const client = await servers.client();
    const manager = await jetstreamManager(client);
    await retried(() => manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] }));
    await assert.rejects(servers.up(0, { size: 3 }), {
      message:
        "'replicas' goes from 1 to 3: a server that was alone deletes its streams when it joins a cluster; make another colour with 3 and move the streams, or destroy this one first",
    });
    assert.equal((await manager.streams.info("ORDERS")).config.name, "ORDERS");
    await client.close();
  });
});

describe("a local server that cannot start", function () {
  this.timeout(60_000);
  let servers: DeclaredServers;

  before(async () => {
    servers = await DeclaredServers.make(1);
  });

  after(() => servers.remove());

  for (const [position, option] of ["clientPort", "monitoringPort"].entries()) {
    it(`names who holds its ${option}, and what to do`, async () => {
      const port = servers.portsOf(0)[position] ?? 0;
      const squatter = createServer().listen(port, "127.0.0.1");
      try {
        await assert.rejects(servers.up(0), (error: Error) => {
          assert.equal(error.name, "UserError");
          assert.match(
            error.message,
            new RegExp(
              `^nats-blue-0 cannot start: its ${option} ${port} on 127\\.0\\.0\\.1 is held by pid ${process.pid} \\(\\S+\\); stop that process, or give the colour other ports: pulumi config set tfdc-nats:${option} <first free port>\\.$`,
            ),
          );
          return true;
        });
      } finally {
        squatter.close();
      }
    });
  }

  it("says at once what the program said, and where the log is", async () => {
    // A file stands where the store should be, which the check of a configuration does not see.
    mkdirSync(servers.directory(0), { recursive: true });
    writeFileSync(servers.file(0, "data"), "");
    const start = Date.now();
    await assert.rejects(servers.up(0), {
      name: "UserError",
      message:
        /^nats-blue-0 was started and ended at once: nats-server says ".*storage directory is not a directory.*"; mend that and run the command again\. The whole log is .*nats\.log\.$/,
    });
    assert.ok(Date.now() - start < 3_000, `${Date.now() - start} ms`);
    assert.deepEqual(servers.processes(), []);
  });

  it("is not on this machine in that version", async () => {
    await assert.rejects(servers.up(0, { restartOnly: { version: "2.10.1" } }), {
      name: "UserError",
      message:
        /^nats-server 2\.10\.1 is not on this machine: it was looked for at .*2\.10\.1\/nats-server and on the PATH; 'npm start' fetches it, or put nats-server 2\.10\.1 on the PATH\.$/,
    });
  });
});

/** An election after a restart may leave a request without an answer. */
async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === 10) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
