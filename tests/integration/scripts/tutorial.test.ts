import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { consoleBlocks } from "../../support/console-blocks";
import { LocalClone } from "../../support/local-clone";

const PAGE = readFileSync(resolve(__dirname, "../../../docs/tutorial.md"), "utf8");
/** What this tutorial's reader has in the settings of metrics.v1 after step 5. */
const [BEFORE, AFTER] = ["maxMsgsPerSubject: 100_000,", "maxMsgsPerSubject: 10,"];

describe("the tutorial, typed from its page", function () {
  this.timeout(600_000);
  let clone: LocalClone;

  before(async () => {
    clone = await LocalClone.make(true);
  });

  after(() => clone?.remove());

  /** Types the commands of one section, and finds everything that the page says they print. */
  function follow(section: string): string {
    const text = PAGE.split(/^## /m).find((one) => one.startsWith(section)) ?? "";
    const blocks = consoleBlocks(text);
    assert.ok(blocks.length > 0, `the page has no commands under "${section}"`);
    return blocks
      .map(({ commands, printed }) => {
        const { code, output } = clone.run("bash", "-ec", commands.join("\n"));
        assert.equal(code, 0, output);
        for (const line of printed) {
          assert.ok(normal(output).includes(normal(line)), `${line}\nis not in\n${output}`);
        }
        return output;
      })
      .join("");
  }

  /** Who leads is not up to the page. */
  function normal(text: string): string {
    return text.replace(/(meta leader nats-\w+)-\d/g, "$1-N");
  }

  function preview() {
    return clone.npm("run", "local", "--", "preview", "-s", "local-blue", "--diff");
  }

  function edit(from: string, to: string): void {
    const path = join(clone.folder, "topology.ts");
    const text = readFileSync(path, "utf8");
    assert.ok(text.includes(from));
    writeFileSync(path, text.replace(from, to));
  }

  it("1. has two clusters", () => {
    follow("1.");
  });

  it("2. has nothing to do", () => {
    follow("2.");
  });

  it("3. sees what somebody changed", () => {
    follow("3.");
  });

  it("4. puts it right", () => {
    follow("4.");
  });

  it("5. is refused what would delete messages, and not what would not", async () => {
    edit(BEFORE, AFTER);
    const plain = preview();
    assert.equal(plain.code, 0, plain.output);
    assert.match(plain.output, /~ maxMsgsPerSubject: 100000 => 10/);

    const client = await clone.client();
    for (let message = 0; message < 12; message++) {
      await client.request("metrics.tutorial", "x", { timeout: 10_000 });
    }
    await client.close();
    const refused = preview();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /2 messages/);
    edit(AFTER, BEFORE);
    assert.match(preview().output, /13 unchanged/);
  });

  it("6. loses a server, and has it again", () => {
    follow("6.");
    const up = clone.npm("run", "local", "--", "up", "-s", "local-blue", "--yes");
    assert.equal(up.code, 0, up.output);
    assert.match(preview().output, /13 unchanged/);
  });

  it("7. cleans up, and asks first where there are messages", () => {
    const { code, output } = clone.npm("stop");
    assert.equal(code, 2, output);
    assert.match(output, /blue holds 12 messages\./);
    const all = clone.npm("stop", "--", "--yes");
    assert.equal(all.code, 0, all.output);
  });
});
