import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DOCUMENT, entries, seedFile } from "../../support/seed-document";

const TESTS = resolve(__dirname, "../..");

/** The flags of every `nats stream add` and `nats kv add` of a script, by name of the asset. */
function flagsByAsset(script: string): Map<string, string[]> {
  const commands = script.replaceAll("\\\n", " ").match(/^nats (?:stream|kv) add .*$/gm) ?? [];
  return new Map(
    commands.map((command) => [
      command.split(/\s+/)[3] ?? "",
      [...command.matchAll(/--([a-z-]+)/g)]
        .map(([, flag]) => flag ?? "")
        .filter((flag) => flag !== "server"),
    ]),
  );
}

describe("the corrections of the reference document", () => {
  it("have a table that names every entry, in order", () => {
    const rows = [...DOCUMENT.matchAll(/^\| (\d+)\s+\| [^|]+ \| ([^|]+) \|$/gm)];
    assert.deepEqual(
      rows.map(([, number]) => Number(number)),
      entries().map(({ number }) => number),
    );
    assert.deepEqual(
      entries().map(({ number }) => number),
      entries().map((_, index) => index + 1),
    );
  });

  it("say of every entry how it was shown", () => {
    for (const { number, text } of entries()) {
      assert.match(text, /\*\*Shown\*\*:/, `entry ${number}`);
      assert.match(text, /\*\*Instead\*\*/, `entry ${number}`);
    }
  });

  it("name tests that exist", () => {
    const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" });
    const titles = files
      .filter((file) => file.endsWith(".test.ts"))
      .flatMap((file) => [
        ...readFileSync(join(TESTS, file), "utf8").matchAll(/\bit\("((?:[^"\\]|\\.)*)"/g),
      ])
      .map(([, title]) => title);
    const named = entries().flatMap(({ number, text }) =>
      [...text.matchAll(/_tested_: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, list = ""]) =>
        [...list.matchAll(/“([^”]+)”/g)].map(([, title]) => ({ number, title })),
      ),
    );
    assert.ok(named.length > 20, "the document names its tests");
    for (const { number, title } of named) {
      assert.ok(titles.includes(title), `entry ${number} names no test: ${title}`);
    }
  });

  it("list which settings the initialization script leaves out", () => {
    const described = flagsByAsset(seedFile("commands.sh"));
    const made = flagsByAsset(seedFile("initialize.sh"));
    assert.equal(described.size, 6);
    const dropped = [...described].map(([asset, flags]) => {
      const left = flags.filter((flag) => !made.get(asset)?.includes(flag));
      return `- \`${asset}\`: ${left.map((flag) => `\`--${flag}\``).join(", ")}`;
    });
    const list = /^(?:- `[a-z0-9_.]+`: `--.*\n)+/m.exec(DOCUMENT)?.[0] ?? "";
    assert.deepEqual(list.trim().split("\n"), dropped);
  });
});
