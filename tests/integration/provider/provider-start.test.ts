import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PulumiProject, projectFile } from "../../support/pulumi-project";

/** Notes what each process of Node is, and when one loads what the start leaves aside. */
const NOTES = `
const { appendFileSync } = require("node:fs");
const Module = require("node:module");
const load = Module._load;
const note = (what) => appendFileSync(__dirname + "/notes", process.argv[1] + " " + what + "\\n");
note("starts");
Module._load = function (request, ...rest) {
  if (/^(typescript|@npmcli\\/arborist)$/.test(request)) note("loads " + request);
  return load.call(this, request, ...rest);
};
`;

/** A dynamic resource of somebody's own, whose provider Pulumi writes down as text with all it uses. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const greeting = "made by a closure";
class Mine extends pulumi.dynamic.Resource {
  constructor(name) {
    super({ create: async () => ({ id: "mine", outs: { greeting } }) }, name, { greeting: undefined }, {});
  }
}
exports.greeting = new Mine("mine").greeting;
`;

describe("the start of the provider that a project names", function () {
  this.timeout(180_000);
  let project: PulumiProject;

  before(async () => {
    project = new PulumiProject({
      "index.js": PROGRAM,
      "notes.cjs": NOTES,
      "Pulumi.yaml": projectFile("mine"),
      "package.json": '{ "name": "mine", "main": "index.js" }\n',
    });
    project.env.NODE_OPTIONS = `--require ${join(project.directory, "notes.cjs")}`;
    await project.init();
  });

  after(() => project?.remove());

  it("serves dynamic resources of the program's own as well", async () => {
    await project.ok("up", "--yes", "--skip-preview");
    const { stdout } = await project.ok("stack", "output", "greeting");
    assert.equal(stdout.trim(), "made by a closure");
    await project.ok("preview", "--expect-no-changes");
  });

  it("loads neither TypeScript nor npm's resolver, which Pulumi's own start does", () => {
    const notes = noted();
    const ofStart = notes.filter((line) => line.includes("/provider-start.js "));
    assert.deepEqual([...new Set(ofStart.map((line) => line.replace(/^\S+ /, "")))], ["starts"]);
    // To refresh and to preview, at least.
    assert.ok(ofStart.length >= 3, notes.join("\n"));
    assert.ok(!notes.some((line) => line.includes("/cmd/dynamic-provider")), notes.join("\n"));
    // The program writes its provider down, and so needs them.
    assert.deepEqual(loadedByProgram(notes), ["@npmcli/arborist", "typescript"]);
  });

  it("leaves npm's resolver aside in a program too, which writes down the same", async () => {
    project.write("index.js", `require("@tfdc/pulumi-nats/program-start");${PROGRAM}`);
    project.write("notes", "");
    await project.ok("preview", "--expect-no-changes");
    // Pulumi loads it for each program, to translate one in TypeScript.
    assert.deepEqual(loadedByProgram(noted()), ["typescript"]);
  });

  function noted(): string[] {
    return readFileSync(join(project.directory, "notes"), "utf8").trim().split("\n");
  }

  function loadedByProgram(notes: readonly string[]): string[] {
    const found = notes.flatMap((line) => /cmd\/run\S* loads (\S+)$/.exec(line)?.[1] ?? []);
    return [...new Set(found)].sort();
  }
});
