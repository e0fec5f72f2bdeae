import { strict as assert } from "node:assert";
import { STREAM } from "../../../components/jetstream/asset-kinds";
import {
  checkAssets,
  type Declarations,
  type DeclaredCluster,
} from "../../../components/jetstream/assets-check";
import { buckets, streams } from "../../../topology";

const GIB = 1n << 30n;

const cluster = (changes: Partial<DeclaredCluster> = {}): DeclaredCluster => ({
  servers: ["nats-blue-0", "nats-blue-1", "nats-blue-2"],
  serverVersion: "2.10.29",
  maxFileStore: 170n * GIB,
  maxMemoryStore: 2n * GIB,
  ...changes,
});

const problemsOf = (
  declared: Declarations,
  kept: Declarations = {},
  on: DeclaredCluster = cluster(),
) => checkAssets(declared, kept, on).problems;

const seed = { streams: streams as Declarations, buckets: buckets as Declarations };

describe("checkAssets", () => {
  it("finds nothing wrong with the platform's own streams and buckets", () => {
    assert.deepEqual(problemsOf(seed.streams, seed.buckets), []);
  });

  it("maps a name that NATS refuses, and keeps it as the description", () => {
    const { assets } = checkAssets({ "metrics.v1": {}, plain: {} }, { workers: {} });
    assert.deepEqual(
      assets.map(({ logicalName, path, stream }) => [
        logicalName,
        path,
        stream.name,
        stream.description,
      ]),
      [
        ["metrics.v1", 'streams["metrics.v1"]', "metrics_v1", "metrics.v1"],
        ["plain", 'streams["plain"]', "plain", ""],
        ["workers", 'buckets["workers"]', "KV_workers", ""],
      ],
    );
  });

  it("leaves a name and a description that are declared", () => {
    const { assets } = checkAssets(
      { "metrics.v1": { name: "m" }, "alerts.v1": { description: "alerts" } },
      { workers: { bucket: "w" } },
    );
    assert.deepEqual(
      assets.map(({ stream }) => [stream.name, stream.description]),
      [
        ["m", ""],
        ["alerts_v1", "alerts"],
        ["KV_w", ""],
      ],
    );
  });

  it("reads an origin by its logical name, and any other name as it is", () => {
    const { assets } = checkAssets(
      {
        "a.v1": { allowDirect: true },
        named: { name: "other" },
        copy: { mirror: { name: "a.v1" } },
        sum: { sources: [{ name: "a.v1" }, { name: "named" }, { name: "elsewhere" }] },
      },
      {},
    );
    assert.deepEqual(assets[2]?.stream.mirror, { name: "a_v1" });
    assert.deepEqual(assets[3]?.stream.sources, [
      { name: "a_v1" },
      { name: "elsewhere" },
      { name: "other" },
    ]);
  });

  it("does not map the name of an origin that nobody declares", () => {
    const { problems } = checkAssets({ copy: { mirror: { name: "far.v1" } } }, {});
    assert.deepEqual(problems, [
      {
        property: 'streams["copy"].mirror.name',
        reason:
          "'streams[\"copy\"].mirror.name' is \"far.v1\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"far_v1\"",
      },
    ]);
  });

  it("gives a mirror the direct reads of an origin that is declared with it", () => {
    const declared = { a: { allowDirect: true }, b: {}, c: { mirror: { name: "a" } } };
    const { assets } = checkAssets({ ...declared, d: { mirror: { name: "b" } } }, {});
    for (const [index, direct] of [
      [2, true],
      [3, false],
    ] as const) {
      assert.equal(assets[index]?.stream.mirrorDirect, direct);
      assert.equal(assets[index]?.properties.mirrorDirect, direct);
      assert.equal(assets[index]?.input.mirrorDirect, direct);
    }
    const { assets: alone } = checkAssets({ c: { mirror: { name: "a" } } }, {});
    assert.equal(alone[0]?.stream.mirrorDirect, undefined);
  });

  it("refuses two declarations of one name on the server", () => {
    const declared = { "metrics.v1": { subjects: ["a"] }, metrics_v1: { subjects: ["b"] } };
    assert.deepEqual(problemsOf(declared), [
      {
        property: 'streams["metrics_v1"]',
        reason:
          '\'streams["metrics_v1"]\' is "metrics_v1": streams["metrics.v1"] has the same name on the server; rename one of the two',
      },
    ]);
  });

  it("refuses a stream with the name of a bucket's stream", () => {
    assert.deepEqual(problemsOf({ KV_b: { subjects: ["a"] } }, { b: {} }), [
      {
        property: 'buckets["b"]',
        reason:
          '\'buckets["b"]\' is "KV_b": streams["KV_b"] has the same name on the server; rename one of the two',
      },
    ]);
  });

  it("refuses subjects that overlap between streams", () => {
    assert.deepEqual(
      problemsOf({ a: { subjects: ["x", "metrics.>"] }, b: { subjects: ["y", "metrics.*.cpu"] } }),
      [
        {
          property: 'streams["b"].subjects',
          reason:
            '\'streams["b"].subjects\' is "metrics.*.cpu": streams["a"] listens on "metrics.>", and no message may enter two streams; make the subjects of one of them narrower',
        },
      ],
    );
  });

  it("refuses a stream that listens on the keys of a bucket", () => {
    assert.deepEqual(
      problemsOf({ a: { subjects: ["$KV.*.>"] } }, { b: {} }).map(({ reason }) => reason),
      [
        '\'buckets["b"].subjects\' is "$KV.b.>": streams["a"] listens on "$KV.*.>", and no message may enter two streams; make the subjects of one of them narrower',
      ],
    );
  });

  it("refuses to republish into another stream or bucket, also through a wildcard", () => {
    const to = (source: string, destination: string) => ({ republish: { source, destination } });
    const declared = {
      a: { subjects: ["a.*"], ...to("a.*", "copy.{{wildcard(1)}}") },
      b: { subjects: ["copy.x"] },
      c: { subjects: ["c.>"], ...to("c.>", "$KV.k.>") },
      d: { subjects: ["d.*"], ...to("d.*", "copy.$1") },
    };
    const said = (from: string, destination: string, into: string) =>
      `'streams["${from}"].republish.destination' is "${destination}": ${into} listens there and would store every message a second time; republish elsewhere, or declare one of the two on its own with Stream`;
    assert.deepEqual(
      problemsOf(declared, { k: {} }).map(({ reason }) => reason),
      [
        said("a", "copy.{{wildcard(1)}}", 'streams["b"]'),
        said("c", "$KV.k.>", 'buckets["k"]'),
        said("d", "copy.$1", 'streams["b"]'),
      ],
    );
  });

  it("refuses more replicas than servers", () => {
    assert.deepEqual(problemsOf({ a: { replicas: 5 } }, { b: { replicas: 5 } }), [
      {
        property: 'streams["a"].replicas',
        reason: "'streams[\"a\"].replicas' is 5: the cluster has 3 servers; use 3 or fewer",
      },
      {
        property: 'buckets["b"].replicas',
        reason: "'buckets[\"b\"].replicas' is 5: the cluster has 3 servers; use 3 or fewer",
      },
    ]);
    const one = cluster({ servers: ["only"] });
    assert.deepEqual(
      problemsOf({ a: { replicas: 3 } }, {}, one).map(({ reason }) => reason),
      ["'streams[\"a\"].replicas' is 3: the cluster has 1 server; use 1 or fewer"],
    );
  });

  it("refuses a field that the servers do not know, by the name of the asset's own", () => {
    const reason = (property: string, value: string, since: string) =>
      `'${property}' is ${value}: nats-server 2.10.29 does not know this field and would drop it without a word; remove it, or run nats-server ${since} or newer`;
    assert.deepEqual(
      problemsOf({ a: { allowMsgCounter: true } }, { b: { limitMarkerTtl: "1m" } }).map(
        (one) => one.reason,
      ),
      [
        reason('streams["a"].allowMsgCounter', "true", "2.12.0"),
        reason('buckets["b"].limitMarkerTtl', '"1m"', "2.11.0"),
      ],
    );
    const newest = cluster({ serverVersion: "2.12.15" });
    assert.deepEqual(problemsOf({ a: { allowMsgCounter: true } }, {}, newest), []);
  });

  it("refuses a property that a stream or a bucket does not have, in a policy's place too", () => {
    const found = problemsOf(
      { "a.v1": { maxage: "3d", adopt: "always" } },
      { b: { adobt: "never" } },
    );
    assert.deepEqual(
      found.map(({ reason }) => reason),
      [
        "'streams[\"a.v1\"].maxage' is not known: a stream has no such property; use 'maxAge'",
        "'buckets[\"b\"].adobt' is not known: a bucket has no such property; correct or remove it",
      ],
    );
  });

  it("checks neither capacity, replicas nor version where the cluster is not known", () => {
    const { problems } = checkAssets(
      { a: { replicas: 5, maxBytes: "9TB", allowMsgTtl: true } },
      {},
    );
    assert.deepEqual(problems, []);
  });

  it("names everything that is wrong at once, of all assets", () => {
    const { problems } = checkAssets(
      {
        "a.v1": { subjects: ["x.>"], replicas: 7, maxAge: "soon" },
        a_v1: { subjects: ["x.y"], maxBytes: "171GiB", denyPurge: true, allowRollup: true },
      },
      { "b c": { history: 65, subjects: ["z"] } },
      cluster(),
    );
    assert.deepEqual(
      problems.map(({ property }) => property),
      [
        'streams["a.v1"].replicas',
        'streams["a.v1"].maxAge',
        'streams["a_v1"].denyPurge',
        'buckets["b c"].bucket',
        'buckets["b c"].history',
        'buckets["b c"].subjects',
        'streams["a_v1"]',
        'streams["a_v1"].subjects',
        "maxFileStore",
      ],
    );
  });

  it("hands out what is to be made as it was written, with the server's names", () => {
    const { assets } = checkAssets({ "a.v1": { maxAge: "168h" } }, {});
    assert.equal(assets[0]?.kind, STREAM);
    assert.deepEqual(
      Object.entries(assets[0]?.input ?? {}).filter(([, value]) => value !== undefined),
      [
        ["maxAge", "168h"],
        ["name", "a_v1"],
        ["description", "a.v1"],
      ],
    );
    assert.equal(assets[0]?.properties.maxAge, "7d");
  });
});

