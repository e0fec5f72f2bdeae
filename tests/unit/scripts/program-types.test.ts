import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(__dirname, "../../..");

function configuration(name: string): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(join(ROOT, name), ts.sys.readFile) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
}

describe("the program's types", () => {
  it("are not checked where Pulumi runs it, which takes half of a first preview", () => {
    // Pulumi looks for the option in this very file, and not in those that it extends.
    const text = readFileSync(join(ROOT, "tsconfig.json"), "utf8");
    const { config } = ts.parseConfigFileTextToJson("tsconfig.json", text) as {
      config: { compilerOptions: { noCheck?: boolean } };
    };
    assert.equal(config.compilerOptions.noCheck, true);
  });

  it("are checked by editors and by npm run check", () => {
    const [reference] = configuration("tsconfig.json").projectReferences ?? [];
    assert.equal(basename(reference?.path ?? ""), "tsconfig.program.json");
    const { options, fileNames } = configuration("tsconfig.program.json");
    assert.equal(options.noCheck, undefined);
    assert.ok(fileNames.some((file) => basename(file) === "index.ts"));
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: { check: string };
    };
    assert.match(scripts.check, /tsc -p tsconfig\.program\.json/);
  });
});
