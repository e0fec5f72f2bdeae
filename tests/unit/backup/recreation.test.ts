import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConsumerDetail } from "../../../components/backup/answers";
import {
  consumedLoss,
  isCarried,
  isPlainReplacement,
  leftOutReason,
  type Recreation,
  recreationNote,
  recreationProblems,
  unsavedConsumers,
} from "../../../components/backup/recreation";
import {
  endRecreation,
  freshPartial,
  type Journal,
  readJournal,
  recreationFolder,
  writeJournal,
} from "../../../components/backup/recreation-folder";
import { STREAM } from "../../../components/jetstream/asset-kinds";
import { changesBetween, refusedChanges } from "../../../components/jetstream/changes";
import { normaliseStream } from "../../../components/jetstream/stream-settings";
import { type Progress, progressOf } from "../../../components/provider/recreate/pending";
import { miscounting } from "../../../components/provider/recreate/waiting-counts";

type Args = Readonly<Record<string, unknown>>;

function recreation(from: Args, to: Args, more: Partial<Recreation> = {}): Recreation {
  const settings = (args: Args) =>
    normaliseStream({ name: "orders", subjects: ["orders.>"], replicas: 3, ...args }).settings;
  const [live, declared] = [settings(from), settings(to)];
  const consumers = more.consumers ?? [];
  return {
    kind: STREAM,
    live,
    declared,
    refused: refusedChanges(changesBetween(live, declared, "2.10.29")),
    contents: {
      messages: 10,
      bytes: 4096,
      firstTime: "2026-01-01T00:00:00Z",
      lastTime: "2026-01-02T00:00:00Z",
      consumers: consumers.length,
    },
    consumers,
    copies: [],
    folder: "backups/blue-orders",
    serverVersion: "2.10.29",
    ...more,
  };
}

function consumer(name: string, config: Args = {}, counts: Partial<ConsumerDetail> = {}) {
  return {
    name,
    config: { durable_name: name, ack_policy: "explicit", deliver_policy: "all", ...config },
    delivered: { consumer_seq: 0, stream_seq: 0 },
    ack_floor: { consumer_seq: 0, stream_seq: 0 },
    num_ack_pending: 0,
    num_redelivered: 0,
    num_waiting: 0,
    num_pending: 10,
    ...counts,
  } satisfies ConsumerDetail;
}

const reasons = (one: Recreation) => recreationProblems(one).map(({ reason }) => reason);

describe("a refused change", () => {
  const isOffered = (from: Args, to: Args, serverVersion = "2.10.29") => {
    const one = recreation(from, to, { serverVersion });
    return one.refused.map((change) => isCarried(change, one));
  };

  it("can be a recreation's where a restore has been seen to carry it", () => {
    assert.deepEqual(isOffered({}, { retention: "workqueue" }), [true]);
    assert.deepEqual(isOffered({ subjects: [], mirror: { name: "o" } }, {}), [true]);
  });

  it("can be one of storage from nats-server 2.15 on", () => {
    assert.deepEqual(isOffered({}, { storage: "memory" }, "2.15.0"), [true]);
    assert.deepEqual(isOffered({ storage: "memory" }, {}, "2.15.3"), [true]);
  });

  it("is none into memory, for a mirror, or of what nobody has tried", () => {
    assert.deepEqual(isOffered({}, { storage: "memory" }), [false]);
    assert.deepEqual(isOffered({}, { storage: "memory" }, "2.14.10"), [false]);
    const mirror = { subjects: [], mirror: { name: "o" } };
    assert.deepEqual(isOffered(mirror, { ...mirror, mirror: { name: "p" } }), [false]);
  });
});

