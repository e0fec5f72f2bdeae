import { strict as assert } from "node:assert";
import type { Replica } from "../../../components/backup/answers";
import {
  areCalledCurrent,
  type Look,
  replicaProgress,
  Silence,
} from "../../../components/provider/backup/restored-replicas";
import { UserError } from "../../../components/user-error";

const MS = 1e6;
const peer = (name: string, more: Partial<Replica> = {}): Replica => ({
  name,
  current: true,
  active: 5 * MS,
  ...more,
});

function look(asked: number, replicas: readonly Replica[], leader = "n-0"): Look {
  const state = { messages: 9, bytes: 90, first_seq: 2, last_seq: 10, consumer_count: 0 };
  const live = { config: { name: "s" }, state, cluster: { leader, replicas } };
  return { asked, answered: asked + 10, live };
}

const holding = (server: string, messages: number, last_seq: number) => ({
  server,
  streams: [{ name: "s", state: { messages, first_seq: 2, last_seq } }],
});

type Given = [...Parameters<typeof replicaProgress>] extends [...infer T, Silence] ? T : never;

const progress = (...given: Given) => replicaProgress(...given, new Silence());
const late = async (...given: Given) => (await progress(...given)).late;

/** The same at the third look in a row. */
async function lateAtLast(...given: Given): Promise<readonly string[]> {
  const silence = new Silence();
  await replicaProgress(...given, silence);
  await replicaProgress(...given, silence);
  return (await replicaProgress(...given, silence)).late;
}

describe("replicaProgress", () => {
  const both = look(1000, [peer("n-1"), peer("n-2")]);

  it("asks nobody of a stream without replicas", async () => {
    const ask = () => assert.fail("asked");
    assert.deepEqual(await progress(look(0, []), undefined, ask, false), {
      late: [],
      held: 0,
    });
  });

  it("believes the servers and not the leader", async () => {
    const half = [holding("n-0", 9, 10), holding("n-1", 9, 10), holding("n-2", 4, 5)];
    assert.deepEqual(await progress(both, undefined, async () => half, false), {
      late: ["n-2"],
      held: 13,
    });
    const none = [holding("n-1", 9, 10), { server: "n-2", streams: [] }];
    assert.deepEqual(await late(both, undefined, async () => none, false), ["n-2"]);
    const whole = [holding("n-1", 9, 10), holding("n-2", 9, 10)];
    assert.deepEqual(await late(both, undefined, async () => whole, false), []);
  });

  it("names a replica that its leader does not call current, whatever it holds", async () => {
    const whole = async () => [holding("n-1", 9, 10), holding("n-2", 9, 10)];
    const behind = look(1000, [peer("n-1", { current: false }), peer("n-2", { lag: 3 })]);
    assert.deepEqual(await late(behind, undefined, whole, false), ["n-1", "n-2"]);
  });

  it("goes by the last message where others go meanwhile", async () => {
    const aged = async () => [holding("n-1", 8, 10), holding("n-2", 9, 10)];
    assert.deepEqual(await late(both, undefined, aged, false), ["n-1"]);
    assert.deepEqual(await late(both, undefined, aged, true), []);
    const short = async () => [holding("n-1", 8, 9), holding("n-2", 9, 10)];
    assert.deepEqual(await late(both, undefined, short, true), ["n-1"]);
  });

  it("wants a replica that cannot be asked to be heard of since the leader first called it current", async () => {
    const fresh = [peer("n-1"), peer("n-2", { active: 800 * MS })];
    assert.deepEqual(await late(both, both, undefined, false), ["n-1", "n-2"]);
    assert.deepEqual(await late(look(1500, fresh), both, undefined, false), ["n-2"]);
    assert.deepEqual(await late(look(1900, fresh), both, undefined, false), []);
    const other = look(1900, fresh, "n-1");
    assert.deepEqual(await late(other, both, undefined, false), ["n-1", "n-2"]);
    const never = look(1900, [peer("n-1", { active: 0 }), peer("n-2")]);
    assert.deepEqual(await late(never, both, undefined, false), ["n-1"]);
  });

  it("takes the leader's word where the way to the servers is closed, and hides no bug", async () => {
    const fail = (error: Error) => () => Promise.reject(error);
    const now = look(1900, [peer("n-1"), peer("n-2")]);
    assert.deepEqual(await lateAtLast(now, both, fail(new UserError("no such user")), false), []);
    await assert.rejects(late(now, both, fail(new TypeError("a bug")), false), /a bug/);
  });

  it("takes the leader's word of a server that does not answer, and of no other", async () => {
    const one = async () => [holding("n-1", 4, 5)];
    const now = look(1900, [peer("n-1"), peer("n-2")]);
    assert.deepEqual(await lateAtLast(now, both, one, false), ["n-1"]);
  });

  it("waits for a server that has not answered a first or second question, or has once", async () => {
    const silence = new Silence();
    const now = look(1900, [peer("n-1"), peer("n-2")]);
    const whole = async () => [holding("n-1", 9, 10)];
    const ask = async (answers: () => Promise<readonly ReturnType<typeof holding>[]>) =>
      (await replicaProgress(now, both, answers, false, silence)).late;
    assert.deepEqual(await ask(whole), ["n-2"]);
    assert.deepEqual(await ask(whole), ["n-2"]);
    assert.deepEqual(await ask(whole), []);
    const none = async () => [];
    assert.deepEqual(await ask(none), ["n-1"]);
    assert.deepEqual(await ask(none), ["n-1"]);
    assert.deepEqual(await ask(none), ["n-1"]);
  });
});

describe("areCalledCurrent", () => {
  it("takes every replica, and no lag", () => {
    assert.equal(areCalledCurrent(look(0, [peer("n-1"), peer("n-2", { lag: 0 })])), true);
    assert.equal(areCalledCurrent(look(0, [peer("n-1"), peer("n-2", { lag: 1 })])), false);
    assert.equal(areCalledCurrent(look(0, [peer("n-1", { current: false })])), false);
  });
});
