import { strict as assert } from "node:assert";
import { join } from "node:path";
import fc from "fast-check";
import ts from "typescript";
import { BUCKET_CHOICES } from "../../../components/jetstream/asset-kinds";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { FIELD_VALUES, fieldValue } from "../../support/arbitraries";

const COMPONENTS = join(__dirname, "..", "..", "..", "components");

/** The members of an interface, each with its doc comment, as the source has them. */
function members(file: string, name: string): Map<string, string> {
  const path = join(COMPONENTS, file);
  const text = ts.sys.readFile(path) ?? "";
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const found = source.statements.find(
    (one): one is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(one) && one.name.text === name,
  );
  assert.ok(found, `${file} has no interface ${name}`);
  return new Map(
    found.members.map((member) => [
      member.name?.getText(source) ?? "",
      ts
        .getJSDocCommentsAndTags(member)
        .map((comment) => comment.getText(source))
        .join("\n"),
    ]),
  );
}

describe("the table of stream fields", () => {
  it("has each name once, here and on the wire", () => {
    for (const key of ["name", "wire"] as const) {
      const names = STREAM_FIELDS.map((field) => field[key]);
      assert.deepEqual([...new Set(names)], names);
    }
  });

  it("is camel case here, and has underscores on the wire", () => {
    for (const { name, wire } of STREAM_FIELDS) {
      assert.match(name, /^[a-z]+([A-Z][a-z]+)*$/);
      assert.match(wire, /^[a-z]+(_[a-z]+)*$/);
    }
  });

  it("has every field of nats-server 2.10, and those that later ones brought", () => {
    const since = (version: string | undefined) =>
      STREAM_FIELDS.filter((field) => field.since === version).map(({ wire }) => wire);
    assert.deepEqual(since(undefined).sort(), [
      "allow_direct",
      "allow_rollup_hdrs",
      "compression",
      "consumer_limits",
      "deny_delete",
      "deny_purge",
      "description",
      "discard",
      "discard_new_per_subject",
      "duplicate_window",
      "first_seq",
      "max_age",
      "max_bytes",
      "max_consumers",
      "max_msg_size",
      "max_msgs",
      "max_msgs_per_subject",
      "metadata",
      "mirror",
      "mirror_direct",
      "name",
      "no_ack",
      "num_replicas",
      "placement",
      "republish",
      "retention",
      "sealed",
      "sources",
      "storage",
      "subject_transform",
      "subjects",
    ]);
    assert.deepEqual(since("2.11.0"), ["allow_msg_ttl", "subject_delete_marker_ttl"]);
    assert.deepEqual(since("2.12.0"), [
      "allow_msg_counter",
      "allow_atomic",
      "allow_msg_schedules",
      "persist_mode",
    ]);
    assert.deepEqual(since("2.14.0"), ["allow_batched"]);
    const all = STREAM_FIELDS.map((field) => field.since);
    assert.deepEqual([...new Set(all)], [undefined, "2.11.0", "2.12.0", "2.14.0"]);
  });

  it("documents every row as an argument of Stream, and nothing else", () => {
    const documented = members("stream-args.ts", "StreamSettingsArgs");
    const rows = STREAM_FIELDS.map(({ name }) => name).filter((name) => name !== "name");
    assert.deepEqual([...documented.keys()], rows);
    for (const [name, comment] of documented) {
      assert.match(comment, /^\/\*\*[\s\S]*\w/, `${name} has no doc comment`);
    }
    assert.match(members("stream-args.ts", "StreamArgs").get("name") ?? "", /Name on the server/);
  });

  it("documents every choice of a bucket as an argument of KeyValue, and nothing else", () => {
    const documented = members("key-value-args.ts", "KeyValueSettingsArgs");
    const choices = BUCKET_CHOICES.filter((name) => name !== "bucket");
    assert.deepEqual([...documented.keys()].sort(), [...choices].sort());
    for (const [name, comment] of documented) {
      assert.match(comment, /^\/\*\*[\s\S]*\w/, `${name} has no doc comment`);
    }
    assert.match(members("key-value-args.ts", "KeyValueArgs").get("bucket") ?? "", /Name of the/);
  });

  it("says of every optional argument what it is without", () => {
    for (const [file, name] of [
      ["stream-args.ts", "StreamSettingsArgs"],
      ["key-value-args.ts", "KeyValueSettingsArgs"],
    ] as const) {
      for (const [member, comment] of members(file, name)) {
        assert.match(comment, /@default \S/, `${name}.${member}`);
      }
    }
  });

  it("has values to be tested with for every row, and for no other", () => {
    assert.deepEqual(
      Object.keys(FIELD_VALUES),
      STREAM_FIELDS.map(({ name }) => name),
    );
  });
});

describe("every field", () => {
  for (const { name, kind, fallback } of STREAM_FIELDS) {
    it(`${name}: what is canonical stays as it is`, () => {
      fc.assert(
        fc.property(fieldValue(name), (written) => {
          const once = kind.parse(name, written);
          assert.deepEqual(once.problems, []);
          if (once.value !== undefined) {
            assert.deepEqual(kind.parse(name, once.value), once);
          }
        }),
      );
    });

    it(`${name}: comes back from the wire as it went`, () => {
      fc.assert(
        fc.property(fieldValue(name), (written) => {
          const { value } = kind.parse(name, written);
          if (value !== undefined) {
            const { sent } = JSON.parse(JSON.stringify({ sent: kind.toWire(value) }));
            assert.deepEqual(kind.fromWire(sent), value);
          }
        }),
      );
    });

    if (typeof fallback !== "function" && name !== "name") {
      it(`${name}: is its default where the wire says nothing`, () => {
        assert.deepEqual(kind.fromWire(undefined), fallback);
      });
    }
  }
});
