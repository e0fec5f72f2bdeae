import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearHalfWritten } from "../../../scripts/local/half-written";

describe("clearHalfWritten", () => {
  let folder: string;
  let state: string;
  let said: string[];
  const clear = () => clearHalfWritten(state, "local-blue", (line) => said.push(line));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "state-"));
    state = join(folder, "local-blue.json");
    said = [];
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  for (const begun of ["", '{"user.cache_control":"","user.con']) {
    it(`removes a content type of which '${begun}' is written, and says that the state is whole`, () => {
      writeFileSync(state, "{}");
      writeFileSync(`${state}.attrs`, begun);
      clear();
      assert.deepEqual(readdirSync(folder), ["local-blue.json"]);
      assert.deepEqual(said, [
        "local-blue: the last pulumi was ended while it wrote the state, which is whole; what it had begun beside it is removed",
      ]);
    });
  }

  it("leaves one that is whole alone", () => {
    writeFileSync(state, "{}");
    writeFileSync(`${state}.attrs`, '{"user.content_type":"text/plain; charset=utf-8"}\n');
    clear();
    assert.deepEqual(readdirSync(folder), ["local-blue.json", "local-blue.json.attrs"]);
    assert.deepEqual(said, []);
  });

  it("has nothing to do where there is no state", () => {
    clear();
    assert.deepEqual(said, []);
  });
});
