import { strict as assert } from "node:assert";
import { BUCKET, STREAM } from "../../../components/jetstream/asset-kinds";
import { unknownProperties } from "../../../components/jetstream/unknown-properties";

const reasons = (...parameters: Parameters<typeof unknownProperties>) =>
  unknownProperties(...parameters).map(({ reason }) => reason);

describe("properties that an asset does not have", () => {
  it("are none where every one is a field, a policy, or not set", () => {
    const input = { name: "a", maxAge: "3d", adopt: "always", maxage: undefined };
    assert.deepEqual(unknownProperties(STREAM, input, ["adopt"]), []);
    assert.deepEqual(unknownProperties(BUCKET, { bucket: "a", ttl: "3d" }, []), []);
  });

  it("are each named, with the property that was meant", () => {
    const input = { maxage: "3d", num_replicas: 3, "max-bytes": 1, ADOPT: "always" };
    assert.deepEqual(reasons(STREAM, input, ["adopt"]), [
      "'maxage' is not known: a stream has no such property; use 'maxAge'",
      "'num_replicas' is not known: a stream has no such property; use 'replicas'",
      "'max-bytes' is not known: a stream has no such property; use 'maxBytes'",
      "'ADOPT' is not known: a stream has no such property; use 'adopt'",
    ]);
  });

  it("are a stream's words for what a bucket calls otherwise", () => {
    assert.deepEqual(reasons(BUCKET, { maxAge: "3d", max_msgs_per_subject: 5 }, []), [
      "'maxAge' is not known: a bucket has no such property; use 'ttl'",
      "'max_msgs_per_subject' is not known: a bucket has no such property; use 'history'",
    ]);
  });

  it("do not show what they were given, which may be a password", () => {
    assert.deepEqual(reasons(STREAM, { pasword: "hunter2" }, []), [
      "'pasword' is not known: a stream has no such property; correct or remove it",
    ]);
  });
});
