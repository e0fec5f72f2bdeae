import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { LocalProgram } from "../../support/local-program";

const [OLD, NEW] = ["2.10.29", "2.11.17"];
/** A version that there is no program of. */
const ABSENT = "2.11.999";
const SERVERS = [0, 1, 2];
const MESSAGES = 20;

// F27
describe("a colour whose nats-server is upgraded, and taken back", function () {
  this.timeout(240_000);
  let program: LocalProgram;
  let published = 0;

  before(async () => {
    program = await LocalProgram.create({ serverVersion: OLD });
    await program.project.ok("up", "--yes", "--skip-preview");
    await publish();
    const client = await program.client();
    await (await jetstreamManager(client)).consumers.add("events_v1", {
      durable_name: "worker",
      ack_policy: "explicit",
    });
    await client.close();
  });

  after(() => program.remove());

  async function publish(): Promise<void> {
    const client = await program.client();
    const js = jetstream(client);
    for (let index = 0; index < MESSAGES; index++) {
      await js.publish("events.a", `${published++}`);
      await js.publish("$KV.workers_v1.one", `${published}`);
    }
    await client.close();
  }

  /** Everything that was declared, published and delivered is there, in the version that is declared. */
  async function assertKept(version: string): Promise<void> {
    const preview = await program.project.run("preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    assert.doesNotMatch(preview.stdout, /=> 2\.1/);
    const versions = await Promise.all(
      SERVERS.map((index) => program.monitor<{ version: string }>(index, "varz")),
    );
    assert.deepEqual(
      versions.map((one) => one.version),
      SERVERS.map(() => version),
    );
    const client = await program.client();
    const jsm = await jetstreamManager(client);
    const { state, cluster } = await jsm.streams.info("events_v1");
    assert.equal(state.messages, published);
    assert.equal(cluster?.replicas?.length, 2);
    const first = await jsm.streams.getMessage("events_v1", { seq: 1 });
    const last = await jsm.streams.getMessage("events_v1", { seq: published });
    assert.deepEqual([first?.string(), last?.string()], ["0", `${published - 1}`]);
    const bucket = await jsm.streams.info("KV_workers_v1", { subjects_filter: ">" });
    assert.equal(bucket.state.last_seq, published);
    const { num_pending: pending } = await jsm.consumers.info("events_v1", "worker");
    assert.equal(pending, published);
    await client.close();
  }

  /** Has `events.v1` declared with a setting that nats-server 2.11 brought, or without. */
  function declareTtl(isDeclared: boolean): void {
    const path = join(program.project.directory, "topology.ts");
    const plain = readFileSync(path, "utf8").replace("    allowMsgTtl: true,\n", "");
    const subjects = '    subjects: ["events.>"],\n';
    const text = isDeclared
      ? plain.replace(subjects, `${subjects}    allowMsgTtl: true,\n`)
      : plain;
    assert.equal(text !== plain, isDeclared);
    writeFileSync(path, text);
  }

  async function assertSaid(...sentences: string[]): Promise<void> {
    const { stdout } = await program.project.ok("preview");
    const said = stdout.replace(/\s+/g, " ");
    for (const sentence of sentences) {
      assert.ok(said.includes(`warning: ${sentence}`), stdout);
    }
  }

  async function hasTtl(): Promise<boolean> {
    const client = await program.client();
    const { config } = await (await jetstreamManager(client)).streams.info("events_v1");
    await client.close();
    return config.allow_msg_ttl === true;
  }

  it("refuses a setting that neither the servers nor the declared version know", async () => {
    declareTtl(true);
    const preview = await program.project.run("preview");
    assert.notEqual(preview.code, 0);
    assert.ok(
      preview.stdout
        .replace(/\s+/g, " ")
        .includes(
          `'streams["events.v1"].allowMsgTtl' is true: nats-server 2.10.29 does not know this field and would drop it without a word; remove it, or run nats-server 2.11.0 or newer`,
        ),
      preview.stdout,
    );
  });

  it("writes nothing where the version does not come, and says why", async () => {
    await program.configure("serverVersion", ABSENT);
    await assertSaid(
      `allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: ${OLD} => ${ABSENT}`,
    );
    const { code, stdout } = await program.project.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    const said = stdout.replace(/\s+/g, " ");
    assert.ok(said.includes(`error: nats-server ${ABSENT} is not on this machine: `), stdout);
    assert.doesNotMatch(said, /allowMsgTtl/);
    assert.equal(await hasTtl(), false);
  });

  it("brings the version and then the setting in one update, says so at preview with what bars the way back, and keeps every message, bucket and consumer", async () => {
    await program.configure("serverVersion", NEW);
    await assertSaid(
      "nats-server 2.10.29 => 2.11.17: the servers restart one by one and keep their streams. On the way back each reads all its messages once when it starts; a stream that uses allowMsgTtl, subjectDeleteMarkerTtl by then loses the setting there without a word.",
      "allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: 2.10.29 => 2.11.17",
    );
    await program.project.ok("up", "--yes", "--skip-preview");
    assert.equal(await hasTtl(), true);
    await assertKept(NEW);
  });

  it("says at preview which streams lose what on the way back, and goes it", async () => {
    await publish();
    const client = await program.client();
    const jsm = await jetstreamManager(client);
    await jsm.streams.add({ name: "foreign", subjects: ["foreign.>"], allow_msg_ttl: true });
    await client.close();
    declareTtl(false);
    await program.configure("serverVersion", OLD);
    await assertSaid(
      "nats-server 2.11.17 => 2.10.29 is a step back: the servers restart one by one and keep their streams, and each reads all its messages once when it starts. Of the streams, these use settings that it does not know, and each loses the setting there without a word: events_v1 (allowMsgTtl), foreign (allowMsgTtl).",
      "allowMsgTtl is lost when the servers restart: nats-server 2.10.29, which this update brings, does not know it",
    );
    await program.project.ok("up", "--yes", "--skip-preview");
    assert.equal(await hasTtl(), false);
    await assertKept(OLD);
  });
});