describe("a recreation, before it is made", () => {
  it("is possible for what a server restores as it was", () => {
    for (const [from, to] of [
      [{ retention: "limits" }, { retention: "workqueue" }],
      [{ retention: "workqueue" }, { retention: "interest" }],
      [{ maxConsumers: 1 }, { maxConsumers: 5 }],
      [{ denyDelete: true, denyPurge: true }, {}],
    ] as const) {
      const one = recreation(from, to);
      assert.ok(one.refused.length > 0);
      assert.deepEqual(reasons(one), []);
    }
  });

  it("is impossible from memory and into it, unless the stream is empty", () => {
    const one = recreation({ storage: "file" }, { storage: "memory" });
    assert.deepEqual(reasons(one), [
      `'storage' is "memory": the live stream has "file", and backupAndRecreate cannot carry it over: it holds 10 messages and 0 consumers, and nats-server 2.10.29 saves no stream in memory and restores none into it (2.15 does); keep what is there, declare another name and move the messages there, or empty it and delete its consumers first`,
    ]);
    const empty = { ...one, contents: { ...one.contents, messages: 0 } };
    assert.deepEqual([isPlainReplacement(empty), reasons(empty)], [true, []]);
    assert.equal(
      recreationNote(empty),
      'storage "file" => "memory": the stream is empty, and is deleted and made again; its sequences begin anew',
    );
  });

  it("is possible from memory and into it on nats-server 2.15", () => {
    for (const [from, to] of [
      ["file", "memory"],
      ["memory", "file"],
    ]) {
      const one = recreation({ storage: from }, { storage: to }, { serverVersion: "2.15.3" });
      assert.deepEqual([reasons(one), isPlainReplacement(one)], [[], false]);
      assert.match(
        recreationNote(one),
        new RegExp(`^storage "${from}" => "${to}" is made by a backup: `),
      );
    }
  });

  it("is impossible for what stays a mirror", () => {
    const mirror = { subjects: undefined, mirror: { name: "a" } };
    const one = recreation(mirror, { ...mirror, maxConsumers: 3 });
    assert.deepEqual(reasons(one), [
      `'maxConsumers' is 3: the live stream has "unlimited", and backupAndRecreate cannot carry it over: a mirror holds what its origin gives, and would mix it with what is restored; keep what is there, or declare another name and move the messages there`,
    ]);
  });

  it("is impossible while other streams copy from it", () => {
    const one = recreation({}, { maxConsumers: 3 }, { copies: ["stream 'a'", "bucket 'b'"] });
    assert.deepEqual(reasons(one), [
      `'maxConsumers' is 3: the live stream has "unlimited", and backupAndRecreate cannot carry it over: the stream 'a' and the bucket 'b' copy its messages and would find it gone; remove that mirror or source first`,
    ]);
  });

  it("is impossible for more consumers than there may be", () => {
    const consumers = [consumer("a"), consumer("b")];
    assert.deepEqual(reasons(recreation({}, { maxConsumers: 1 }, { consumers })), [
      `'maxConsumers' is 1: the live stream has "unlimited", and backupAndRecreate cannot carry it over: it has 2 consumers (a, b), and maxConsumers is to be 1; raise maxConsumers, or delete consumers first`,
    ]);
  });

  it("is impossible for consumers that a work queue does not take", () => {
    const queue = (...consumers: ConsumerDetail[]) =>
      reasons(recreation({}, { retention: "workqueue" }, { consumers }));
    const refusal = (why: string) => [
      `'retention' is "workqueue": the live stream has "limits", and backupAndRecreate cannot carry it over: a work queue takes no such consumers: ${why}; change or delete these consumers first`,
    ];
    assert.deepEqual(
      queue(consumer("a", { ack_policy: "all" })),
      refusal("a does not acknowledge each message"),
    );
    assert.deepEqual(
      queue(consumer("a", { deliver_policy: "new" })),
      refusal("a does not begin with the first message"),
    );
    assert.deepEqual(
      queue(
        consumer("a", { filter_subject: "orders.*" }),
        consumer("b", { filter_subjects: ["orders.1"] }),
      ),
      refusal("a and b want the same messages"),
    );
    assert.deepEqual(
      queue(
        consumer("a", { filter_subject: "orders.1" }),
        consumer("b", { filter_subject: "orders.2" }),
      ),
      [],
    );
  });

  it("says how many messages a work queue deletes at once at most", () => {
    const consumers = [consumer("a", {}, { num_pending: 4, num_ack_pending: 2 })];
    const lost = (from: string, to: string, of: ConsumerDetail[]) =>
      consumedLoss(recreation({ retention: from }, { retention: to }, { consumers: of }))[0]
        ?.messages;
    assert.equal(lost("limits", "workqueue", consumers), 4);
    assert.equal(lost("limits", "workqueue", []), undefined);
    assert.equal(lost("workqueue", "limits", consumers), undefined);
    assert.equal(lost("workqueue", "interest", []), 10);
  });

  it("names the consumers that come back, and those that do not", () => {
    const consumers = [
      consumer("stays"),
      consumer("quick", { mem_storage: true }),
      consumer("lonely", { num_replicas: 1 }),
      consumer("passing", { durable_name: undefined }),
    ];
    const one = recreation({}, { maxConsumers: 9 }, { consumers });
    assert.deepEqual(unsavedConsumers(one), ["quick", "lonely"]);
    assert.equal(
      recreationNote(one),
      'maxConsumers "unlimited" => 9 is made by a backup: the stream is closed to publishers, its 10 messages (4KiB) and 1 consumer (stays) are saved to backups/blue-orders, it is deleted, and they are restored with their sequences and times, and compared; until then a publisher gets no acknowledgement ("no responders") and has to publish again, and for the second half nobody can read; what a consumer acknowledges meanwhile may be delivered to it again; these consumers do not come back, being ephemeral or in memory: lonely, passing, quick',
    );
    const newer = { ...one, serverVersion: "2.15.3" };
    assert.deepEqual(unsavedConsumers(newer), []);
    const note = recreationNote(newer);
    assert.ok(note.includes("4 consumers (lonely, passing, quick, stays) are saved"), note);
    assert.doesNotMatch(note, /not come back/);
  });
});

