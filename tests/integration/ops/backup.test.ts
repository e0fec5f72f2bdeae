import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { createInbox, headers, type Msg, type NatsConnection } from "nats";
import { readPosition } from "../../../components/backup/archive/consumer-state";
import { announce } from "../../../components/provider/at-work";
import { natsCliProgram } from "../../../scripts/toolchain/nats-cli";
import {
  asCluster,
  type CommandRun,
  checkoutWith,
  startTfdcNats,
  tfdcNats,
} from "../../support/ops-command";
import { s2Content, s2Plain, tarFiles, tarOf } from "../../support/s2-writer";
import { TestCluster } from "../../support/test-cluster";

const run = promisify(execFile);
const MANY = 500;
/** Large enough that a transfer can be ended in its middle. */
const LARGE = 96 << 20;
const PIECE = 256 << 10;

interface ApiAnswer {
  readonly error?: { readonly err_code: number; readonly description: string };
  readonly [key: string]: unknown;
}

describe("backup and restore between two clusters", function () {
  this.timeout(300_000);
  let blue: TestCluster;
  let green: TestCluster;
  let clients: Record<"blue" | "green", NatsConnection>;
  let cwd: string;
  let to: string;
  let saved: string;

  before(async () => {
    blue = await TestCluster.start({ name: "blue" });
    green = await TestCluster.start({ name: "green" });
    clients = { blue: await blue.client(), green: await green.client() };
    cwd = checkoutWith({ blue: asCluster(blue), green: asCluster(green) });
    to = mkdtempSync(join(tmpdir(), "tfdc-backups-"));
    await fill();
  });

  after(async () => {
    await Promise.all(Object.values(clients ?? {}).map((client) => client.close()));
    await Promise.all([blue?.stop(), green?.stop()]);
    for (const folder of [cwd, to]) {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const env = () => ({ XDG_STATE_HOME: join(cwd, "locks") });
  const command = (...words: string[]): Promise<CommandRun> => tfdcNats(words, { cwd, env: env() });

  async function ask(colour: "blue" | "green", subject: string, question: object = {}) {
    for (let attempt = 0; ; attempt++) {
      const answer: ApiAnswer = await clients[colour]
        .request(`$JS.API.${subject}`, JSON.stringify(question), { timeout: 5000 })
        .then((reply) => reply.json<ApiAnswer>())
        .catch((error: Error) => ({ error: { err_code: 0, description: error.message } }));
      const isPassing = [0, 10008, 10009].includes(answer.error?.err_code ?? -1);
      if (!isPassing || attempt > 20) {
        return answer;
      }
      await setTimeout(500);
    }
  }

  async function must(colour: "blue" | "green", subject: string, question: object = {}) {
    const answer = await ask(colour, subject, question);
    assert.equal(answer.error, undefined, JSON.stringify(answer.error));
    return answer;
  }

  const exists = async (colour: "blue" | "green", stream: string) =>
    (await ask(colour, `STREAM.INFO.${stream}`)).error?.err_code !== 10059;

  /** Messages with headers and gaps, a bucket with history, a consumer in the middle of its work. */
  async function fill(): Promise<void> {
    const file = { storage: "file", num_replicas: 3 };
    await must("blue", "STREAM.CREATE.metrics", {
      name: "metrics",
      subjects: ["metrics.>"],
      ...file,
    });
    const bucket = { max_msgs_per_subject: 3, allow_rollup_hdrs: true, deny_delete: true };
    await must("blue", "STREAM.CREATE.KV_workers", {
      ...{ name: "KV_workers", subjects: ["$KV.workers.>"], discard: "new", allow_direct: true },
      ...file,
      ...bucket,
    });
    await must("blue", "STREAM.CREATE.memory", { name: "memory", storage: "memory" });
    for (let index = 0; index < MANY; index++) {
      const marks = headers();
      marks.set("Index", String(index));
      clients.blue.publish(`metrics.${index % 7}`, `message ${index} ${"x".repeat(index)}`, {
        ...(index % 3 === 0 ? { headers: marks } : {}),
      });
      clients.blue.publish(`$KV.workers.key${index % 20}`, String(index));
    }
    await clients.blue.flush();
    for (const seq of [10, 11, 300]) {
      await must("blue", "STREAM.MSG.DELETE.metrics", { seq });
    }
    const config = {
      durable_name: "worker",
      name: "worker",
      ack_policy: "explicit",
      ack_wait: 3e11,
    };
    await must("blue", "CONSUMER.CREATE.metrics.worker", { stream_name: "metrics", config });
    const inbox = clients.blue.subscribe("worker.inbox", { max: 50 });
    clients.blue.publish(
      "$JS.API.CONSUMER.MSG.NEXT.metrics.worker",
      JSON.stringify({ batch: 50 }),
      {
        reply: "worker.inbox",
      },
    );
    let count = 0;
    for await (const message of inbox) {
      if (++count <= 40) {
        message.respond("+ACK");
      }
    }
    await clients.blue.flush();
    await positionSettled();
  }

  /** Every replica has to have on its disk what was acknowledged: an archive holds what is there. */
  async function positionSettled(): Promise<void> {
    const path = "jetstream/$G/streams/metrics/obs/worker/o.dat";
    const positions = () =>
      [0, 1, 2].map((index) => {
        const file = join(blue.store(index), path);
        return existsSync(file) ? readPosition(readFileSync(file)) : undefined;
      });
    const isThere = () =>
      positions().every((one) => one?.ackFloor.consumer === 40 && one.delivered.consumer === 50);
    for (const deadline = Date.now() + 60_000; !isThere(); await setTimeout(100)) {
      assert.ok(Date.now() < deadline, JSON.stringify(positions()));
    }
  }

  /** Every message of a stream as it is stored: sequence, time, subject, headers, payload. */
  async function messages(colour: "blue" | "green", stream: string): Promise<string[]> {
    const { state } = (await must(colour, `STREAM.INFO.${stream}`)) as unknown as {
      state: { first_seq: number; last_seq: number };
    };
    const found: string[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const { message } = await ask(colour, `STREAM.MSG.GET.${stream}`, { seq });
      found.push(message === undefined ? `${seq} deleted` : JSON.stringify(message));
    }
    return found;
  }

  async function position(colour: "blue" | "green") {
    const info = await must(colour, "CONSUMER.INFO.metrics.worker");
    const {
      delivered,
      ack_floor: floor,
      num_ack_pending: open,
      num_pending: pending,
    } = info as never as {
      delivered: { stream_seq: number };
      ack_floor: { stream_seq: number };
      num_ack_pending: number;
      num_pending: number;
    };
    return [delivered.stream_seq, floor.stream_seq, open, pending];
  }

  async function clearGreen(): Promise<void> {
    for (const stream of ["metrics", "KV_workers", "large"]) {
      const { error } = await ask("green", `STREAM.DELETE.${stream}`);
      assert.ok(error === undefined || error.err_code === 10059, error?.description);
    }
    await greenApplies();
  }

  /**
   * A server 2.10 on which a stream is deleted right after it was restored can stop applying what
   * the meta group agrees on, for good, and still call itself healthy. A restart ends it, here as
   * everywhere: whether one is due is told by a stream that is made and deleted.
   */
  async function greenApplies(): Promise<void> {
    const probe = { name: "probe", subjects: ["probe"], num_replicas: 3 };
    const request = (subject: string, question: object) =>
      clients.green
        .request(`$JS.API.${subject}`, JSON.stringify(question), { timeout: 8_000 })
        .then((reply) => reply.json<{ error?: object }>().error === undefined)
        .catch(() => false);
    const isWell =
      (await request("STREAM.CREATE.probe", probe)) && (await request("STREAM.DELETE.probe", {}));
    if (!isWell) {
      await Promise.all([0, 1, 2].map((index) => green.kill(index)));
      for (const index of [0, 1, 2]) {
        green.startServer(index);
      }
    }
    await green.settled();
    await ask("green", "STREAM.DELETE.probe");
  }

  it("saves all streams on disk to a dated folder, for this user only, and says what it cannot", async () => {
    const { code, stdout, stderr } = await command("backup", "blue", "--to", to);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^! not saved: memory is held in memory, and a server before 2\.15 saves streams on disk only$/m,
    );
    assert.match(stdout, /: 2 streams, \d+ messages, 1 consumer, .*; every record was checked\n$/);
    const [name = ""] = readdirSync(to);
    assert.match(name, /^nats-blue-\d{8}-\d{6}$/);
    saved = join(to, name);
    assert.deepEqual(readdirSync(saved).sort(), ["KV_workers", "metrics"]);
    const files = ["backup.json", "manifest.json", "stream.tar.s2"];
    assert.deepEqual(readdirSync(join(saved, "metrics")).sort(), files);
    assert.equal(statSync(saved).mode & 0o777, 0o700);
    for (const file of files) {
      assert.equal(statSync(join(saved, "metrics", file)).mode & 0o777, 0o600, file);
    }
    const manifest = JSON.parse(readFileSync(join(saved, "metrics", "manifest.json"), "utf8"));
    assert.equal(manifest.messages, MANY - 3);
    assert.equal(manifest.serverVersion, "2.10.29");
    assert.equal(manifest.consumers[0].ackFloor.stream, 42);
  });

  it("finds its own backup good, also restored for a try", async () => {
    const { code, stdout, stderr } = await command("verify", saved, "--drill");
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^✓ metrics: 497 messages, 1 consumer; digests and every record agree; restored for a try, and equal$/m,
    );
  });

  it("restores to the other colour what equals the original, message by message", async () => {
    const { code, stdout, stderr } = await command("restore", "green", saved);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "✓ green: 2 streams and 1 consumer restored, and equal to the backup\n");
    for (const stream of ["metrics", "KV_workers"]) {
      assert.deepEqual(await messages("green", stream), await messages("blue", stream));
    }
    assert.deepEqual(await position("green"), await position("blue"));
  });

  it("refuses to restore over what is there, unless told, and then replaces it", async () => {
    await must("green", "STREAM.PURGE.metrics");
    const refused = await command("restore", "green", saved, "--stream", "metrics");
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /green has metrics \(0 messages, 0 B\) already; nothing was written\. .* --replace\.\n$/,
    );
    const asked = await command("restore", "green", saved, "--stream", "metrics", "--replace");
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /On green metrics .* will be deleted, .* say so with --yes/);
    const words = ["--stream", "metrics", "--replace", "--yes"];
    const done = await command("restore", "green", saved, ...words);
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(await messages("green", "metrics"), await messages("blue", "metrics"));
  });

  it("makes what the nats command line restores, and restores what that makes", async () => {
    await clearGreen();
    const server = (cluster: TestCluster) => ["-s", `nats://${cluster.servers[0]}`, "--no-context"];
    await run(natsCliProgram(), [
      ...server(green).slice(0, 2),
      ...["stream", "restore", join(saved, "metrics"), "--no-progress"],
    ]);
    assert.deepEqual(await messages("green", "metrics"), await messages("blue", "metrics"));
    await clearGreen();
    const theirs = join(to, "theirs");
    await run(natsCliProgram(), [
      ...server(blue).slice(0, 2),
      ...["stream", "backup", "metrics", theirs, "--consumers", "--no-progress"],
    ]);
    const checked = await command("verify", theirs);
    assert.equal(
      checked.stdout,
      "✓ metrics: 497 messages, 1 consumer; no manifest; every record agrees\n",
    );
    const { code, stderr } = await command("restore", "green", theirs);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await messages("green", "metrics"), await messages("blue", "metrics"));
    assert.deepEqual(await position("green"), await position("blue"));
    rmSync(theirs, { recursive: true });
    await clearGreen();
  });

  describe("finds damage before anything is written:", () => {
    type Change = (folder: string) => void | Promise<void>;
    const archive = (folder: string) => join(folder, "stream.tar.s2");
    const rewritten = async (folder: string, change: (tar: Buffer) => Buffer | Promise<Buffer>) => {
      const tar = s2Content(readFileSync(archive(folder)));
      writeFileSync(archive(folder), s2Plain(await change(tar)));
    };
    const cases: [string, Change, RegExp][] = [
      [
        "a flipped bit of the compressed file",
        (folder) => {
          const content = readFileSync(archive(folder));
          content[content.length >>> 1] = (content[content.length >>> 1] ?? 0) ^ 16;
          writeFileSync(archive(folder), content);
        },
        /the compression is broken: |SHA-256 differs/,
      ],
      [
        "a changed record, compressed anew, without a manifest to tell",
        async (folder) => {
          rmSync(join(folder, "manifest.json"));
          await rewritten(folder, async (tar) => {
            const files = await tarFiles(tar);
            const block = files.find(([name]) => name === "msgs/1.blk")?.[1];
            block?.write("MESSAGE", block.indexOf("message"));
            return tarOf(files);
          });
        },
        /msgs\/1\.blk is damaged: the checksum of the record at byte 0 \(sequence 1\) does not agree/,
      ],
      [
        "a tar that ends between two files, without a manifest to tell",
        async (folder) => {
          rmSync(join(folder, "manifest.json"));
          await rewritten(folder, async (tar) => {
            const files = await tarFiles(tar);
            return (await tarOf(files.filter(([name]) => !name.startsWith("obs/")))).subarray(
              0,
              -1024,
            );
          });
        },
        /the tar has no end: files are missing/,
      ],
      [
        "the description of another stream",
        (folder) => cpSync(join(saved, "KV_workers", "backup.json"), join(folder, "backup.json")),
        /backup\.json is of the stream KV_workers, and stream\.tar\.s2 of metrics/,
      ],
      [
        "a digest that is missing",
        (folder) => {
          const path = join(folder, "manifest.json");
          const manifest = JSON.parse(readFileSync(path, "utf8"));
          manifest.files = { "backup.json": manifest.files["backup.json"] };
          writeFileSync(path, JSON.stringify(manifest));
        },
        /manifest\.json has no digest of stream\.tar\.s2/,
      ],
      [
        "messages that were left out, without a manifest to tell",
        async (folder) => {
          rmSync(join(folder, "manifest.json"));
          await rewritten(folder, async (tar) => {
            const files = await tarFiles(tar);
            return tarOf(
              files.map(([name, content]) => [
                name,
                name === "msgs/1.blk"
                  ? content.subarray(0, content.readUInt32LE(0) & 0x7fff_ffff)
                  : content,
              ]),
            );
          });
        },
        /messages are missing at its end: the stream went up to sequence 500, the archive to 1/,
      ],
    ];

    for (const [what, change, words] of cases) {
      it(what, async () => {
        const damaged = join(to, "damaged");
        cpSync(join(saved, "metrics"), damaged, { recursive: true });
        try {
          await change(damaged);
          const { code, stdout, stderr } = await command("restore", "green", damaged);
          assert.equal(code, 1, stdout);
          assert.match(stderr, words);
          assert.match(stderr, /cannot be restored as it is; nothing was written\.\n$/);
          assert.equal(await exists("green", "metrics"), false);
          assert.equal((await command("verify", damaged)).code, 1);
        } finally {
          rmSync(damaged, { recursive: true });
        }
      });
    }
  });

  it("checks all of a backup before the first of its streams is written", async () => {
    const damaged = join(to, "damaged");
    cpSync(saved, damaged, { recursive: true });
    writeFileSync(join(damaged, "metrics", "stream.tar.s2"), "");
    const { code } = await command("restore", "green", damaged);
    rmSync(damaged, { recursive: true });
    assert.equal(code, 1);
    assert.equal(await exists("green", "KV_workers"), false);
  });

  it("names the damage of a backup also where there is no cluster to restore it to", async () => {
    const damaged = join(to, "damaged");
    cpSync(saved, damaged, { recursive: true });
    rmSync(join(damaged, "metrics", "stream.tar.s2"));
    const { code, stderr } = await tfdcNats(["restore", damaged, "--server", "127.0.0.1:1"], {
      cwd,
      env: env(),
    });
    const whole = await tfdcNats(["restore", saved, "--server", "127.0.0.1:1"], {
      cwd,
      env: env(),
    });
    rmSync(damaged, { recursive: true });
    const unreachable =
      "cannot reach the NATS cluster at 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1; check that the servers run and that this machine reaches them\n";
    assert.equal(code, 1);
    assert.deepEqual(stderr.split("\n").slice(-3), [
      `✗ ${join(damaged, "metrics")}: stream.tar.s2 is missing`,
      ...`tfdc-nats: ${damaged} cannot be restored as it is, and no cluster was there for it: ${unreachable}`.split(
        "\n",
      ),
    ]);
    assert.equal(whole.code, 3);
    assert.equal(whole.stderr.split("\n").at(-2), `tfdc-nats: ${unreachable.trimEnd()}`);
  });

  describe("with a large stream", () => {
    let large: string;
    let place: string;

    before(async () => {
      place = join(to, "large");
      mkdirSync(place);
      await must("blue", "STREAM.CREATE.large", {
        ...{ name: "large", subjects: ["large"], storage: "file", num_replicas: 3 },
      });
      for (let sent = 0; sent < LARGE; sent += PIECE) {
        await clients.blue.request("large", randomBytes(PIECE), { timeout: 10_000 });
      }
    });

    const words = () => ["backup", "blue", "--to", place, "--stream", "large"];

    type Started = ReturnType<typeof startTfdcNats>;

    /** Looks until a command that runs has come so far. */
    async function during<T>({ ended }: Started, what: string, look: () => T | undefined) {
      let over: CommandRun | undefined;
      ended.then(
        (run) => {
          over = run;
        },
        () => undefined,
      );
      for (const deadline = Date.now() + 120_000; Date.now() < deadline; await setTimeout(2)) {
        const found = look();
        if (found !== undefined) {
          return found;
        }
        assert.equal(over, undefined, `${what}: it ended before: ${JSON.stringify(over)}`);
      }
      return assert.fail(what);
    }

    /** Waits until a backup writes. */
    function writing(started: Started): Promise<true> {
      return during(started, "no backup began", () => {
        const partial = readdirSync(place).find((name) => name.includes(".partial-"));
        const file = join(place, partial ?? "", "large", "stream.tar.s2");
        const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
        return partial !== undefined && size > 0 ? true : undefined;
      });
    }

    /** Waits until a restore arrives at a server, and returns which. */
    function arriving(started: Started): Promise<number> {
      // An earlier restore that was ended may have left something, which goes away by itself.
      const before = new Set([0, 1, 2].flatMap(staged));
      return during(started, "no restore began", () =>
        [0, 1, 2].find((index) => staged(index).some((file) => !before.has(file))),
      );
    }

    /** Files in which a server receives archives, once there is something in them. */
    function staged(index: number): string[] {
      const folder = join(green.store(index), "jetstream", ".snap-staging");
      const files = existsSync(folder) ? readdirSync(folder) : [];
      return files
        .map((name) => join(folder, name))
        .filter((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0);
    }

    /** Waits until a server of blue writes a line to its log that it had not written before. */
    async function logged(words: RegExp): Promise<void> {
      const count = () =>
        [0, 1, 2].flatMap((index) => blue.log(index).match(new RegExp(words, "g")) ?? []).length;
      const before = count();
      for (const deadline = Date.now() + 60_000; count() === before; await setTimeout(50)) {
        assert.ok(Date.now() < deadline, `no server wrote ${words}`);
      }
    }

    const dated = () => readdirSync(place).filter((name) => /-\d{6}$/.test(name));

    it("a killed backup has no final name, and the next one clears what it left", async () => {
      const started = startTfdcNats(words(), { cwd, env: env() });
      await writing(started);
      const { child, ended } = started;
      child.kill("SIGKILL");
      await ended;
      assert.deepEqual(dated(), []);
      const { code, stderr, stdout } = await command(...words());
      assert.equal(code, 0, stderr);
      assert.match(stderr, /partial-\d+ was left by a backup that was killed; it is removed/);
      assert.match(
        stdout,
        /1 stream, 384 messages, 0 consumers, 96\.\d MiB; every record was checked/,
      );
      assert.deepEqual(readdirSync(place), dated());
      large = join(place, dated()[0] ?? "");
    });

    it("an interrupted backup leaves nothing", async () => {
      const before = readdirSync(place);
      const started = startTfdcNats(words(), { cwd, env: env() });
      await writing(started);
      const { child, ended } = started;
      child.kill("SIGINT");
      const { code, stderr } = await ended;
      assert.equal(code, 1);
      assert.match(stderr, /the backup of blue was interrupted; nothing of it is left\.\n$/);
      assert.deepEqual(readdirSync(place), before);
    });

    it("a backup to a disk that fills says so, and leaves nothing", async () => {
      const small = join(to, "small");
      mkdirSync(small);
      await run("mount", ["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", small]);
      try {
        const there = ["backup", "blue", "--to", small, "--stream", "large"];
        const { code, stderr } = await command(...there);
        assert.equal(code, 1, stderr);
        assert.match(
          stderr,
          /stream\.tar\.s2 cannot be written: the disk is full; make room, or use another one\.\n$/,
        );
        assert.deepEqual(readdirSync(small), []);
      } finally {
        await run("umount", [small]);
      }
    });

    it("two backups at once: the second one says who is first", async () => {
      const first = startTfdcNats(words(), { cwd, env: env() });
      await writing(first);
      const second = await command(...words());
      assert.equal(second.code, 1);
      assert.match(
        second.stderr,
        /a backup of blue has to wait: a backup of blue is under way on this cluster \(pid \d+, since/,
      );
      const { code, stderr } = await first.ended;
      assert.equal(code, 0, stderr);
    });

    /** A backup and a restore are refused in these words. */
    async function bothWait(folder: string, says: RegExp): Promise<void> {
      for (const wanted of [words(), ["restore", "blue", folder, "--replace", "--yes"]]) {
        const { code, stderr } = await command(...wanted);
        assert.equal(code, 1, stderr);
        assert.match(stderr, says);
      }
    }

    it("a backup, and a restore, wait for a recreation by pulumi on whatever machine", async () => {
      const what = "a recreation of the stream 'orders'";
      const { end } = await announce(clients.blue, { kind: "recreation", what });
      const folder = join(place, dated()[0] ?? "");
      try {
        await bothWait(
          folder,
          /a (backup of|restore to) blue has to wait: a recreation of the stream 'orders' is under way \(pid \d+ on .+, since .+\); run this again when it has ended\.\n$/,
        );
      } finally {
        end();
      }
    });

    /** Somebody who is at work, and says so to every seventh question only. */
    function answeringLate() {
      let asked = 0;
      const late = clients.blue.subscribe("_TFDC.AT_WORK.blue", {
        callback: (_error, message) => {
          const { isQuestion } = message.json<{ isQuestion: boolean }>();
          asked += isQuestion ? 1 : 0;
          if (isQuestion && asked % 7 === 0) {
            const work = { kind: "roll", what: "a roll of blue", isUnderWay: true };
            const who = { id: "late", pid: 1, host: "elsewhere", since: "then" };
            clients.blue.publish(
              message.subject,
              JSON.stringify({ ...work, ...who, isQuestion: false }),
            );
          }
        },
      });
      return { asked: () => asked, end: () => late.unsubscribe() };
    }

    it("a backup, and a restore, give up what they began when somebody answers late", async () => {
      const [before, folder] = [readdirSync(place), join(place, dated()[0] ?? "")];
      const created = async () =>
        (await must("blue", "STREAM.INFO.large")).created as string | undefined;
      const made = await created();
      const late = answeringLate();
      try {
        await bothWait(
          folder,
          /(of|to) blue has to wait: a roll of blue is under way \(pid 1 on elsewhere, since then\); run this again when it has ended\.\n$/,
        );
        assert.equal(late.asked(), 14);
        assert.deepEqual(readdirSync(place), before);
        assert.equal(await created(), made);
      } finally {
        late.end();
      }
    });

    /**
     * Has a snapshot of the stream taken that is acknowledged little by little, for half of the minute that a
     * backup waits for it. Says whether it was still under way after the work.
     */
    async function heldUp(work: () => Promise<void>): Promise<boolean> {
      const chunks: Msg[] = [];
      let isOver = false;
      const inbox = createInbox();
      const snapshot = clients.blue.subscribe(inbox, {
        callback: (_error, message) => {
          isOver ||= message.data.length === 0;
          chunks.push(message);
        },
      });
      const slowly = setInterval(() => {
        for (const chunk of chunks.splice(0, 5)) {
          chunk.respond();
        }
      }, 100);
      try {
        const question = { deliver_subject: inbox, chunk_size: 64 << 10 };
        await must("blue", "STREAM.SNAPSHOT.large", question);
        await work();
        return !isOver;
      } finally {
        clearInterval(slowly);
        const ended = isOver ? undefined : logged(/Completed snapshot of .*large/);
        snapshot.unsubscribe();
        await ended;
      }
    }

    it("a backup that waits for another's snapshot gives up when somebody answers late", async () => {
      const before = readdirSync(place);
      const late = answeringLate();
      const refused = async () => {
        const { code, stderr } = await tfdcNats(words(), { cwd, env: env() });
        assert.equal(code, 1, stderr);
        assert.match(
          stderr,
          /a backup of blue has to wait: a roll of blue is under way \(pid 1 on elsewhere, since then\); run this again when it has ended\.\n$/,
        );
        assert.deepEqual(readdirSync(place), before);
      };
      try {
        // On a machine that stands still for two seconds the server ends the snapshot, and nothing is shown.
        const isShown =
          (await heldUp(refused)) || (await heldUp(refused)) || (await heldUp(refused));
        assert.ok(isShown, "the backup waited until the snapshot was over");
      } finally {
        late.end();
      }
    });

    it("a backup on a machine that stands still is begun anew, and is whole", async () => {
      const before = dated().length;
      const started = startTfdcNats(words(), { cwd, env: env() });
      await writing(started);
      const { child, ended } = started;
      child.kill("SIGSTOP");
      // The server sends on while its window has room, and gives up two seconds later.
      await logged(/Completed snapshot of .*large/);
      child.kill("SIGCONT");
      const { code, stderr, stdout } = await ended;
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^large: .* the server gave the snapshot up; it is begun anew$/m);
      assert.match(stdout, /1 stream, 384 messages, .*; every record was checked\n$/);
      assert.equal(dated().length, before + 1);
    });

    it("two backups at once from two machines: the second one waits for the server", async () => {
      const first = startTfdcNats(words(), { cwd, env: env() });
      await writing(first);
      const elsewhere = join(to, "elsewhere");
      const other = { XDG_STATE_HOME: join(cwd, "other-locks") };
      const there = ["backup", "blue", "--to", elsewhere, "--stream", "large"];
      const second = await tfdcNats(there, { cwd, env: other });
      assert.equal(second.code, 0, second.stderr);
      const { code, stderr } = await first.ended;
      assert.equal(code, 0, stderr);
    });

    it("an interrupted restore leaves nothing, and a killed one nothing that is in the way", async () => {
      const interrupted = startTfdcNats(["restore", "green", large], { cwd, env: env() });
      await arriving(interrupted);
      interrupted.child.kill("SIGINT");
      const { code, stderr } = await interrupted.ended;
      assert.equal(code, 1);
      assert.match(stderr, /the restore to green was interrupted; nothing of it is left\.\n$/);
      assert.equal(await exists("green", "large"), false);

      const killed = startTfdcNats(["restore", "green", large], { cwd, env: env() });
      await arriving(killed);
      killed.child.kill("SIGKILL");
      await killed.ended;
      const again = await command("restore", "green", large, "--replace", "--yes");
      assert.equal(again.code, 0, again.stderr);
      await clearGreen();
    });

    it("a backup whose leader is killed fails, keeps nothing, and works when run again", async () => {
      const { cluster } = (await must("blue", "STREAM.INFO.large")) as unknown as {
        cluster: { leader: string };
      };
      const leader = Number(cluster.leader.at(-1));
      const before = dated();
      const started = startTfdcNats(words(), { cwd, env: env() });
      await writing(started);
      await blue.kill(leader);
      const { code, stderr } = await started.ended;
      assert.equal(code, 1, stderr);
      assert.match(stderr, /the backup of large broke off|the backup of large is not whole/);
      assert.deepEqual(readdirSync(place), before);
      blue.startServer(leader);
      await blue.settled();
      const again = await command(...words());
      assert.equal(again.code, 0, again.stderr);
    });

    it("a restore whose receiving server is killed leaves a whole stream or none", async () => {
      const started = startTfdcNats(["restore", "green", large], { cwd, env: env() });
      const receiver = await arriving(started);
      await green.kill(receiver);
      green.startServer(receiver);
      const { code, stderr } = await started.ended;
      await green.settled();
      if (code !== 0) {
        assert.equal(code, 1);
        assert.match(stderr, /large was not restored: .*; what had arrived was removed again/);
        assert.equal(await exists("green", "large"), false);
        const again = await command("restore", "green", large);
        assert.equal(again.code, 0, again.stderr);
      }
      const { state } = (await must("green", "STREAM.INFO.large")) as unknown as {
        state: { messages: number };
      };
      assert.equal(state.messages, LARGE / PIECE);
    });
  });
});
