import { strict as assert } from "node:assert";
import { isOlder, lossOnKill, mayStartMute } from "../../../components/jetstream/versions";

describe("isOlder", () => {
  it("compares number by number, not as texts", () => {
    assert.equal(isOlder("2.9.25", "2.10.0"), true);
    assert.equal(isOlder("2.10.9", "2.10.29"), true);
    assert.equal(isOlder("2.10.29", "2.10.9"), false);
    assert.equal(isOlder("3.0.0", "2.99.99"), false);
  });

  it("calls no version older than itself", () => {
    assert.equal(isOlder("2.10.29", "2.10.29"), false);
    assert.equal(isOlder("2.12", "2.12.0"), false);
    assert.equal(isOlder("2.12.0", "2.12"), false);
  });

  it("reads past a prefix and a suffix", () => {
    assert.equal(isOlder("v2.10.29", "2.11.0"), true);
    assert.equal(isOlder("2.12.8-fips", "2.12.8"), false);
    assert.equal(isOlder("2.11.0-RC.1", "2.11.1"), true);
  });

  it("takes a version without numbers for the oldest", () => {
    assert.equal(isOlder("unknown", "0.0.1"), true);
  });
});

describe("lossOnKill", () => {
  const lossy = (versions: readonly string[]) =>
    versions.filter((version) => lossOnKill(version) !== undefined);

  it("knows 2.10.20 to 2.10.22, which lose whole streams", () => {
    const versions = ["2.10.19", "2.10.20", "2.10.22", "2.10.23", "2.10.29", "2.11.0"];
    assert.deepEqual(lossy(versions), ["2.10.20", "2.10.22"]);
    assert.deepEqual(lossOnKill("2.10.22")?.remedy, "use 2.10.29");
  });

  it("knows 2.11.10 and newer, 2.12.1 and 2.12.2, which forget streams that were updated", () => {
    const versions = ["2.11.9", "2.11.10", "2.11.17", "2.12.0", "2.12.1", "2.12.2", "2.12.3"];
    assert.deepEqual(lossy(versions), ["2.11.10", "2.11.17", "2.12.1", "2.12.2"]);
    assert.match(lossOnKill("2.11.17")?.words ?? "", /^forgets a stream that was updated in the/);
    assert.equal(lossOnKill("2.11.17")?.remedy, "use 2.12.3 or newer, or 2.10.29");
    assert.equal(lossOnKill("2.12.2")?.remedy, "use 2.12.3 or newer");
  });
});

describe("mayStartMute", () => {
  it("knows 2.10.23 to the end of 2.10", () => {
    const versions = ["2.10.22", "2.10.23", "2.10.29", "2.11.0", "2.12.15", "2.15.3"];
    assert.deepEqual(versions.filter(mayStartMute), ["2.10.23", "2.10.29"]);
  });
});
