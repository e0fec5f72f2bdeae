import { strict as assert } from "node:assert";
import { transferBar } from "../../../../ops/terminal/bar";

const MIB = 1 << 20;

describe("the bar of a transfer", () => {
  it("fills from left to right, and tells percent and bytes", () => {
    assert.equal(transferBar(0, 8 * MIB), `${"░".repeat(24)}   0 %  0 B of 8.0 MiB`);
    assert.equal(
      transferBar(2 * MIB, 8 * MIB),
      `${"█".repeat(6)}${"░".repeat(18)}  25 %  2.0 MiB of 8.0 MiB`,
    );
    assert.equal(transferBar(8 * MIB, 8 * MIB), `${"█".repeat(24)} 100 %  8.0 MiB of 8.0 MiB`);
  });

  it("stays full where more comes than was thought", () => {
    assert.equal(
      transferBar(3 * MIB, 2 * MIB, true),
      `${"█".repeat(24)} 100 %  3.0 MiB of about 2.0 MiB`,
    );
  });

  it("stays empty where nothing is known to come", () => {
    assert.equal(transferBar(0, 0), `${"░".repeat(24)}   0 %  0 B of 0 B`);
  });
});
