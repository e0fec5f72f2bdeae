import { strict as assert } from "node:assert";
import { jetstreamManager } from "@nats-io/jetstream";
import { UpgradedColour } from "../../support/upgraded-colour";

const [OLD, NEW] = ["2.10.29", "2.11.17"];
/** A version that there is no program of. */
const ABSENT = "2.11.999";

// F27
describe("a colour whose nats-server is upgraded, and taken back", function () {
  this.timeout(240_000);
  let colour: UpgradedColour;

  before(async () => {
    colour = await UpgradedColour.start(OLD);
  });

  after(() => colour?.remove());

  it("refuses a setting that neither the servers nor the declared version know", async () => {
    colour.declareTtl(true);
    const preview = await colour.program.project.run("preview");
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
    await colour.program.configure("serverVersion", ABSENT);
    await colour.assertSaid(
      `allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: ${OLD} => ${ABSENT}`,
    );
    const { code, stdout } = await colour.program.project.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    const said = stdout.replace(/\s+/g, " ");
    assert.ok(said.includes(`error: nats-server ${ABSENT} is not on this machine: `), stdout);
    assert.doesNotMatch(said, /allowMsgTtl/);
    assert.equal(await colour.hasTtl(), false);
  });

  it("brings the version and then the setting in one update, says so at preview with what bars the way back, and keeps every message, bucket and consumer", async () => {
    await colour.program.configure("serverVersion", NEW);
    await colour.assertSaid(
      "nats-server 2.10.29 => 2.11.17: the servers restart one by one and keep their streams. On the way back each reads all its messages once when it starts; a stream that uses allowMsgTtl, subjectDeleteMarkerTtl by then loses the setting there without a word.",
      "allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: 2.10.29 => 2.11.17",
    );
    await colour.program.project.ok("up", "--yes", "--skip-preview");
    assert.equal(await colour.hasTtl(), true);
    await colour.assertKept(NEW);
  });

  it("says at preview which streams lose what on the way back, and goes it", async () => {
    await colour.publish();
    const client = await colour.program.client();
    const jsm = await jetstreamManager(client);
    await jsm.streams.add({ name: "foreign", subjects: ["foreign.>"], allow_msg_ttl: true });
    await client.close();
    colour.declareTtl(false);
    await colour.program.configure("serverVersion", OLD);
    await colour.assertSaid(
      "nats-server 2.11.17 => 2.10.29 is a step back: the servers restart one by one and keep their streams, and each reads all its messages once when it starts. Of the streams, these use settings that it does not know, and each loses the setting there without a word: events_v1 (allowMsgTtl), foreign (allowMsgTtl).",
      "allowMsgTtl is lost when the servers restart: nats-server 2.10.29, which this update brings, does not know it",
    );
    await colour.program.project.ok("up", "--yes", "--skip-preview");
    assert.equal(await colour.hasTtl(), false);
    await colour.assertKept(OLD);
  });
});
