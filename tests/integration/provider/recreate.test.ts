import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "nats";
import { writeJournal } from "../../../components/backup/recreation-folder";
import { isOlder } from "../../../components/jetstream/versions";
import { backupStream } from "../../../components/provider/backup/backup-stream";
import { eventually } from "../../support/eventually";
import { faultVersions } from "../../support/fault-versions";
import { providersIn } from "../../support/provider-processes";
import { diagnosticsOf, PulumiProject, SPEC_PROGRAM } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";
import { setBack, type WholeStream, wholeStream } from "../../support/whole-stream";

const BACKUPS = ".tfdc-nats/backups";
/** Messages that no compression makes small: each step of a recreation takes a moment. */
const PIECE = 128 << 10;
const PIECES = 160;

for (const version of faultVersions()) {
  /** From 2.15 on a cluster saves no consumer's messages in flight: it begins again behind its acknowledgements. */
  const setsBack = !isOlder(version, "2.15.0");
  const restored = (seen: WholeStream): WholeStream => ({
    ...seen,
    consumers: setsBack ? seen.consumers.map(setBack) : seen.consumers,
  });
  /** The same servers save what is in memory, and restore into it. */
  const savesMemory = setsBack;
  const archive = setsBack ? "stream.arc.s2" : "stream.tar.s2";

  /** A change that this server refuses for good, and how the stream has to begin for it. */
  const [BEFORE, REFUSED] = isOlder(version, "2.12.5")
    ? [{}, { maxConsumers: 9, onRefusedChange: "backupAndRecreate" }]
    : [{ denyPurge: true }, { denyPurge: false, onRefusedChange: "backupAndRecreate" }];

  describe(`a change that only another stream could have on ${version}, made by backup and recreation`, function () {
    this.timeout(300_000);
    let cluster: TestCluster;
    let client: NatsConnection;
    let project: PulumiProject;
    let streams: Record<string, Record<string, unknown>>;
    let buckets: Record<string, Record<string, unknown>>;

    before(async () => {
      cluster = await TestCluster.start({ name: "blue", version });
      client = await cluster.client();
    });

    after(async () => {
      await client?.close();
      await cluster?.stop();
    });

    beforeEach(async () => {
      project = new PulumiProject(SPEC_PROGRAM);
      streams = {};
      buckets = {};
      project.write("index.js", SPEC_PROGRAM);
      await project.init();
    });

    afterEach(async () => {
      const jsm = await jetstreamManager(client);
      for await (const { config } of jsm.streams.list()) {
        await jsm.streams.delete(config.name);
      }
      project.remove();
    });

    function declare(): void {
      const connection = { servers: cluster.servers, cluster: "blue" };
      project.write("spec.json", JSON.stringify({ connection, streams, buckets }));
    }

    async function up(): Promise<string> {
      declare();
      return (await project.ok("up", "--yes", "--skip-preview", "--diff")).stdout;
    }

    /** Makes a stream of three replicas, with messages on three subjects. */
    async function made(name: string, args: object, count: number, size = 0): Promise<void> {
      streams[name] = { subjects: [`${name}.>`], replicas: 3, ...args };
      await up();
      for (let index = 0; index < count; index++) {
        const text = `${name} ${index} ${randomBytes(size / 2).toString("hex")}`;
        await published(`${name}.${index % 3}`, text);
      }
    }

    /** Publishes until it is acknowledged, as a careful publisher does. */
    async function published(subject: string, text: string): Promise<void> {
      const js = jetstream(client);
      await eventually(
        () =>
          js.publish(subject, text).then(
            () => true,
            () => false,
          ),
        (isDone) => isDone,
        60_000,
      );
    }

    /** Makes a durable consumer that has acknowledged some messages and is delivered two more. */
    async function working(stream: string, consumer: string, acknowledged: number): Promise<void> {
      const jsm = await jetstreamManager(client);
      await jsm.consumers.add(stream, {
        durable_name: consumer,
        ack_policy: "explicit",
        ack_wait: 600_000_000_000,
      });
      const found = await jetstream(client).consumers.get(stream, consumer);
      for (let index = 0; index < acknowledged + 2; index++) {
        const message = await found.next({ expires: 10_000 });
        assert.ok(message !== null);
        if (index < acknowledged) {
          await message.ackAck();
        }
      }
    }

    const seen = (stream: string) => wholeStream(client, stream);

    /** Runs `pulumi up`, and kills engine and provider as soon as a server tells of this. */
    async function killedUp(advisory: string): Promise<void> {
      const told = new Promise<void>((resolve) => {
        const subject = `$JS.EVENT.ADVISORY.STREAM.${advisory}`;
        client.subscribe(subject, { max: 1, callback: () => resolve() });
      });
      await client.flush();
      const pulumi = project.start("up", "--yes", "--skip-preview");
      const ended = new Promise((resolve) => pulumi.once("exit", resolve));
      await Promise.race([told, ended]);
      for (const provider of providersIn(project.directory)) {
        process.kill(provider, "SIGKILL");
      }
      process.kill(-(pulumi.pid ?? 0), "SIGKILL");
      await ended;
      await project.run("cancel", "--yes");
    }

    const backups = () => {
      const folder = join(project.directory, BACKUPS);
      return existsSync(folder) ? readdirSync(folder) : [];
    };

    it("is announced by a preview, made in place, and loses neither messages nor positions", async () => {
      await made("orders", { retention: "workqueue" }, 10);
      await working("orders", "worker", 3);
      const before = await seen("orders");
      streams.orders = {
        ...streams.orders,
        retention: "limits",
        maxAge: "7d",
        onRefusedChange: "backupAndRecreate",
      };
      declare();
      const { stdout } = await project.ok("preview");
      const { stdout: diff } = await project.ok("preview", "--diff");
      const { bytes } = (await (await jetstreamManager(client)).streams.info("orders")).state;
      const warning = `retention "workqueue" => "limits" is made by a backup: the stream is closed to publishers, its 7 messages (${bytes}B) and 1 consumer (worker) are saved to ${BACKUPS}/blue-orders, it is deleted, and they are restored with their sequences and times, and compared; until then a publisher gets no acknowledgement ("no responders") and has to publish again, and for the second half nobody can read; what a consumer acknowledges meanwhile may be delivered to it again`;
      const again = `; the consumer orders > worker waits for acknowledgements, and a cluster of nats-server 2.15 or newer saves it at the last one without a gap: up to 2 messages are delivered again after a restore, acknowledged ones among them`;
      assert.equal(
        diagnosticsOf(stdout).get("orders"),
        `warning: ${warning}${setsBack ? again : ""}`,
      );
      assert.match(diff, /~ pulumi-nodejs:dynamic\/tfdc:Stream: \(update\)/);
      assert.match(diff, /~ retention *: "workqueue" => "limits"/);
      assert.doesNotMatch(diff, /replace/);

      await up();
      assert.deepEqual(await seen("orders"), restored(before));
      const jsm = await jetstreamManager(client);
      const { config } = await jsm.streams.info("orders");
      assert.deepEqual(
        [config.retention, config.subjects, config.max_age],
        ["limits", ["orders.>"], 7 * 24 * 3600 * 1e9],
      );
      assert.deepEqual(backups(), []);
      assert.deepEqual([...(await project.changes()).keys()], []);
    });

    it("turns publishers away meanwhile, and loses nothing that one of them had acknowledged", async () => {
      await made("busy", BEFORE, 3);
      streams.busy = { ...streams.busy, ...REFUSED };
      let isOver = false;
      const acknowledged: number[] = [];
      let turnedAway = 0;
      const publishing = (async () => {
        const js = jetstream(client);
        while (!isOver) {
          try {
            acknowledged.push((await js.publish("busy.0", "x", { timeout: 2_000 })).seq);
          } catch (error) {
            turnedAway += 1;
            assert.ok(error instanceof Error);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      })();
      await up();
      isOver = true;
      await publishing;
      const { messages } = await seen("busy");
      const there = new Set(messages.map((one) => Number(one.split(" ")[0])));
      assert.deepEqual(
        acknowledged.filter((sequence) => !there.has(sequence)),
        [],
      );
      assert.equal(new Set(acknowledged).size, acknowledged.length, "a sequence was given twice");
      assert.ok(turnedAway > 0, "no publisher noticed anything");
    });

    it("is refused where a work queue would delete what its consumers are done with, until that is allowed", async () => {
      await made("jobs", {}, 9);
      await working("jobs", "worker", 4);
      streams.jobs = {
        ...streams.jobs,
        retention: "workqueue",
        maxConsumers: 3,
        onRefusedChange: "backupAndRecreate",
      };
      declare();
      const refused = await project.run("preview");
      assert.notEqual(refused.code, 0);
      assert.match(
        refused.stdout + refused.stderr,
        /'retention' is "workqueue": the live stream has "limits", and the change deletes up to 4 of 9 messages at once \(what its consumers are done with\); set allowDataLoss: true or \{ upToMessages: 4 \}/,
      );
      streams.jobs = { ...streams.jobs, allowDataLoss: { upToMessages: 4 } };
      await up();
      const after = await seen("jobs");
      const worker = setsBack ? "worker 4 4 0 5" : "worker 4 6 2 3";
      assert.deepEqual([after.last, after.consumers], [9, [worker]]);
      assert.deepEqual(
        after.messages.slice(-5).map((one) => Number(one.split(" ")[0])),
        [5, 6, 7, 8, 9],
      );
    });

    it("keeps the backup where that is wanted, for its owner only, as the command restores it", async () => {
      await made("kept", BEFORE, 4);
      streams.kept = {
        ...streams.kept,
        ...REFUSED,
        keepBackup: true,
        backupDirectory: "saved",
      };
      await up();
      const [folder = ""] = readdirSync(join(project.directory, "saved"));
      assert.match(folder, /^nats-blue-\d{8}-\d{6}$/);
      const stream = join(project.directory, "saved", folder, "kept");
      assert.deepEqual(readdirSync(stream).sort(), ["backup.json", "manifest.json", archive]);
      const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
      assert.deepEqual(
        [modeOf(join(stream, "..")), modeOf(stream), modeOf(join(stream, archive))],
        ["700", "700", "600"],
      );
    });

    it("makes a bucket that was a copy one of its own, with every revision", async () => {
      buckets.settings = { replicas: 3, history: 3 };
      buckets.copy = { replicas: 3, history: 3, mirror: { name: "settings" } };
      await up();
      for (let index = 0; index < 12; index++) {
        await published(`$KV.settings.key${index % 2}`, `value ${index}`);
      }
      const jsm = await jetstreamManager(client);
      const copied = await eventually(
        async () => (await jsm.streams.info("KV_copy")).state.last_seq,
        (last) => last === 12,
        60_000,
      );
      assert.equal(copied, 12, "the mirror does not have all of its origin");
      const before = await seen("KV_copy");
      buckets.copy = { replicas: 3, history: 3, onRefusedChange: "backupAndRecreate" };
      await up();
      assert.deepEqual(await seen("KV_copy"), before);
      await published("$KV.copy.key0", "its own");
      assert.equal((await seen("KV_copy")).last, 13);
      assert.deepEqual([...(await project.changes()).keys()], []);
    });

    it("is refused where memory is concerned, unless nothing is there", async () => {
      await made("volatile", { storage: "memory" }, 2);
      streams.volatile = {
        ...streams.volatile,
        storage: "file",
        onRefusedChange: "backupAndRecreate",
      };
      declare();
      const { code, stdout } = await project.run("preview");
      assert.equal(code === 0, savesMemory, stdout);
      assert.ok(
        stdout.includes(
          savesMemory
            ? 'storage "memory" => "file" is made by a backup: '
            : `'storage' is "file": the live stream has "memory", and backupAndRecreate cannot carry it over: it holds 2 messages and 0 consumers, and nats-server ${version} saves no stream in memory and restores none into it (2.15 does); keep what is there, declare another name and move the messages there, or empty it and delete its consumers first`,
        ),
        stdout,
      );
      await (await jetstreamManager(client)).streams.purge("volatile");
      const preview = await project.ok("preview");
      assert.equal(
        diagnosticsOf(preview.stdout).get("volatile"),
        'warning: storage "memory" => "file": the stream is empty, and is deleted and made again; its sequences begin anew',
      );
      await up();
      const jsm = await jetstreamManager(client);
      assert.equal((await jsm.streams.info("volatile")).config.storage, "file");
    });

    it("is refused while others copy from the stream, and where a durable consumer would not come back", async () => {
      await made("origin", BEFORE, 2);
      streams.mirror = { mirror: { name: "origin" }, replicas: 1 };
      await up();
      const jsm = await jetstreamManager(client);
      streams.origin = { ...streams.origin, ...REFUSED };
      declare();
      const copied = await project.run("preview");
      assert.match(
        copied.stdout,
        /'(maxConsumers' is 9: the live stream has "unlimited"|denyPurge' is false: the live stream has true), and backupAndRecreate cannot carry it over: the stream 'mirror' copies its messages and would find it gone; remove that mirror or source first/,
      );
      await jsm.streams.delete("mirror");
      delete streams.mirror;
      await jsm.consumers.add("origin", {
        durable_name: "quick",
        ack_policy: "explicit",
        mem_storage: true,
      });
      declare();
      const unsaved = await project.run("preview");
      assert.match(
        unsaved.stdout,
        savesMemory
          ? /and 1 consumer \(quick\) are saved to/
          : /'onRefusedChange' is "backupAndRecreate": the durable consumer quick would not come back, being in memory or on one server only; set allowDataLoss: true to let it go, or delete it first/,
      );
    });

    it("is judged by the server that runs, where the version that is to come would save more", async () => {
      await made("early", BEFORE, 2);
      const jsm = await jetstreamManager(client);
      const durable = { durable_name: "quick", ack_policy: "explicit", mem_storage: true } as const;
      await jsm.consumers.add("early", durable);
      const { created } = await jsm.streams.info("early");
      streams.early = { ...streams.early, ...REFUSED, serverVersion: "2.15.3" };
      declare();
      const { code, stdout } = await project.run("up", "--yes", "--skip-preview");
      const isMade = created !== (await jsm.streams.info("early")).created;
      assert.deepEqual([code === 0, isMade], [savesMemory, savesMemory], stdout);
      if (!savesMemory) {
        assert.match(
          stdout,
          /is not updated: 'onRefusedChange' is "backupAndRecreate": the durable consumer quick would not come back, being in memory or on one server only; /,
        );
        await published("early.3", "early 3");
        assert.equal((await jsm.consumers.info("early", "quick")).num_pending, 3);
        assert.ok(!existsSync(join(project.directory, BACKUPS, "blue-early")));
      }
    });

    const STAGES: readonly (readonly [
      stage: string,
      advisory: string,
      says: RegExp | undefined,
    ])[] = [
      ["while it is saved", "SNAPSHOT_CREATE", undefined],
      [
        "after it was deleted",
        "DELETED",
        /its recreation was interrupted after it was deleted: the backup in \.tfdc-nats\/backups\/blue-large \(of .*, 160 messages, .*\) is restored, with its consumers/,
      ],
      ["while it is restored", "RESTORE_CREATE", undefined],
      ["after it was restored", "RESTORE_COMPLETE", undefined],
    ];

    for (const [stage, advisory, says] of STAGES) {
      it(`is taken up by the next run where it was killed ${stage}`, async () => {
        await made("large", BEFORE, PIECES, PIECE);
        await working("large", "worker", 5);
        const before = await seen("large");
        streams.large = { ...streams.large, ...REFUSED };
        declare();
        await killedUp(`${advisory}.large`);
        if (says !== undefined) {
          const preview = await project.ok("preview");
          assert.match(preview.stdout, says);
        }
        await up();
        assert.deepEqual(await seen("large"), restored(before));
        assert.deepEqual(backups(), []);
        assert.deepEqual([...(await project.changes()).keys()], []);
      });
    }

    it("puts back what was there where the server refuses the new settings after all", async () => {
      await made("strict", {}, 6);
      await working("strict", "one", 1);
      await working("strict", "two", 2);
      const before = await seen("strict");
      const folder = join(project.directory, BACKUPS, "blue-strict");
      const origin = { tool: "test", cluster: "blue", serverVersion: cluster.version };
      const { signal } = new AbortController();
      const manifest = await backupStream(client, "strict", folder, origin, {
        withConsumers: true,
        signal,
        onBytes: () => undefined,
      });
      writeJournal(folder, {
        format: 1,
        stream: "strict",
        cluster: "blue",
        saved: manifest.end,
        messages: 6,
        bytes: manifest.state.bytes,
        // Two consumers of all messages, which a preview would have refused.
        target: { retention: "workqueue", subjects: ["_TFDC.CLOSED.strict"] },
        isClosed: true,
      });
      await (await jetstreamManager(client)).streams.delete("strict");
      declare();
      const { code, stdout } = await project.run("up", "--yes", "--skip-preview");
      assert.notEqual(code, 0);
      assert.match(
        stdout,
        /the stream 'strict' of cluster 'blue' at .* was not recreated: strict was not restored: .*multiple non-filtered consumers not allowed on workqueue stream.* It was restored with the settings that it had, and nothing is lost\./,
      );
      assert.deepEqual(await seen("strict"), restored(before));
      assert.deepEqual(backups(), []);
      assert.deepEqual([...(await project.changes()).keys()], []);
    });

    it("does not touch a stream that somebody made meanwhile, nor its own backup", async () => {
      await made("taken", BEFORE, PIECES, PIECE);
      streams.taken = { ...streams.taken, ...REFUSED };
      declare();
      await killedUp("DELETED.taken");
      const jsm = await jetstreamManager(client);
      // The server gives up what was being restored, if anything was, before the name is free.
      await eventually(
        () =>
          jsm.streams.add({ name: "taken", subjects: ["taken.>"] }).then(
            () => true,
            async (error: unknown) => {
              assert.ok(error instanceof errors.RequestError || error instanceof Error);
              await jsm.streams.delete("taken").catch(() => undefined);
              return false;
            },
          ),
        (isMade) => isMade,
        60_000,
      );
      const { code, stdout } = await project.run("preview");
      assert.notEqual(code, 0);
      assert.match(
        stdout,
        /is not the one that was to be restored from the backup in \.tfdc-nats\/backups\/blue-taken .*somebody made it meanwhile; bring the messages back by hand with 'tfdc-nats restore', or move that folder away to keep what is there/,
      );
      assert.deepEqual(backups(), ["blue-taken"]);
      rmSync(join(project.directory, BACKUPS), { recursive: true });
    });
  });
}
