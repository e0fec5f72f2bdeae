import { strict as assert } from "node:assert";
import {
  changesBetween,
  idleChanges,
  irreversibleChanges,
  refusedChanges,
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

  it("mean nothing where only a new stream could heed them", () => {
    const changes = changesBetween(live, { ...live, firstSeq: 7, name: "b" }, "2.10.29");
    assert.deepEqual(names(idleChanges(changes)), ["firstSeq"]);
    assert.deepEqual(refusedChanges(changes), []);
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
