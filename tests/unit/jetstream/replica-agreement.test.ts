import { strict as assert } from "node:assert";
import {
  disagreements,
  holdsAll,
  isReconfigured,
  pendingServers,
  replicaServers,
} from "../../../components/jetstream/replica-agreement";
import { fromWire } from "../../../components/jetstream/stream-settings";

const CREATED = "2026-01-28T12:00:00.5Z";
const WIRE = { name: "s", subjects: ["s.>"], retention: "limits", storage: "file", max_bytes: 10 };
const DECLARED = fromWire(WIRE);
const SERVERS = ["n-0", "n-1", "n-2"];

const held = (server: string, config: object = WIRE, created = CREATED) => ({
  server,
  streams: [{ name: "s", created, config: config as Record<string, unknown> }],
});

describe("a group that is on its way elsewhere", () => {
  const replicas = [{ name: "n-1" }, { name: "n-2", pending: true }];

  it("says so, and who has not joined it yet", () => {
    assert.equal(isReconfigured({ leader: "n-0", replicas, desired: { created: CREATED } }), true);
    assert.deepEqual(pendingServers({ leader: "n-0", replicas }), ["n-2"]);
  });

  it("is none where a server says nothing of it", () => {
    assert.equal(isReconfigured({ leader: "n-0" }), false);
    assert.equal(isReconfigured(undefined), false);
    assert.deepEqual(pendingServers({ leader: "n-0" }), []);
    assert.deepEqual(pendingServers(undefined), []);
  });
});

describe("the servers of a stream that disagree with what was written", () => {
  it("are none where all hold it", () => {
    const answers = SERVERS.map((server) => held(server));
    assert.deepEqual(disagreements(DECLARED, CREATED, SERVERS, answers), []);
  });

  it("are those that hold something else, with what", () => {
    const answers = [held("n-2", { ...WIRE, max_bytes: 5 }), held("n-1"), held("n-0")];
    assert.deepEqual(disagreements(DECLARED, CREATED, SERVERS, answers), [
      {
        server: "n-2",
        differences: [{ property: "maxBytes", live: "5B", declared: "10B" }],
      },
    ]);
  });

  it("are those that hold only a stream of another account by that name", () => {
    const other = held("n-1", { ...WIRE, max_bytes: 5 }, "2026-01-28T12:00:01Z");
    const answers = [held("n-0"), other];
    assert.deepEqual(disagreements(DECLARED, CREATED, SERVERS, answers), [
      { server: "n-1", differences: undefined },
    ]);
  });

  it("are not those that do not answer, nor those that have no part in it", () => {
    const answers = [held("n-0"), { server: "elsewhere", streams: [] }];
    assert.deepEqual(disagreements(DECLARED, CREATED, SERVERS, answers), []);
  });

  it("are not those that hold all of it since another time, as after a restore", () => {
    const answers = [held("n-0"), held("n-1", WIRE, "2026-01-28T12:00:01Z")];
    assert.deepEqual(disagreements(DECLARED, CREATED, SERVERS, answers), []);
  });

  it("are found by the time of the creation, however many digits it is said with", () => {
    const answers = [held("n-0", { ...WIRE, max_bytes: 5 }, "2026-01-28T12:00:00.500Z")];
    const [found] = disagreements(DECLARED, CREATED, SERVERS, answers);
    assert.equal(found?.differences?.length, 1);
  });
});

describe("the servers of a stream", () => {
  it("are its leader and its replicas", () => {
    const cluster = { leader: "n-1", replicas: [{ name: "n-0" }, { name: "n-2" }] };
    assert.deepEqual(replicaServers(cluster), ["n-1", "n-0", "n-2"]);
  });

  it("are those that are known while nobody leads it, and none outside of a cluster", () => {
    assert.deepEqual(replicaServers({ leader: "", replicas: [{ name: "n-0" }] }), ["n-0"]);
    assert.deepEqual(replicaServers(undefined), []);
  });
});

describe("what a server holds of a restored stream", () => {
  const state = { messages: 9, first_seq: 2, last_seq: 10 };
  const leader = { state, group: "S-R3F-new" };
  const of = (server: string, ...states: (typeof state)[]) => ({
    server,
    streams: states.map((one) => ({
      name: "s",
      state: one,
      cluster: { raft_group: "S-R3F-new" },
    })),
  });

  it("is all of it, part of it, none, or not known", () => {
    const answers = [of("n-0", state), of("n-1", { ...state, messages: 8 }), of("n-2")];
    const ask = (server: string) => holdsAll("s", leader, server, answers, false);
    assert.deepEqual(ask("n-0"), { isWhole: true, messages: 9 });
    assert.deepEqual(ask("n-1"), { isWhole: false, messages: 8 });
    assert.deepEqual(ask("n-2"), { isWhole: false, messages: 0 });
    assert.deepEqual(ask("n-3"), { isWhole: undefined, messages: 0 });
  });

  it("is all of it beside a stream of another account that has its name", () => {
    const other = { messages: 50, first_seq: 1, last_seq: 50 };
    assert.equal(holdsAll("s", leader, "n-0", [of("n-0", other, state)], false).isWhole, true);
    assert.equal(holdsAll("s", leader, "n-0", [of("n-0", other)], false).isWhole, false);
  });

  it("is nothing of one that was deleted before, which a server holds for some seconds more", () => {
    const deleted = { name: "s", state, cluster: { raft_group: "S-R3F-old" } };
    const made = { ...deleted, cluster: { raft_group: "S-R3F-new" } };
    const ask = (one: object, from = leader as Parameters<typeof holdsAll>[1]) =>
      holdsAll("s", from, "n-0", [{ server: "n-0", streams: [one as typeof made] }], false);
    assert.deepEqual(ask(deleted), { isWhole: false, messages: 0 });
    assert.deepEqual(ask({ ...deleted, cluster: {} }), { isWhole: false, messages: 0 });
    assert.deepEqual(ask(made), { isWhole: true, messages: 9 });
    assert.equal(ask(deleted, { state, group: undefined }).isWhole, true);
  });
});
