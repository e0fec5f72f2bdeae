import { strict as assert } from "node:assert";
import {
  isForeign,
  ownerMetadata,
  ownerOf,
  showOwner,
  withoutOwner,
} from "../../../components/jetstream/ownership";

const ours = { project: "tfdc-nats", stack: "blue", colour: "nats-blue" };
const mark = {
  "io.tfdc.project": "tfdc-nats",
  "io.tfdc.stack": "blue",
  "io.tfdc.colour": "nats-blue",
};

describe("ownerMetadata", () => {
  it("names project, stack and colour under keys of our own", () => {
    assert.deepEqual(ownerMetadata(ours), mark);
  });

  it("is read back by ownerOf, whatever else is there", () => {
    assert.deepEqual(ownerOf({ ...mark, team: "tfdc" }), ours);
  });
});

describe("ownerOf", () => {
  it("finds nobody in metadata without a mark, or with half of one", () => {
    assert.equal(ownerOf(undefined), undefined);
    assert.equal(ownerOf({}), undefined);
    assert.equal(ownerOf({ "io.tfdc.project": "a" }), undefined);
    assert.equal(ownerOf({ "io.tfdc.stack": "a" }), undefined);
  });

  it("takes a mark without colour for one of no colour", () => {
    const { "io.tfdc.colour": _, ...rest } = mark;
    assert.deepEqual(ownerOf(rest), { ...ours, colour: "" });
  });
});

describe("withoutOwner", () => {
  it("leaves the labels of others", () => {
    assert.deepEqual(withoutOwner({ ...mark, team: "tfdc" }), { team: "tfdc" });
    assert.deepEqual(withoutOwner(undefined), {});
  });
});

describe("isForeign", () => {
  it("is true for another project, stack or colour", () => {
    for (const other of [{ project: "x" }, { stack: "green" }, { colour: "nats-green" }]) {
      assert.equal(isForeign(ownerMetadata({ ...ours, ...other }), mark), true);
    }
  });

  it("is true for any owner where the declaration names none", () => {
    assert.equal(isForeign(mark, {}), true);
  });

  it("is false for our own, and for what nobody owns", () => {
    assert.equal(isForeign(mark, { ...mark, team: "other" }), false);
    assert.equal(isForeign({ team: "tfdc" }, mark), false);
    assert.equal(isForeign(undefined, mark), false);
  });
});

describe("showOwner", () => {
  it("names the colour where there is one", () => {
    assert.equal(showOwner(ours), "stack 'blue' of project 'tfdc-nats', colour 'nats-blue'");
    assert.equal(showOwner({ ...ours, colour: "" }), "stack 'blue' of project 'tfdc-nats'");
  });
});
