import { strict as assert } from "node:assert";
import { disagreements } from "../../../components/backup/agreement";
import type { Inspection } from "../../../components/backup/archive/inspect";
import { Sequences } from "../../../components/backup/archive/sequences";
import { Subjects } from "../../../components/backup/archive/subjects";
import {
  consumerHindrances,
  consumersSetBack,
  streamHindrance,
} from "../../../components/backup/hindrances";
import { folderName, partialName } from "../../../components/backup/layout";
import { archivedContents } from "../../../components/backup/manifest";
import { subjectDifferences } from "../../../components/provider/backup/compare-restored";
import { changedConfig } from "../../../components/provider/backup/restore-stream";
import { unequalReplicas } from "../../../ops/backup/replicas";
import { selected } from "../../../ops/backup/select";
import { aConsumer, anObservation, aStream } from "../../support/held-streams";

function inspection(live: number[], tombstones: number[] = []): Inspection {
  const [sequences, subjects] = [new Sequences(), new Subjects()];
  subjects.add(["metrics.even", "metrics.odd"], new Uint32Array());
  for (const one of live) {
    sequences.add(one);
    subjects.add([], Uint32Array.of(one % 2));
  }
  const records = { live: sequences, subjects, tombstones: new Set(tombstones) };
  return { format: "tar", files: [], records, consumers: [], problems: [] };
}

const state = (messages: number, first: number, last: number) => ({
  messages,
  bytes: 0,
  first_seq: first,
  last_seq: last,
  consumer_count: 0,
});

describe("a snapshot's records and the state that the server told", () => {
  it("agree, also where messages are deleted, had gone before, or came meanwhile", () => {
    assert.deepEqual(disagreements(state(3, 1, 3), inspection([1, 2, 3])), []);
    assert.deepEqual(disagreements(state(2, 1, 3), inspection([1, 2, 3], [2])), []);
    assert.deepEqual(disagreements(state(2, 2, 3), inspection([1, 2, 3])), []);
    assert.deepEqual(disagreements(state(3, 1, 3), inspection([2, 3, 4, 5])), []);
    assert.deepEqual(disagreements(state(0, 4, 3), inspection([])), []);
    assert.deepEqual(disagreements(state(2, 1, 3), inspection([1, 2], [3])), []);
  });

  it("disagree where messages are missing", () => {
    assert.deepEqual(disagreements(state(3, 1, 3), inspection([1, 2])), [
      "messages are missing at its end: the stream went up to sequence 3, the archive to 2",
    ]);
    assert.deepEqual(disagreements(state(3, 1, 3), inspection([1, 3])), [
      "messages are missing: the stream held 3, the archive holds 2",
    ]);
  });

  it("come to the messages that a restore brings", () => {
    assert.deepEqual(archivedContents(inspection([1, 2, 3, 4], [3]), state(2, 2, 3)), {
      messages: 2,
      firstSequence: 2,
      lastSequence: 4,
      subjects: { "metrics.even": 2 },
      consumers: [],
    });
  });

  it("come to the messages of each subject, without those that were gone or deleted", () => {
    const { subjects } = archivedContents(inspection([1, 2, 3, 4, 6], [4]), state(3, 2, 6));
    assert.deepEqual(subjects, { "metrics.even": 2, "metrics.odd": 1 });
  });

  it("do not tell of more subjects than memory is spent on", () => {
    const many = inspection([]);
    for (let sequence = 1; sequence <= 100_001; sequence++) {
      many.records.live.add(sequence);
      many.records.subjects.add([`metrics.${sequence}`], Uint32Array.of(sequence + 1));
    }
    assert.equal(archivedContents(many, state(100_001, 1, 100_001)).subjects, undefined);
  });

  it("are compared subject by subject with what was restored", () => {
    const had = new Map([1, 2, 3, 4, 5].map((one) => [`metrics.${one}`, one]));
    assert.deepEqual(subjectDifferences(had, had), []);
    assert.deepEqual(subjectDifferences(new Map([["metrics.0", 1]]), new Map([["metrics.1", 1]])), [
      "the subject metrics.0 has 1 messages, and the backup 0",
      "the subject metrics.1 has 0 messages, and the backup 1",
    ]);
    assert.deepEqual(subjectDifferences(new Map(), had), [
      "the subject metrics.1 has 0 messages, and the backup 1",
      "the subject metrics.2 has 0 messages, and the backup 2",
      "the subject metrics.3 has 0 messages, and the backup 3",
      "so it is with 2 more of its subjects",
    ]);
  });
});

