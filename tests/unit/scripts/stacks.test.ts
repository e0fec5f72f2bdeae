import { strict as assert } from "node:assert";
import { versionIn } from "../../../scripts/local/stacks";
import { SERVER_VERSION } from "../../../scripts/toolchain/versions";

describe("versionIn", () => {
  it("finds the nats-server that a stack's file asks for", () => {
    for (const value of ["2.12.15", '"2.12.15"', "'2.12.15'"]) {
      const config = `config:\n  tfdc-nats:colour: blue\n  tfdc-nats:serverVersion: ${value}\n`;
      assert.equal(versionIn(config), "2.12.15");
    }
  });

  it("is the one of the local clusters where the file names none", () => {
    assert.equal(versionIn("config:\n  tfdc-nats:colour: blue\n"), SERVER_VERSION);
    assert.equal(versionIn("#  tfdc-nats:serverVersion: 2.12.15\n"), SERVER_VERSION);
  });
});
