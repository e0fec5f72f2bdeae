import { strict as assert } from "node:assert";
import fc from "fast-check";
import { BUCKET, STREAM } from "../../../../components/jetstream/asset-kinds";
import { canonicalText, fromWire, toWire } from "../../../../components/jetstream/stream-settings";
import { declarationsOf, moduleText, undeclarable } from "../../../../ops/generate/generate";
import { buckets, streams } from "../../../../topology";
import { userStream } from "../../../support/arbitraries";

/** The configuration that a declaration comes to on a server. */
const onServer = (kind: typeof STREAM, input: object) =>
  toWire(kind.toStream(kind.normalise(input as never).properties));

describe("declarations from what runs", () => {
  it("are the program's own, in as few words, by the names that NATS refuses", () => {
    const wire = [
      ...Object.entries(streams).map(([name, input]) =>
        onServer(STREAM, { ...input, name: name.replace(".", "_"), description: name }),
      ),
      ...Object.entries(buckets).map(([bucket, input]) => onServer(BUCKET, { ...input, bucket })),
    ];
    const declared = declarationsOf(wire);
    assert.deepEqual(declared.streams["alerts.v1"], streams["alerts.v1"]);
    // Two minutes are the default, and a minute is written in its one canonical form.
    const { duplicateWindow: _, ...metrics } = streams["metrics.v1"] ?? {};
    assert.deepEqual(declared.streams["metrics.v1"], metrics);
    assert.deepEqual(declared.buckets, {
      ...buckets,
      heartbeats: { ...buckets.heartbeats, ttl: "1m" },
    });
  });

  it("come to the same configuration again, whatever it is", () => {
    fc.assert(
      fc.property(userStream(), (input) => {
        const wire = onServer(STREAM, { ...input, name: "orders" });
        const { streams: found } = declarationsOf([wire]);
        const [[name = "", declaration = {}] = []] = Object.entries(found);
        const description = name === "orders" ? {} : { description: name };
        const again = onServer(STREAM, { ...description, ...declaration, name: "orders" });
        assert.equal(canonicalText(fromWire(again)), canonicalText(fromWire(wire)));
      }),
    );
  });

  it("come with a word on what they cannot say", () => {
    const wire = onServer(STREAM, { name: "orders", subjects: ["orders.>"] });
    assert.deepEqual(undeclarable([wire]), []);
    assert.deepEqual(undeclarable([{ ...wire, allow_more: true }]), [
      "the stream 'orders' has what this release does not know, and what is declared leaves as it is: allow_more is true",
    ]);
  });

  it("leave out whose the asset is now", () => {
    const metadata = { team: "x", "io.tfdc.stack": "s", "io.tfdc.project": "p" };
    const wire = onServer(STREAM, { name: "orders", subjects: ["orders.>"], metadata });
    assert.deepEqual(declarationsOf([wire]).streams.orders, {
      subjects: ["orders.>"],
      metadata: { team: "x" },
    });
  });

  it("are a stream where a bucket was changed into what no bucket is", () => {
    const wire = { ...onServer(BUCKET, { bucket: "b" }), deny_delete: false };
    const { streams: found, buckets: none } = declarationsOf([wire]);
    assert.deepEqual(Object.keys(none), []);
    assert.deepEqual(Object.keys(found), ["KV_b"]);
  });

  it("are a module that names properties as the program does", () => {
    const text = moduleText({
      streams: { "a.v1": { subjects: ["a.>"], metadata: { "x-y": "z" } } },
      buckets: { b: {} },
    });
    assert.match(
      text,
      /= \{\n {2}"a\.v1": \{\n {4}subjects: \["a\.>"\],\n {4}metadata: \{\n {6}"x-y": "z",\n {4}\},\n {2}\},\n\};/,
    );
    assert.match(text, /= \{\n {2}b: \{\},\n\};\n$/);
  });
});
