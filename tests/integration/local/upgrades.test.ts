import { strict as assert } from "node:assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { LocalProgram } from "../../support/local-program";

const [OLD, NEW] = ["2.10.29", "2.11.17"];
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

  it("says at preview what bars the way back, and keeps every message, bucket and consumer", async () => {
    await program.configure("serverVersion", NEW);
    const { stdout } = await program.project.ok("preview");
    assert.ok(
      stdout
        .replace(/\s+/g, " ")
        .includes(
          "warning: nats-server 2.10.29 => 2.11.17: the servers restart one by one and keep their streams. On the way back each reads all its messages once when it starts; a stream that uses allowMsgTtl, subjectDeleteMarkerTtl by then loses the setting there without a word.",
        ),
      stdout,
    );
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertKept(NEW);
  });

  it("says at preview which streams lose what on the way back, and goes it", async () => {
    await publish();
    const client = await program.client();
    const jsm = await jetstreamManager(client);
    await jsm.streams.add({ name: "foreign", subjects: ["foreign.>"], allow_msg_ttl: true });
    await client.close();
    await program.configure("serverVersion", OLD);
    const { stdout } = await program.project.ok("preview");
    assert.ok(
      stdout
        .replace(/\s+/g, " ")
        .includes(
          "warning: nats-server 2.11.17 => 2.10.29 is a step back: the servers restart one by one and keep their streams, and each reads all its messages once when it starts. Of the streams, these use settings that it does not know, and each loses the setting there without a word: foreign (allowMsgTtl).",
        ),
      stdout,
    );
    await program.project.ok("up", "--yes", "--skip-preview");
    await assertKept(OLD);
  });
});
