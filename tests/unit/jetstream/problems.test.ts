import { strict as assert } from "node:assert";
import { problem, show, within } from "../../../components/jetstream/problems";

describe("problem", () => {
  it("says which property, what it is, why that cannot be, and what to write instead", () => {
    assert.deepEqual(
      problem("replicas", 2, "a JetStream cluster needs an odd number of servers", "use 3"),
      {
        property: "replicas",
        reason: "'replicas' is 2: a JetStream cluster needs an odd number of servers; use 3",
      },
    );
  });
});

describe("show", () => {
  it("quotes texts and writes everything else as JSON does", () => {
    assert.deepEqual(["a", 1, true, null, ["a"], { a: 1 }].map(show), [
      '"a"',
      "1",
      "true",
      "null",
      '["a"]',
      '{"a":1}',
    ]);
  });

  it("calls what is absent not set", () => {
    assert.equal(show(undefined), "not set");
  });

  it("keeps to one line, also for a text of several", () => {
    assert.equal(show("a\nb"), '"a\\nb"');
  });

  it("writes what JSON has no words for", () => {
    assert.equal(show(Symbol("a")), "Symbol(a)");
  });

  it("cuts what is longer than 120 characters", () => {
    assert.equal(show("x".repeat(118)), `"${"x".repeat(118)}"`);
    assert.equal(show("x".repeat(119)), `"${"x".repeat(116)}...`);
  });
});

describe("within", () => {
  const [inner] = [problem("maxBytes", 0, "it must be a size", "use 1")];

  it("puts the parent's path before the property, also in the reason", () => {
    assert.deepEqual(within('streams["a"]', [inner]), [
      {
        property: 'streams["a"].maxBytes',
        reason: "'streams[\"a\"].maxBytes' is 0: it must be a size; use 1",
      },
    ]);
  });

  it("joins an index without a dot", () => {
    assert.deepEqual(
      within("servers", [problem("[1]", "", "it is empty", "name it")]).map((one) => one.property),
      ["servers[1]"],
    );
  });
});