describe("a backup that a stream is to be deleted by", () => {
  const consumers = [
    consumer("stays"),
    consumer("quick", { mem_storage: true }),
    consumer("lonely", { num_replicas: 1 }),
    consumer("passing", { durable_name: undefined }),
  ];

  it("is enough with every durable consumer in it", () => {
    const saved = [{ name: "lonely" }, { name: "quick" }, { name: "stays" }];
    assert.equal(leftOutReason(consumers, saved), undefined);
    assert.equal(leftOutReason([], []), undefined);
  });

  it("is not enough where the server left one out", () => {
    assert.equal(
      leftOutReason(consumers, [{ name: "stays" }, { name: "lonely" }]),
      "the server left the durable consumer quick out of the backup, as one before 2.15 does with what is in memory or on another server only; run 'pulumi up' again when every server runs 2.15 or newer, or set allowDataLoss: true to let it go.",
    );
    assert.match(
      leftOutReason(consumers, [{ name: "passing" }]) ?? "",
      /^the server left the durable consumers lonely, quick, stays out of .+ to let them go\.$/,
    );
  });
});

describe("an interrupted recreation", () => {
  const journal: Journal = {
    format: 1,
    stream: "orders",
    cluster: "blue",
    saved: "2026-01-01T00:00:00.000Z",
    messages: 1,
    bytes: 1,
    target: {
      retention: "workqueue",
      mirror: null,
      sealed: false,
      subjects: ["_TFDC.CLOSED.orders"],
    },
    isClosed: true,
  };

  it("is told apart by what is live", () => {
    const closed = ["_TFDC.CLOSED.orders"];
    const cases: readonly (readonly [Progress, Partial<Journal>, Args | undefined])[] = [
      ["away", {}, undefined],
      ["away", { isVerified: true }, undefined],
      ["old", {}, { subjects: closed, retention: "limits", sealed: false }],
      ["old", { isClosed: false }, { mirror: { name: "a" }, retention: "limits", sealed: false }],
      ["restored", {}, { subjects: closed, retention: "workqueue", sealed: false }],
      ["done", { isVerified: true }, { subjects: ["orders.>"], retention: "workqueue" }],
      ["other", {}, { subjects: ["orders.>"], retention: "workqueue", sealed: false }],
      ["other", {}, { subjects: ["orders.>"], retention: "limits", sealed: false }],
    ];
    for (const [progress, change, config] of cases) {
      const info = config === undefined ? undefined : { config: { name: "orders", ...config } };
      const pending = { folder: "f", journal: { ...journal, ...change } };
      assert.equal(progressOf(pending, info as Parameters<typeof progressOf>[1]), progress);
    }
  });

  it("has consumers count anew that are where they were and see fewer messages ahead", () => {
    const before = { a: [5, 10], b: [5, 10], c: [5, 10], d: [5, 10] } as const;
    assert.deepEqual(miscounting(before, { a: [5, 0], b: [5, 10], c: [9, 6] }), ["a"]);
    const flying = { e: [6, 3, 2], f: [6, 3, 2] } as const;
    assert.deepEqual(miscounting(flying, { e: [4, 3], f: [4, 5] }), ["e"]);
  });

  it("has a folder of its own, whole or not at all, and leaves none", () => {
    const directory = mkdtempSync(join(tmpdir(), "tfdc-recreation-"));
    try {
      const backups = join(directory, "a", "b");
      const folder = recreationFolder(backups, "my cluster", "orders");
      assert.equal(folder, join(backups, "my_cluster-orders"));
      assert.equal(readJournal(folder), undefined);
      const partial = freshPartial(folder);
      mkdirSync(partial);
      assert.equal(statSync(backups).mode & 0o777, 0o700);
      assert.equal(freshPartial(folder), partial);
      assert.ok(!existsSync(partial), "what a killed run left stays");
      mkdirSync(folder);
      writeJournal(folder, journal);
      assert.deepEqual(readJournal(folder), journal);
      assert.deepEqual(readdirSync(folder), ["recreation.json"]);
      endRecreation(folder, journal, false);
      assert.deepEqual(readdirSync(backups), []);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
