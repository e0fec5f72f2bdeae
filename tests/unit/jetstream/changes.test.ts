import { strict as assert } from "node:assert";
import {
  apartFromMove,
  changesBetween,
  idleChanges,
  irreversibleChanges,
  refusedChanges,
  stepBetween,
} from "../../../components/jetstream/changes";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { normaliseStream } from "../../../components/jetstream/stream-settings";

const settings = (input: Record<string, unknown>) => normaliseStream(input).settings;

const names = (changes: readonly { property: string }[]) => changes.map(({ property }) => property);

describe("the changes of an update", () => {
  const live = settings({ name: "a", subjects: ["a"], denyDelete: true });

  it("are none where nothing differs", () => {
    assert.deepEqual(changesBetween(live, live, "2.10.29"), []);
  });

  it("carry what they mean, and the server's words where it refuses", () => {
    const declared = settings({ name: "a", subjects: ["a"], maxAge: "1h", storage: "memory" });
    assert.deepEqual(changesBetween(live, declared, "2.10.29"), [
      {
        property: "storage",
        live: "file",
        declared: "memory",
        meaning: "refused",
        refusal: "stream configuration update can not change storage type",
      },
      { property: "maxAge", live: "unlimited", declared: "1h", meaning: "lossy" },
      {
        property: "denyDelete",
        live: true,
        declared: false,
        meaning: "refused",
        refusal: "stream configuration update can not cancel deny message deletes",
      },
    ]);
  });

  it("are refused by the version of the server", () => {
    const declared = { ...live, maxConsumers: 3 };
    const refusedBy = (version: string) =>
      names(refusedChanges(changesBetween(live, declared, version)));
    assert.deepEqual(refusedBy("2.12.4"), ["maxConsumers"]);
    assert.deepEqual(refusedBy("2.12.5"), []);
  });

  it("are irreversible one by one, but for a seal, which implies the others", () => {
    const open = settings({ name: "a", subjects: ["a"] });
    const denied = { ...open, denyDelete: true, denyPurge: true };
    const irreversible = (declared: typeof open) =>
      names(irreversibleChanges(changesBetween(open, declared, "2.10.29")));
    assert.deepEqual(irreversible(denied), ["denyDelete", "denyPurge"]);
    assert.deepEqual(irreversible({ ...denied, sealed: true }), ["sealed"]);
  });

  it("unseal by one refusal, not three", () => {
    const sealed = { ...live, denyPurge: true, sealed: true };
    const open = settings({ name: "a", subjects: ["a"] });
    assert.deepEqual(names(refusedChanges(changesBetween(sealed, open, "2.10.29"))), ["sealed"]);
  });

  it("are all refused of a sealed stream that has markers or schedules, but for taking the markers off", () => {
    const sealed = { ...live, sealed: true };
    const refused = (from: Partial<typeof live>, to: Partial<typeof live>) =>
      refusedChanges(changesBetween({ ...sealed, ...from }, { ...sealed, ...to }, "2.12.15")).map(
        ({ property, refusal, remedy }) => [property, refusal, remedy],
      );
    const marked = { subjectDeleteMarkerTtl: "1h" };
    assert.deepEqual(refused(marked, { ...marked, description: "x" }), [
      [
        "description",
        "stream configuration update can not cancel deny purge",
        "replace subjectDeleteMarkerTtl, with which a sealed stream takes no update, by allowMsgTtl: true",
      ],
    ]);
    assert.deepEqual(refused(marked, { description: "x" }), []);
    const scheduled = { allowMsgSchedules: true };
    assert.deepEqual(refused(scheduled, { ...scheduled, description: "x" }), [
      ["description", "message scheduling cannot use discard new", undefined],
    ]);
    assert.deepEqual(refused(scheduled, scheduled), []);
  });

  it("mean nothing where only a new stream could heed them", () => {
    const changes = changesBetween(live, { ...live, firstSeq: 7, name: "b" }, "2.10.29");
    assert.deepEqual(names(idleChanges(changes)), ["firstSeq"]);
    assert.deepEqual(refusedChanges(changes), []);
  });
});

describe("stepBetween", () => {
  const at = (tag: string, rest: Record<string, unknown>) =>
    settings({ name: "a", subjects: ["a"], placement: { tags: [tag] }, ...rest });

  it("is nothing where one update does", () => {
    const live = at("east", { replicas: 1 });
    for (const declared of [
      at("west", { replicas: 1, maxAge: "1h" }),
      at("east", { replicas: 3, retention: "interest" }),
      settings({ name: "a", subjects: ["a"], replicas: 3 }),
    ]) {
      assert.equal(stepBetween(live, declared, "2.15.3"), undefined);
    }
  });

  it("takes replicas away before it moves, and adds them afterwards", () => {
    const [one, three] = [at("east", { replicas: 1 }), at("west", { replicas: 3 })];
    assert.deepEqual(stepBetween(one, three, "2.10.29"), { ...three, replicas: 1 });
    assert.deepEqual(stepBetween(three, one, "2.10.29"), { ...one, placement: three.placement });
  });

  it("changes a retention before it moves, where the server does not take both", () => {
    const [live, declared] = [at("east", {}), at("west", { retention: "interest" })];
    assert.equal(stepBetween(live, declared, "2.14.10"), undefined);
    assert.deepEqual(apartFromMove(live, declared, "2.15.0"), ["retention"]);
    assert.deepEqual(stepBetween(live, declared, "2.15.0"), {
      ...declared,
      placement: live.placement,
    });
    const more = at("west", { retention: "interest", replicas: 3 });
    assert.deepEqual(stepBetween(live, more, "2.15.0"), {
      ...more,
      replicas: 1,
      retention: "limits",
    });
  });
});

describe("the field table", () => {
  it("has the server's words for every field whose change it may refuse, but for two", () => {
    const without = STREAM_FIELDS.filter(
      ({ onUpdate, refusal }) =>
        refusal === undefined &&
        [onUpdate(true, false, "2.10.0"), onUpdate("a", "b", "2.10.0")].includes("refused"),
    );
    assert.deepEqual(
      without.map(({ name }) => name),
      ["name", "firstSeq"],
    );
  });
});
