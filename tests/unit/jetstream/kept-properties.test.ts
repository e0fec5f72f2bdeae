import { strict as assert } from "node:assert";
import { BUCKET, STREAM } from "../../../components/jetstream/asset-kinds";
import { keptProperties, wholeProperties } from "../../../components/jetstream/kept-properties";
import { UNKNOWN } from "../../../components/jetstream/kinds";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";

const { properties } = STREAM.normalise({ name: "x" });
const NEWER = STREAM_FIELDS.filter(({ since }) => since !== undefined).map(({ name }) => name);

describe("the properties that a state holds", () => {
  it("are all but those that the oldest server does not know and nobody uses", () => {
    const kept = keptProperties(STREAM, properties, {});
    assert.deepEqual(
      Object.keys(properties).filter((name) => !(name in kept)),
      NEWER,
    );
  });

  it("hold one that is used, or will be", () => {
    for (const value of [true, UNKNOWN]) {
      const kept = keptProperties(STREAM, { ...properties, allowMsgTtl: value }, {});
      assert.equal(kept.allowMsgTtl, value);
    }
  });

  it("hold one that stood there before, so that a change shows both of its values", () => {
    const kept = keptProperties(STREAM, properties, { allowMsgTtl: true });
    assert.equal(kept.allowMsgTtl, false);
    assert.equal("allowAtomicPublish" in kept, false);
  });

  it("go by the names that a bucket has for them", () => {
    const bucket = BUCKET.normalise({ bucket: "b" }).properties;
    assert.equal("limitMarkerTtl" in keptProperties(BUCKET, bucket, {}), false);
    const before = { limitMarkerTtl: "1m", subjectDeleteMarkerTtl: "1m" };
    assert.equal(keptProperties(BUCKET, bucket, before).limitMarkerTtl, "none");
  });

  it("are whole again for who compares them", () => {
    for (const before of [{}, { allowMsgTtl: true }, { persistMode: "async" }]) {
      const kept = keptProperties(STREAM, properties, before);
      assert.deepEqual(wholeProperties(STREAM, kept), properties);
    }
    const used = { ...properties, persistMode: "async" };
    assert.deepEqual(wholeProperties(STREAM, keptProperties(STREAM, used, {})), used);
  });
});
