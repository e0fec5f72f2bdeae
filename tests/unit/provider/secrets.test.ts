import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveSecret } from "../../../components/provider/secrets";
import { keepStackConfig } from "../../../components/provider/stack-config";
import { UserError } from "../../../components/user-error";

const VARIABLE = "TFDC_NATS_TEST_SECRET";

function refusal(value: unknown): string {
  try {
    resolveSecret("the password of 'tfdc'", value);
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.equal(error.stack, error.message);
    return error.message;
  }
  throw new assert.AssertionError({ message: "it was taken" });
}

describe("resolveSecret", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-nats-secrets-"));
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => {
    delete process.env[VARIABLE];
    keepStackConfig({ config: { get: () => undefined } });
  });

  it("finds no secret where there is none", () => {
    assert.equal(resolveSecret("it", undefined), undefined);
    assert.equal(resolveSecret("it", null), undefined);
  });

  it("takes a text for the secret itself", () => {
    assert.equal(resolveSecret("it", "$2a$'\"#"), "$2a$'\"#");
    assert.equal(resolveSecret("it", ""), "");
  });

  it("reads the stack's configuration", () => {
    const values: Readonly<Record<string, string>> = { "tfdc-nats:password": "s3cret" };
    keepStackConfig({ config: { get: (key) => values[key] } });
    assert.equal(resolveSecret("it", { config: "tfdc-nats:password" }), "s3cret");
  });

  it("names the command that sets what the configuration lacks", () => {
    assert.equal(
      refusal({ config: "tfdc-nats:password" }),
      "the password of 'tfdc' is to come from the stack configuration tfdc-nats:password, which is not set; set it with: pulumi config set --secret tfdc-nats:password.",
    );
  });

  it("reads the environment, at the moment it is asked", () => {
    process.env[VARIABLE] = "first";
    assert.equal(resolveSecret("it", { env: VARIABLE }), "first");
    process.env[VARIABLE] = "second";
    assert.equal(resolveSecret("it", { env: VARIABLE }), "second");
  });

  it("names the variable that is not set, or empty", () => {
    const message = `the password of 'tfdc' is to come from the environment variable ${VARIABLE}, which is not set; export ${VARIABLE} before running pulumi.`;
    assert.equal(refusal({ env: VARIABLE }), message);
    process.env[VARIABLE] = "";
    assert.equal(refusal({ env: VARIABLE }), message);
  });

  it("reads a file without its last line end, and with every other one", () => {
    const path = join(folder, "password");
    for (const [content, secret] of [
      ["s3cret\n", "s3cret"],
      ["s3cret\r\n", "s3cret"],
      ["s3cret", "s3cret"],
      ["two\nlines\n\n", "two\nlines\n"],
      [" spaced \n", " spaced "],
    ] as const) {
      writeFileSync(path, content);
      assert.equal(resolveSecret("it", { file: path }), secret);
    }
  });

  it("names the file that cannot be read, and why", () => {
    const path = join(folder, "missing");
    assert.equal(
      refusal({ file: path }),
      `the password of 'tfdc' is to come from the file '${path}', which cannot be read (ENOENT: no such file or directory, open '${path}'); write it there, readable for you alone, or change the reference.`,
    );
  });

  it("refuses what is no reference, without a word of what it was", () => {
    for (const value of [{ value: "s3cret" }, ["s3cret"], 7, true, { config: 7 }]) {
      assert.equal(
        refusal(value),
        "the password of 'tfdc' is no secret reference: it must be a secret, { config: key }, { env: name } or { file: path }.",
      );
    }
  });
});
