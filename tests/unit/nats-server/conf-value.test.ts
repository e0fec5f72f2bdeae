import { strict as assert } from "node:assert";
import fc from "fast-check";
import { quote, Raw, writeConf } from "../../../components/nats-server/conf-value";

describe("writeConf", () => {
  it("writes texts in quotes, numbers and flags bare, and leaves out what is not set", () => {
    const text = writeConf({ name: "blue", port: 4222, debug: false, missing: undefined });
    assert.equal(text, 'name: "blue"\nport: 4222\ndebug: false\n');
  });

  it("writes blocks and lists, indented", () => {
    const text = writeConf({ cluster: { name: "blue", routes: ["a", "b"], none: [] } });
    assert.equal(
      text,
      'cluster {\n  name: "blue"\n  routes: [\n    "a"\n    "b"\n  ]\n  none: []\n}\n',
    );
  });

  it("writes a list of blocks", () => {
    const text = writeConf({ users: [{ user: "a" }, { user: "b" }] });
    assert.equal(text, 'users: [\n  {\n    user: "a"\n  }\n  {\n    user: "b"\n  }\n]\n');
  });

  it("writes a raw value as it stands", () => {
    assert.equal(writeConf({ password: new Raw("$PASSWORD") }), "password: $PASSWORD\n");
  });
});

describe("quote", () => {
  it("quotes digits, variables and comments, so that they are texts", () => {
    assert.equal(quote("12345"), '"12345"');
    assert.equal(quote("$HOME"), '"$HOME"');
    assert.equal(quote("a # b"), '"a # b"');
  });

  it("escapes what would end the text", () => {
    assert.equal(quote('a"b\\c\nd\re\tf'), '"a\\"b\\\\c\\nd\\re\\tf"');
  });

  it("keeps every text on one line between two quotes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const inner = quote(text).slice(1, -1);
        assert.doesNotMatch(inner, /[\n\r\t]/);
        assert.doesNotMatch(inner.replace(/\\./g, ""), /["\\]/);
      }),
    );
  });
});
