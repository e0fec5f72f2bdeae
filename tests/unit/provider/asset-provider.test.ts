import { strict as assert } from "node:assert";
import { BUCKET, STREAM } from "../../../components/jetstream/asset-kinds";
import { assetProvider } from "../../../components/provider/asset-provider";

const connection = { servers: ["127.0.0.1:4222"] };
const beside = { connection, guarded: true, adopt: "always", __provider: "exports.handler = ..." };

describe("check", () => {
  it("names a property that there is none of, before any server is asked", async () => {
    const stream = { ...beside, name: "x", maxage: "3d" };
    assert.deepEqual((await assetProvider(STREAM).check({}, stream)).failures, [
      {
        property: "maxage",
        reason: "'maxage' is not known: a stream has no such property; use 'maxAge'",
      },
    ]);
    const bucket = { ...beside, bucket: "x", maxAge: "3d" };
    assert.deepEqual((await assetProvider(BUCKET).check({}, bucket)).failures, [
      {
        property: "maxAge",
        reason: "'maxAge' is not known: a bucket has no such property; use 'ttl'",
      },
    ]);
  });
});
