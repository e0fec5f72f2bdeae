import { strict as assert } from "node:assert";
import { isOlder, losesStreamsOnKill } from "../../../components/jetstream/versions";

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

describe("losesStreamsOnKill", () => {
  it("is true from 2.10.20 to 2.10.22 and nowhere else", () => {
    const versions = ["2.10.19", "2.10.20", "2.10.22", "2.10.23", "2.10.29", "2.11.0"];
    assert.deepEqual(versions.filter(losesStreamsOnKill), ["2.10.20", "2.10.22"]);
  });
});
