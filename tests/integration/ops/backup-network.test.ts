import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { NatsConnection } from "nats";
import { eventually } from "../../support/eventually";
import { type CommandRun, startTfdcNats, tfdcNats } from "../../support/ops-command";
import { TcpProxy } from "../../support/tcp-proxy";
import { TestCluster } from "../../support/test-cluster";

/** Large enough, with what the proxies let through a second, that a cut strikes its middle. */
const LARGE = 48 << 20;
const PIECE = 256 << 10;
/** What one paragraph of the command looks like: no stack trace, nothing after it. */
const ONE_PARAGRAPH = /^tfdc-nats: (?!.*\bat .*:\d+:\d+).*\.$/;

describe("a network that is cut in the middle of", function () {
  this.timeout(300_000);
  let cluster: TestCluster;
  let client: NatsConnection;
  let proxies: TcpProxy[];
  let to: string;

  before(async () => {
    cluster = await TestCluster.start({ name: "blue" });
    client = await cluster.client();
    proxies = await Promise.all(
      cluster.servers.map((address) => TcpProxy.to(Number(address.split(":")[1]))),
    );
    to = mkdtempSync(join(tmpdir(), "tfdc-backups-"));
    await must("STREAM.CREATE.large", {
      ...{ name: "large", subjects: ["large"], storage: "file", num_replicas: 3 },
    });
    for (let sent = 0; sent < LARGE; ) {
      // One that went unanswered may have been stored: the count is read afterwards.
      await client
        .request("large", randomBytes(PIECE), { timeout: 10_000 })
        .then(() => {
          sent += PIECE;
        })
        .catch(() => setTimeout(500));
    }
  });

  after(async () => {
    await client?.close();
    await Promise.all((proxies ?? []).map((proxy) => proxy.close()));
    await cluster?.stop();
    rmSync(to, { recursive: true, force: true });
  });

  beforeEach(() => {
    for (const proxy of proxies) {
      proxy.delay = () => 0;
    }
    heal();
  });

  type Answer = { error?: { err_code: number }; state: { messages: number; last_seq: number } };

  async function ask(subject: string, question: object = {}): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await client
        .request(`$JS.API.${subject}`, JSON.stringify(question), { timeout: 5_000 })
        .then((reply) => reply.json<Answer>())
        .catch(() => undefined);
      if (answer !== undefined && ![10008, 10009].includes(answer.error?.err_code ?? 0)) {
        return answer;
      }
      assert.ok(attempt < 20, `no answer on ${subject}`);
      await setTimeout(500);
    }
  }

  async function must(subject: string, question: object = {}): Promise<Answer> {
    const answer = await ask(subject, question);
    assert.equal(answer.error, undefined, JSON.stringify(answer.error));
    return answer;
  }

  const through = () => [
    ...["--server", proxies.map(({ port }) => `127.0.0.1:${port}`).join(",")],
    ...["--name", "blue"],
  ];
  const options = () => ({ env: { XDG_STATE_HOME: join(to, "locks") } });
  const place = () => join(to, "place");
  const backup = () => ["backup", "--to", place(), "--stream", "large", ...through()];
  const found = () => (existsSync(place()) ? readdirSync(place()) : []);

  /** Waits until what a command does is in its middle; one that ended before is no test. */
  async function middleOf(ended: Promise<CommandRun>, isThere: () => boolean): Promise<void> {
    let over: CommandRun | undefined;
    void ended.then((run) => {
      over = run;
    });
    for (const deadline = Date.now() + 120_000; !isThere(); await setTimeout(2)) {
      assert.equal(over, undefined, `it ended before: ${JSON.stringify(over)}`);
      assert.ok(Date.now() < deadline, "it did not begin");
    }
  }

  const written = () =>
    found()
      .filter((name) => name.includes(".partial-"))
      .map((name) => join(place(), name, "large", "stream.tar.s2"))
      .some((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 1 << 20);

  const received = () =>
    cluster.servers
      .map((_, index) => join(cluster.store(index), "jetstream", ".snap-staging"))
      .flatMap((folder) =>
        existsSync(folder) ? readdirSync(folder).map((n) => join(folder, n)) : [],
      )
      .some((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 1 << 20);

  /** The last line that was not said by the way. */
  const lastLine = ({ stderr }: CommandRun) => stderr.trimEnd().split("\n").at(-1) ?? "";

  const cuts = [
    [
      "by ended connections, and stays away",
      (proxy: TcpProxy) => {
        proxy.refuses = () => true;
        proxy.cut();
      },
    ],
    ["by silence", (proxy: TcpProxy) => proxy.silence()],
  ] as const;

  /** Each piece through a proxy waits a little, so that the middle lasts. */
  function slowly(): void {
    for (const proxy of proxies) {
      proxy.delay = () => 2;
    }
  }

  /** Everything comes through again. */
  function heal(): void {
    for (const proxy of proxies) {
      proxy.refuses = () => false;
      proxy.heal();
    }
  }

  /** Runs a command slowly, and cuts it off in its middle. */
  async function cutOff(
    words: readonly string[],
    isThere: () => boolean,
    cut: (proxy: TcpProxy) => void,
  ): Promise<CommandRun> {
    slowly();
    const { ended } = startTfdcNats(words, options());
    await middleOf(ended, isThere);
    proxies.forEach(cut);
    return ended;
  }

  /** Cuts a command off so that it fails, and says so in one paragraph. */
  async function failed(...how: Parameters<typeof cutOff>): Promise<string> {
    const run = await cutOff(...how);
    assert.equal(run.code, 1, run.stdout + run.stderr);
    assert.match(lastLine(run), ONE_PARAGRAPH);
    return lastLine(run);
  }

  for (const [how, cut] of cuts) {
    // F22
    it(`a backup, ${how}: it says so, keeps nothing, and works when run again`, async () => {
      const before = found();
      assert.match(
        await failed(backup(), written, cut),
        /the backup of large broke off: nothing came for 10 s; the leader of the stream is gone, or the way to it\. Run it again\.$/,
      );
      assert.deepEqual(found(), before);
      heal();
      const again = await tfdcNats(backup(), options());
      assert.equal(again.code, 0, again.stderr);
    });
  }

  // F22
  it("a backup, for a moment: it is whole, or nothing of it is kept", async () => {
    const before = found();
    const run = await cutOff(backup(), written, (proxy) => proxy.cut());
    if (run.code === 0) {
      const [name = ""] = found().filter((one) => !before.includes(one));
      const { code, stdout } = await tfdcNats(["verify", join(place(), name)], options());
      assert.equal(code, 0, stdout);
    } else {
      assert.match(lastLine(run), ONE_PARAGRAPH);
      assert.match(lastLine(run), /the backup of large (broke off|is not whole): /);
      assert.deepEqual(found(), before);
    }
  });

  for (const [how, cut] of cuts) {
    // F24
    it(`a restore, ${how}: it says what may be left, and a re-run restores all of it`, async () => {
      const folder = join(place(), found().at(-1) ?? "");
      const { state } = await must("STREAM.INFO.large");
      await must("STREAM.DELETE.large");
      const words = ["restore", folder, ...through()];
      assert.match(
        await failed(words, received, cut),
        /large is half restored and could not be removed \(.+\); once the cluster answers again, a restore with --replace clears it\.|large was not restored: .+; what had arrived was removed again\. Run it again\.$/,
      );
      heal();
      // The deletion that the first run could not send may arrive now, and end what the next one does.
      const again = await eventually(
        () => tfdcNats([...words, "--replace", "--yes"], options()),
        ({ code, stderr }) => code === 0 || !/Run it again\.\n$/.test(stderr),
        60_000,
      );
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual((await must("STREAM.INFO.large")).state.messages, state.messages);
    });
  }
});
