import { strict as assert } from "node:assert";
import { LONGEST_COMMENT, markerLine, previewComment } from "../../../../ops/preview/comment";
import { code, fenced } from "../../../../ops/preview/markdown";
import { withoutLogins, withoutSecrets } from "../../../../ops/preview/redact";
import { type StackChanges, stackChanges } from "../../../../ops/preview/stack-changes";
import { changesOf } from "../../../support/preview-fixtures";

const OPTIONS = { marker: "pull-request", title: "Preview of blue" };
const NOTHING = stackChanges("blue", { steps: [], diagnostics: [] }, { last: new Map() });
const comment = (...stacks: StackChanges[]) => previewComment(stacks, OPTIONS);

/** The part that is not folded. */
const top = (text: string) => text.split("<details>")[0] ?? "";
const cell = (text: string, title: string) =>
  new RegExp(`^\\| ${title} \\| (.*) \\|$`, "m").exec(text)?.[1];

describe("the comment on a pull request", () => {
  it("begins with a marker by which the next run finds it", () => {
    assert.equal(
      comment(NOTHING).split("\n")[0],
      "<!-- tfdc-nats preview-comment: pull-request -->",
    );
    assert.notEqual(markerLine("drift"), markerLine("pull-request"));
  });

  it("says in one line that nothing changes, and folds nothing", () => {
    const text = comment(changesOf("clean"));
    assert.match(text, /^✅ `blue`: no changes {2}$/m);
    assert.equal(cell(text, "Changes"), "none<br>13 unchanged");
    assert.ok(!text.includes("<details>"));
  });

  it("gives the verdict of the worst thing first", () => {
    for (const [name, words] of [
      ["unreachable", /❓ `blue`: \*\*the cluster could not be reached\*\*/],
      ["refused", /⛔ `blue`: \*\*refused\*\*/],
      ["allowed", /🗑️ `blue`: \*\*data would go\*\*/],
      ["restart", /🔄 `blue`: \*\*servers would be restarted\*\*/],
      ["gone", /✏️ `blue`: changes, drift among them/],
    ] as const) {
      assert.match(comment(changesOf(name)), words, name);
    }
    assert.match(comment({ ...NOTHING, outcome: "absent" }), /⛔ `blue`: \*\*no preview\*\*/);
  });

  it("has a row for each thing that a reviewer asks", () => {
    const text = comment(changesOf("restart"));
    assert.match(cell(text, "Changes") ?? "", /^\*\*\d to update\*\*: `nats-blue-0`, .*unchanged$/);
    assert.equal(cell(text, "Restarted"), "`nats-blue-0`, `nats-blue-1`, `nats-blue-2`");
    assert.equal(cell(text, "Reloaded"), "none");
    assert.match(cell(text, "Drift found") ?? "", /^changed: .*`blue-metrics\.v1`/);
    assert.equal(cell(text, "Refused"), "none");
    assert.equal(cell(comment(changesOf("refused")), "Refused"), "`blue-guard`, see below");
    assert.equal(cell(comment(changesOf("allowed")), "Data that goes"), "`blue-alerts.v1`");
    assert.match(cell(comment(changesOf("gone")), "Drift found") ?? "", /^gone: `blue-events\.v1`/);
    assert.equal(
      cell(comment(changesOf("unreachable")), "Not reached"),
      "**6 resources**, see below",
    );
  });

  it("quotes what is refused above the fold", () => {
    assert.match(
      top(comment(changesOf("refused"))),
      /the change deletes 40 of 50 messages at once/,
    );
  });

  it("folds every property, with drift marked", () => {
    const [, folded = ""] = comment(changesOf("restart")).split("<details>");
    assert.match(folded, /^<summary>blue: every property of \d changes<\/summary>/);
    assert.match(folded, /^! {3}maxAge: "3d" => "14d" {3}# drift, and edited in the code$/m);
    assert.match(folded, /^! {3}maxAge: "30d" => "14d"$/m);
    assert.match(folded, /^! {3}restartOnly\.maxMemoryStore: "2GiB" => "3GiB"$/m);
    assert.match(folded, /=> "metrics\.v1" {3}# drift: put back$/m);
  });

  it("puts two colours side by side", () => {
    const text = comment(changesOf("clean"), { ...changesOf("reload"), stack: "green" });
    assert.match(text, /^\|\s+\| `blue` \| `green` \|$/m);
    assert.equal(cell(text, "Reloaded"), "none | `nats-blue-0`, `nats-blue-1`, `nats-blue-2`");
  });

  it("says that drift is not told apart where no state was given", () => {
    const text = comment({ ...changesOf("reload"), drift: undefined });
    assert.equal(
      cell(text, "Drift found"),
      "among the changes: no state was given to tell it apart",
    );
  });
});

describe("a comment longer than GitHub takes", () => {
  const many = (count: number, length = 10): StackChanges => ({
    ...NOTHING,
    changes: Array.from({ length: count }, (_, index) => ({
      name: `stream-${index}`,
      type: "pulumi-nodejs:dynamic/tfdc:Stream",
      operation: "update",
      properties: [{ path: "maxAge", before: "a".repeat(length), after: "7d", origin: "edit" }],
    })),
  });

  it("is cut in the differences, with a sentence that counts what is left out", () => {
    const text = comment(many(3_000));
    assert.ok(text.length <= LONGEST_COMMENT, `${text.length}`);
    assert.ok(text.length > LONGEST_COMMENT - 500, `${text.length}`);
    const shown = [...text.matchAll(/^! /gm)].length;
    assert.ok(
      text.includes(
        `The differences of \`blue\` are cut here: ${6_000 - shown} lines left out, because a comment holds 65536 characters.`,
      ),
    );
    assert.match(text, /\*\*3000 to update\*\*: .*, 2990 more/);
    assert.match(text, /\n<\/details>\n$/);
  });

  it("gives each colour its share, and what one leaves to the others", () => {
    const text = comment(many(3_000), { ...many(3_000), stack: "green" });
    assert.ok(text.length <= LONGEST_COMMENT);
    const lines = (stack: string) =>
      Number(new RegExp(`of \`${stack}\` are cut here: (\\d+)`).exec(text)?.[1]);
    assert.ok(Math.abs(lines("blue") - lines("green")) < 20);
    const other = comment(many(1), { ...many(500), stack: "green" });
    assert.ok(!other.includes("cut here") && other.includes("stream-499"));
  });

  it("keeps the whole summary, with less said of each thing", () => {
    const long = Array.from({ length: 400 }, (_, index) => ({
      about: `s-${index}`,
      text: `refused ${index} ${"because ".repeat(200)}`,
    }));
    const text = comment({ ...many(2_000), outcome: "failed", refusals: long, losses: long });
    assert.ok(text.length <= LONGEST_COMMENT);
    for (const title of ["Changes", "Restarted", "Data that goes", "Refused", "Not reached"]) {
      assert.ok(cell(text, title) !== undefined, title);
    }
    assert.match(top(text), /\.\.\. and \d+ more/);
  });

  it("is refused where the stacks alone are too many", () => {
    const stacks = Array.from({ length: 2_000 }, (_, index) => ({
      ...NOTHING,
      stack: `s${index}`,
    }));
    assert.throws(() => comment(...stacks), {
      message:
        "the summary of 2000 stacks is longer than a comment may be; render them in several comments, each with a --marker of its own.",
    });
  });
});

describe("a name that is not meant well", () => {
  const evil = "a`|@admin ![x](http://h/i.png)\n</details><script># **b**";
  const text = comment({
    ...NOTHING,
    changes: [
      {
        name: evil,
        type: evil,
        operation: "update",
        properties: [{ path: evil, before: `\`\`\`\n${evil}`, after: evil, origin: "edit" }],
      },
    ],
    refusals: [{ about: evil, text: `\`\`\`\`\n${evil}` }],
    outcome: "failed",
  });

  it("stays inside of code, where nothing is a mention, a link, an image or HTML", () => {
    assert.deepEqual(codeless(text).match(/@admin|script|!\[|i\.png/g), null);
  });

  it("does not end the cell of a table", () => {
    const row = text.split("\n").find((line) => line.startsWith("| Changes")) ?? "";
    assert.equal([...row.matchAll(/\|/g)].length, 3);
  });

  it("does not close a fold or a fence before its end", () => {
    const folds = codeless(text).match(/<\/?details>/g);
    assert.deepEqual(folds, ["<details>", "</details>"]);
  });

  it("loses what cannot be seen, and keeps a fence longer than its own backticks", () => {
    assert.equal(code("a\u202eb\u0000c\nd"), "`a b c d`");
    assert.equal(code("``a`"), "``` ``a` ```");
    assert.equal(code("a|b\\", { inTable: true }), "`a¦b\\`");
    assert.equal(code(""), "` `");
    assert.equal(code("x".repeat(100)).length, 82);
    assert.equal(fenced(["a ```` b"]).split("\n")[0], "`````");
  });
});

/** A comment without its code, by the rules of CommonMark: fences first, then spans. */
function codeless(text: string): string {
  return text
    .replace(/^(`{3,})[^`\n]*\n[\s\S]*?\n\1$/gm, "")
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
}

describe("a secret", () => {
  it("is hidden by its name, wherever it stands, but not where it is kept", () => {
    const type = "pulumi-nodejs:dynamic/tfdc:Stream";
    const connection = {
      user: "me",
      password: "hunter2",
      servers: ["nats://me:hunter2@host:4222"],
      creds: { credentials: { file: "/etc/nats.creds" } },
    };
    assert.deepEqual(withoutSecrets(connection, "connection", type), {
      user: "me",
      password: "[hidden]",
      servers: ["nats://[hidden]@host:4222"],
      creds: { credentials: { file: "/etc/nats.creds" } },
    });
    assert.equal(withoutSecrets("hunter2", "passwords.client", type), "[hidden]");
    assert.deepEqual(withoutSecrets({ client: "x" }, "passwords", type), { client: "[hidden]" });
    assert.equal(withoutSecrets("a", "data.key", "kubernetes:core/v1:Secret"), "[hidden]");
    assert.equal(withoutSecrets("a", "data.key", "kubernetes:core/v1:ConfigMap"), "a");
    assert.equal(
      withoutSecrets({ "4dabf18193072939515e22adb298388d": "1b", plaintext: '"x"' }, "a", type),
      "[secret]",
    );
  });

  it("is hidden in what was said", () => {
    assert.equal(withoutLogins("nats://u:p@h says no"), "nats://[hidden]@h says no");
    const text = comment({
      ...NOTHING,
      outcome: "failed",
      refusals: [{ about: undefined, text: "cannot reach nats://u:hunter2@h" }],
    });
    assert.ok(!text.includes("hunter2"));
  });
});
