import { strict as assert } from "node:assert";
import { commandOf, localStack, namedStack } from "../../../scripts/local/stack-words";

describe("namedStack", () => {
  it("reads every form of the flag, wherever it stands", () => {
    for (const words of ["preview -s blue", "-s blue preview", "-sblue preview", "-s=blue up"]) {
      assert.equal(namedStack(words.split(" ")), "blue", words);
    }
    assert.equal(namedStack(["up", "--stack", "blue"]), "blue");
    assert.equal(namedStack(["up", "--stack=blue"]), "blue");
  });

  it("finds none where none is named", () => {
    assert.equal(namedStack(["preview", "--show-sames", "--diff"]), undefined);
    assert.equal(namedStack(["config", "set", "key", "--", "-s", "blue"]), undefined);
  });
});

describe("commandOf", () => {
  it("is the first word that is neither a flag nor the value of one", () => {
    assert.equal(commandOf(["config", "set", "a", "b"]), "config");
    assert.equal(commandOf(["-s", "local-blue", "config", "set", "a", "b"]), "config");
    assert.equal(commandOf(["--color=never", "preview"]), "preview");
    assert.equal(commandOf(["stack", "output", "config"]), "stack");
  });

  it("is nothing where there are flags alone", () => {
    assert.equal(commandOf(["--help"]), undefined);
  });
});

describe("localStack", () => {
  it("knows the local stacks with and without their project", () => {
    assert.equal(localStack("local-blue"), "local-blue");
    assert.equal(localStack("organization/tfdc-nats/local-green"), "local-green");
  });

  it("knows no other", () => {
    assert.equal(localStack("blue"), undefined);
    assert.equal(localStack(undefined), undefined);
  });
});
