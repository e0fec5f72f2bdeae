import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NODE_ARGUMENTS, PulumiProject, projectFile } from "../../support/pulumi-project";

/** Notes what each process of Node is, and when one loads what the starts leave aside. */
const NOTES = `
const { appendFileSync } = require("node:fs");
const Module = require("node:module");
const load = Module._load;
const what = new Set(["typescript", "@npmcli/arborist", "@grpc/grpc-js", "@opentelemetry/sdk-trace-node", "inspector"]);
const note = (text) => appendFileSync(__dirname + "/notes", process.pid + " " + process.argv[1] + " " + text + "\\n");
note("starts");
Module._load = function (request, ...rest) {
  if (what.has(request)) note("loads " + request);
  return load.call(this, request, ...rest);
};
`;

/** A dynamic resource of somebody's own, whose provider Pulumi writes down as text with all it uses. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const greeting = "made by a closure";
const provider = {
  async configure({ config }) { this.word = config.require("word"); },
  async create() { return { id: "mine", outs: { greeting, word: this.word } }; },
  async update() { return { outs: { greeting, word: this.word } }; },
};
class Mine extends pulumi.dynamic.Resource {
  constructor(name) {
    super(provider, name, { greeting: undefined, word: new pulumi.Config().require("word") }, {});
  }
}
const mine = new Mine("mine");
exports.greeting = mine.greeting;
exports.word = mine.word;
`;

/** One whose provider uses what cannot be written down. */
const NOT_TEXT = `
const pulumi = require("@pulumi/pulumi");
const native = new Intl.NumberFormat("en").format;
class Mine extends pulumi.dynamic.Resource {}
new Mine({ create: async () => ({ id: native(1) }) }, "mine", {}, {});
`;

/** What a process was started as, and what of that which is noted it has loaded. */
interface Noted {
  readonly script: string;
  readonly loads: readonly string[];
}

describe("the start of the provider that a project names", function () {
  this.timeout(180_000);
  let project: PulumiProject;

  before(async () => {
    project = new PulumiProject({
      "index.js": PROGRAM,
      "notes.cjs": NOTES,
      "Pulumi.yaml": projectFile("mine", false, ""),
      "package.json": '{ "name": "mine", "main": "index.js" }\n',
    });
    project.env.NODE_OPTIONS = `--require ${join(project.directory, "notes.cjs")}`;
    await project.init();
    await project.ok("config", "set", "word", "first");
  });

  after(() => project?.remove());

  it("serves dynamic resources of the program's own as well", async () => {
    const { providers } = await notesOf(() => project.ok("up", "--yes", "--skip-preview"));
    assert.equal(await output("greeting"), "made by a closure");
    assert.equal(await output("word"), "first");
    assert.deepEqual(loadsOf(providers), [["@grpc/grpc-js"]]);
  });

  it("loads neither TypeScript nor npm's resolver, and nothing at all in the second of a preview", async () => {
    const { providers, program } = await notesOf(() =>
      project.ok("preview", "--expect-no-changes"),
    );
    assert.ok(
      providers.every(({ script }) => script.endsWith("/provider-start.js")),
      JSON.stringify(providers),
    );
    // To refresh; and to ask whether the provider's configuration has changed, which needs no provider.
    assert.deepEqual(loadsOf(providers), [["@grpc/grpc-js"], []]);
    // The program writes its provider down, and so needs them.
    assert.deepEqual(program, [
      "@grpc/grpc-js",
      "@npmcli/arborist",
      "@opentelemetry/sdk-trace-node",
      "inspector",
      "typescript",
    ]);
  });

  it("has the second one do the work where the stack's configuration has changed", async () => {
    await project.ok("config", "set", "word", "second");
    const { providers } = await notesOf(() => project.ok("up", "--yes", "--skip-preview"));
    assert.equal(await output("word"), "second");
    assert.deepEqual(loadsOf(providers), [["@grpc/grpc-js"], ["@grpc/grpc-js"]]);
    await project.ok("preview", "--expect-no-changes");
  });

  it("leaves npm's resolver aside in a program that imports it, which writes down the same", async () => {
    project.write("index.js", `require("@tfdc/pulumi-nats/program-start");${PROGRAM}`);
    const { program } = await notesOf(() => project.ok("preview", "--expect-no-changes"));
    assert.ok(!program.includes("@npmcli/arborist"), program.join(", "));
  });

  describe("by an argument of Node", () => {
    let said: string;

    before(async () => {
      project.write("index.js", NOT_TEXT);
      said = await refusal();
      project.write("Pulumi.yaml", projectFile("mine", false, NODE_ARGUMENTS));
    });

    it("says the same of a function that cannot be written down, its file and line among it", async () => {
      assert.match(said, /Error serializing .*: index\.js\(\d+,\d+\)/);
      assert.equal(await refusal(), said);
    });

    it("leaves aside what sends traces, too", async () => {
      project.write("index.js", PROGRAM);
      const { program } = await notesOf(() => project.ok("preview", "--expect-no-changes"));
      assert.ok(!program.includes("@opentelemetry/sdk-trace-node"), program.join(", "));
    });

    it("has a program that declares resources load no debugger either", async () => {
      project.write("index.js", 'exports.stack = require("@pulumi/pulumi").getStack();');
      const { program } = await notesOf(() => project.ok("preview"));
      assert.ok(!program.includes("inspector"), program.join(", "));
    });
  });

  async function output(name: string): Promise<string> {
    return (await project.ok("stack", "output", name)).stdout.trim();
  }

  /** What Pulumi reports at the end, without where in its own files. */
  async function refusal(): Promise<string> {
    const { code, stdout } = await project.run("preview");
    assert.notEqual(code, 0, stdout);
    const [, report = ""] = stdout.split("\nDiagnostics:\n");
    return report.replace(/^ +at .*\n/gm, "");
  }

  /** What each of the processes has loaded that one run starts. */
  async function notesOf(run: () => Promise<unknown>) {
    project.write("notes", "");
    await run();
    const processes = new Map<string, { script: string; loads: string[] }>();
    for (const line of readFileSync(join(project.directory, "notes"), "utf8").trim().split("\n")) {
      const [, pid = "", script = "", , load] =
        /^(\d+) (\S+) (starts|loads (\S+))$/.exec(line) ?? [];
      const one = processes.get(pid) ?? { script, loads: [] };
      processes.set(pid, one);
      if (load !== undefined && !one.loads.includes(load)) {
        one.loads.push(load);
      }
    }
    const all: Noted[] = [...processes.values()];
    return {
      providers: all.filter(({ script }) => /dynamic-provider|provider-start/.test(script)),
      program: all.flatMap(({ script, loads }) => (/cmd\/run/.test(script) ? loads : [])).sort(),
    };
  }

  function loadsOf(processes: readonly Noted[]): readonly (readonly string[])[] {
    return processes.map(({ loads }) => loads);
  }
});
