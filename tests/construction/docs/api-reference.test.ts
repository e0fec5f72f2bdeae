import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { API_PAGE, writeApiReference } from "../../../scripts/docs/api-reference";

describe("the API reference", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "tfdc-nats-api-"));

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("says what the doc comments say, of everything that is exported (npm run docs writes it)", async () => {
    assert.equal(readFileSync(API_PAGE, "utf8"), await writeApiReference(folder));
  });
});
