import { strict as assert } from "node:assert";
import { remaining } from "../../../../ops/health/examine";
import type { Finding } from "../../../../ops/health/finding";

describe("the second look of an examination", () => {
  const finding = (check: string, what = check): Finding => ({
    check,
    severity: "critical",
    what,
    remedy: "none",
  });

  it("forgets what has passed by itself", () => {
    assert.deepEqual(remaining([finding("server-healthy")], []), []);
  });

  it("keeps what stays, as it is now", () => {
    const now = finding("replica-lag", "20 behind");
    assert.deepEqual(remaining([finding("replica-lag", "10 behind")], [now]), [now]);
  });

  it("does not take what can pass for a fault where only it has seen it", () => {
    assert.deepEqual(remaining([finding("server-healthy")], [finding("replica-lag")]), []);
  });

  it("keeps what never passes by itself, whenever it was seen", () => {
    const lost = finding("meta-leader");
    assert.deepEqual(remaining([finding("server-healthy")], [lost]), [lost]);
  });
});
