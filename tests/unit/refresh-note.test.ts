import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { refreshNote } from "../../components/refresh-note";

const ROOT = resolve(__dirname, "../..");
const NOTE =
  "Pulumi.yaml does not say `options: { refresh: always }`: a plain preview compares streams and buckets with the last update, and does not show what somebody has changed on the servers since. Add it, or preview with --refresh.";

describe("what is said of a project that does not read what lives", () => {
  it("is nothing where it does, however that is written", () => {
    for (const text of [
      "name: a\nruntime: nodejs\noptions:\n  refresh: always\n",
      'name: a\noptions: { refresh: "always" }\n',
      "options:\n  refresh: 'always' # drift shows\n",
      '{"name":"a","options":{"refresh":"always"}}',
    ]) {
      assert.equal(refreshNote(text), undefined);
    }
    for (const project of [".", "examples/other-team"]) {
      const text = readFileSync(join(ROOT, project, "Pulumi.yaml"), "utf8");
      assert.equal(refreshNote(text), undefined);
    }
  });

  it("is nothing of a program without a project file", () => {
    assert.equal(refreshNote(undefined), undefined);
  });

  it("is that drift stays out of sight, and what to add", () => {
    for (const text of [
      "name: a\nruntime: nodejs\n",
      "name: always-refresh\nruntime: nodejs\n",
      "name: a\noptions:\n  refresh: never\n",
      "name: a\noptions:\n  # refresh: always\n",
    ]) {
      assert.equal(refreshNote(text), NOTE);
    }
  });
});
