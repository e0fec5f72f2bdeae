import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  bucketNameProblems,
  serverName,
  streamNameProblems,
} from "../../../components/jetstream/names";

const said = (problems: readonly { readonly reason: string }[]) =>
  problems.map(({ reason }) => reason);

describe("serverName", () => {
  it("puts an underscore in the place of what NATS refuses", () => {
    assert.equal(serverName("metrics.v1"), "metrics_v1");
    assert.equal(serverName("a.b*c>d e/f\\g\th"), "a_b_c_d_e_f_g_h");
  });

  it("leaves a good name as it is", () => {
    assert.equal(serverName("KV_workers-v1$ä"), "KV_workers-v1$ä");
  });

  it("is a fixed point, and a name without problems", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (name) => {
        const mapped = serverName(name);
        assert.equal(serverName(mapped), mapped);
        assert.deepEqual(streamNameProblems("name", mapped), []);
      }),
    );
  });
});

describe("streamNameProblems", () => {
  it("asks for a name", () => {
    assert.deepEqual(said(streamNameProblems("name", "")), [
      `'name' is "": a stream needs a name; use "metrics_v1" or the like`,
    ]);
  });

  for (const [name, mapped] of [
    ["metrics.v1", "metrics_v1"],
    ["a*", "a_"],
    ["a>", "a_"],
    ["a b", "a_b"],
    ["a/b", "a_b"],
    ["a\\b", "a_b"],
    ["a\nb", "a_b"],
  ] as const) {
    it(`refuses ${JSON.stringify(name)} and names ${mapped}`, () => {
      assert.deepEqual(said(streamNameProblems("name", name)), [
        `'name' is ${JSON.stringify(name)}: a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use "${mapped}"`,
      ]);
    });
  }

  it("counts bytes, as the server and its files do", () => {
    assert.deepEqual(streamNameProblems("name", "n".repeat(255)), []);
    assert.deepEqual(said(streamNameProblems("name", "ä".repeat(128))), [
      `'name' is "${"ä".repeat(116)}...: a stream name has at most 255 bytes, this one has 256; shorten it`,
    ]);
  });
});

describe("bucketNameProblems", () => {
  it("takes letters, digits, - and _", () => {
    assert.deepEqual(bucketNameProblems("bucket", "Workers-v1_2"), []);
  });

  for (const [name, mapped] of [
    ["workers.v1", "workers_v1"],
    ["größe", "gr__e"],
    ["a b/c", "a_b_c"],
    ["", "workers_v1"],
  ] as const) {
    it(`refuses ${JSON.stringify(name)} and names ${mapped}`, () => {
      assert.deepEqual(said(bucketNameProblems("bucket", name)), [
        `'bucket' is ${JSON.stringify(name)}: a bucket name has letters, digits, '-' and '_' only; use "${mapped}"`,
      ]);
    });
  }

  it("leaves room for the prefix of the stream", () => {
    assert.deepEqual(bucketNameProblems("bucket", "b".repeat(252)), []);
    assert.deepEqual(said(bucketNameProblems("bucket", "b".repeat(253))), [
      `'bucket' is "KV_${"b".repeat(113)}...: a stream name has at most 255 bytes, this one has 256; shorten it`,
    ]);
  });
});
