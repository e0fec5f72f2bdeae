import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSecrets } from "../../../scripts/local/secrets";

describe("ensureSecrets", () => {
  let folder: string;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "secrets-")), ".local");
  });

  afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

  function files(): Record<string, string> {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
    const paths = names.filter((name) => statSync(join(folder, name)).isFile());
    return Object.fromEntries(
      paths.map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    );
  }

  it("makes a passphrase, and four passwords for each colour, all different", () => {
    ensureSecrets(folder);
    const made = files();
    assert.deepEqual(Object.keys(made), [
      "passphrase",
      ...["blue", "green"].flatMap((colour) =>
        ["client", "cluster", "provisioner", "system"].map((name) => `secrets/${colour}/${name}`),
      ),
    ]);
    assert.equal(new Set(Object.values(made)).size, 9);
    for (const secret of Object.values(made)) {
      assert.match(secret, /^[\w-]{32}\n$/);
    }
  });

  it("lets nobody else read them", () => {
    ensureSecrets(folder);
    for (const name of ["", "secrets", "secrets/blue"]) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o700, name);
    }
    for (const name of Object.keys(files())) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    }
  });

  it("keeps those that exist, and makes only what is missing", () => {
    ensureSecrets(folder);
    const made = files();
    rmSync(join(folder, "secrets/blue/client"));
    ensureSecrets(folder);
    const again = files();
    assert.notEqual(again["secrets/blue/client"], made["secrets/blue/client"]);
    assert.deepEqual(
      { ...again, "secrets/blue/client": "" },
      { ...made, "secrets/blue/client": "" },
    );
  });
});
