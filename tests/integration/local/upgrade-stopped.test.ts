import { strict as assert } from "node:assert";
import { FailingServer } from "../../support/failing-server";
import { UpgradedColour } from "../../support/upgraded-colour";

const [OLD, NEW] = ["2.10.29", "2.11.17"];
/** Each preview reaches a server by chance, of the one version or of the other. */
const PREVIEWS = 4;

// F27
describe("an upgrade that stops at the second server, with a setting that needs it", function () {
  this.timeout(300_000);
  let colour: UpgradedColour;
  let failing: FailingServer;

  before(async () => {
    colour = await UpgradedColour.start(OLD);
    failing = new FailingServer(colour.program, NEW, [OLD], "nats-blue-1", "no space left");
  });

  after(() => colour?.remove());

  /** Declares the newer version and the setting, or neither. */
  async function declare(version: string): Promise<void> {
    colour.declareTtl(version === NEW);
    await colour.program.configure("serverVersion", version);
  }

  async function upStops(): Promise<void> {
    const { code, stdout } = await colour.program.project.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(
      stdout.replace(/\s+/g, " "),
      /error: nats-blue-1 was started and ended at once: nats-server says "no space left"; mend that and run the command again\. The whole log is \S+\/nats-blue-1\/nats\.log\. Servers that this update has not reached run on with nats-server 2\.10\.29, and what depends on the servers, such as streams, was not written; the next run goes on from here to 2\.11\.17, or back where 2\.10\.29 is declared again\./,
    );
    assert.deepEqual(await colour.versions(), [NEW, undefined, OLD]);
    assert.equal(await colour.hasTtl(), false);
  }

  it("says what it left: one server of each version, one that is down, and nothing written", async () => {
    await declare(NEW);
    await upStops();
    await colour.publish();
  });

  it("is judged by the version that will run, whichever server answers the preview", async () => {
    for (let index = 0; index < PREVIEWS; index++) {
      await colour.assertSaid(
        "nats-server 2.10.29 => 2.11.17: the servers restart one by one and keep their streams.",
        "allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: 2.10.29 => 2.11.17",
      );
    }
  });

  it("is taken back as a step back of the server that had come, and loses nothing", async () => {
    await declare(OLD);
    for (let index = 0; index < PREVIEWS; index++) {
      await colour.assertSaid(
        "nats-server 2.11.17 => 2.10.29 is a step back: the servers restart one by one and keep their streams, and each reads all its messages once when it starts. Of the streams, none uses a setting that the older version does not know.",
      );
    }
    await colour.program.project.ok("up", "--yes", "--skip-preview");
    await colour.assertKept(OLD);
  });

  it("goes on where it stopped once the cause is gone, and keeps every message", async () => {
    await declare(NEW);
    await upStops();
    await colour.publish();
    failing.mend();
    await colour.program.project.ok("up", "--yes", "--skip-preview");
    assert.equal(await colour.hasTtl(), true);
    await colour.assertKept(NEW);
  });
});