describe("the capacity of the servers", () => {
  it("is too small for the seed's streams on the seed's disk, which a table explains", () => {
    const small = cluster({ maxFileStore: 80n * GIB });
    assert.deepEqual(problemsOf(seed.streams, seed.buckets, small), [
      {
        property: "maxFileStore",
        reason: `'maxFileStore' is "80GiB": the declared streams reserve up to 160GiB on a server, and a server reserves maxBytes in full for every replica it holds
  server       reserved  max_file_store
  nats-blue-0  160GiB    80GiB           80GiB too much
  nats-blue-1  160GiB    80GiB           80GiB too much
  nats-blue-2  160GiB    80GiB           80GiB too much
  largest: events.v1 100GiB x 3, metrics.v1 50GiB x 3, alerts.v1 10GiB x 3
  1. lower maxBytes, so that they add up to 80GiB or less on each server
  2. raise maxFileStore to 160GiB or more, on a volume of 192GiB or more
  3. keep fewer replicas, or spread the streams over more servers`,
      },
    ]);
  });

  it("names the three largest streams that reserve anything", () => {
    const declared = {
      a: { maxBytes: "60GiB" },
      b: {},
      c: { maxBytes: "90GiB", replicas: 3 },
      d: { maxBytes: "70GiB", replicas: 2 },
      e: { maxBytes: "80GiB", replicas: 3 },
      f: { storage: "memory", maxBytes: "1GiB" },
    };
    const [{ reason } = { reason: "" }] = problemsOf(declared);
    assert.match(reason, /\n {2}largest: c 90GiB x 3, e 80GiB x 3, d 70GiB x 2\n/);
    const [{ reason: few } = { reason: "" }] = problemsOf({ a: {}, b: { maxBytes: "171GiB" } });
    assert.match(few, /\n {2}largest: b 171GiB x 1\n/);
  });

  it("is said of memory without a word of volumes", () => {
    const declared = { a: { storage: "memory", maxBytes: "3GiB" } };
    assert.deepEqual(problemsOf(declared), [
      {
        property: "maxMemoryStore",
        reason: `'maxMemoryStore' is "2GiB": the declared streams reserve up to 3GiB on a server, and a server reserves maxBytes in full for every replica it holds
  server       reserved  max_memory_store
  nats-blue-0  3GiB      2GiB              1GiB too much
  nats-blue-1  0B        2GiB              fits
  nats-blue-2  0B        2GiB              fits
  largest: a 3GiB x 1
  1. lower maxBytes, so that they add up to 2GiB or less on each server
  2. raise maxMemoryStore to 3GiB or more
  3. keep fewer replicas, or spread the streams over more servers`,
      },
    ]);
  });
});