describe("a backup", () => {
  it("has a dated folder, and another name until it is complete", () => {
    const name = folderName("blue", new Date("2026-03-01T12:34:56.789Z"));
    assert.equal(name, "nats-blue-20260301-123456");
    assert.equal(partialName(name, 17), "nats-blue-20260301-123456.partial-17");
  });

  it("takes streams by the names of the program and of the servers, and no others", () => {
    const all = ["alerts_v1", "metrics_v1"];
    const take = (...names: string[]) => selected(all, (one) => one, names, "blue");
    assert.deepEqual(take(), all);
    assert.deepEqual(take("metrics.v1"), ["metrics_v1"]);
    assert.throws(() => take("metrics_v2"), {
      name: "UsageError",
      message: "blue has no stream metrics_v2; it has alerts_v1, metrics_v1.",
    });
  });

  it("says beforehand what it will not hold", () => {
    const stream = (config: object) => ({
      config: { name: "metrics", num_replicas: 3, ...config },
      state: state(0, 0, 0),
    });
    assert.equal(streamHindrance(stream({ storage: "file" }), "2.10.29"), undefined);
    assert.equal(
      streamHindrance(stream({ storage: "memory" }), "2.14.10"),
      "metrics is held in memory, and a server before 2.15 saves streams on disk only",
    );
    const consumers = [
      aConsumer("good"),
      aConsumer("memory", { config: { durable_name: "memory", mem_storage: true } }),
      aConsumer("passing", { config: {} }),
      aConsumer("single", { config: { durable_name: "single", num_replicas: 1 } }),
    ];
    const said = consumerHindrances(stream({}), consumers, "2.10.29");
    assert.deepEqual(
      said.map((one) => one.replace(/^the consumer metrics > /, "")),
      [
        "memory is held in memory and is not saved",
        "passing is ephemeral and may not be saved",
        "single has one replica, and is saved only where that is on the stream's leader",
      ],
    );
  });

  it("will hold all of it on nats-server 2.15", () => {
    const config = { name: "metrics", storage: "memory", num_replicas: 3 };
    const stream = { config, state: state(0, 0, 0) };
    const consumers = [aConsumer("passing", { config: { mem_storage: true } })];
    assert.equal(streamHindrance(stream, "2.15.3"), undefined);
    assert.deepEqual(consumerHindrances(stream, consumers, "2.15.3"), []);
  });

  it("says beforehand who comes back further behind, from a cluster of nats-server 2.15", () => {
    const config = { name: "metrics", num_replicas: 3 };
    const clustered = { config, state: state(0, 0, 0), cluster: { raft_group: "S-R3F-a" } };
    const waiting = aConsumer("waiting", {
      delivered: { consumer_seq: 20, stream_seq: 20 },
      ack_floor: { consumer_seq: 3, stream_seq: 3 },
      num_ack_pending: 6,
    });
    const consumers = [aConsumer("done"), waiting];
    assert.deepEqual(consumersSetBack(clustered, consumers, "2.15.3"), [
      "the consumer metrics > waiting waits for acknowledgements, and a cluster of nats-server 2.15 or newer saves it at the last one without a gap: up to 17 messages are delivered again after a restore, acknowledged ones among them",
    ]);
    assert.deepEqual(consumersSetBack(clustered, consumers, "2.14.10"), []);
    const { cluster: _none, ...alone } = clustered;
    assert.deepEqual(consumersSetBack(alone, consumers, "2.15.3"), []);
  });

  it("finds replicas that have drifted apart, and not those that are only behind", () => {
    const held = (server: string, messages: number, last: number) =>
      aStream("metrics", { server, state: { ...state(messages, 1, last) } });
    const apart = (...replicas: ReturnType<typeof held>[]) =>
      unequalReplicas(anObservation(replicas), ["metrics"]);
    assert.deepEqual(apart(held("nats-blue-0", 5, 5), held("nats-blue-1", 5, 5)), []);
    assert.deepEqual(apart(held("nats-blue-0", 5, 5), held("nats-blue-1", 4, 5)), ["metrics"]);
    assert.deepEqual(apart(held("nats-blue-0", 5, 5), held("nats-blue-1", 4, 4)), []);
  });
});

describe("the configuration that is restored", () => {
  const mark = (colour: string) => ({
    "io.tfdc.project": "p",
    "io.tfdc.stack": `local-${colour}`,
    "io.tfdc.colour": colour,
  });

  it("is the one that was saved, without what servers note for themselves", () => {
    const config = { name: "a", metadata: { team: "x", "_nats.level": "1" } };
    assert.deepEqual(changedConfig(config, {}), { name: "a", metadata: { team: "x" } });
    assert.deepEqual(changedConfig({ name: "a" }, { replicas: 1 }), { name: "a", num_replicas: 1 });
  });

  it("belongs to the stack of the colour that it is restored to", () => {
    const config = { name: "a", metadata: { team: "x", ...mark("blue") } };
    const there = changedConfig(config, { colour: "green", stack: "local-green" });
    assert.deepEqual(there.metadata, { team: "x", ...mark("green") });
    const back = changedConfig(config, { colour: "blue", stack: "other" });
    assert.deepEqual(back.metadata, config.metadata);
  });

  it("loses nothing to time in a drill", () => {
    const config = { name: "a", max_age: 60, num_replicas: 3, placement: { cluster: "blue" } };
    const {
      max_age: age,
      num_replicas: replicas,
      placement,
    } = changedConfig(config, { isDrill: true });
    assert.deepEqual([age, replicas, placement], [0, 1, undefined]);
  });
});
