import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const LEFT_ASIDE = resolve(__dirname, "../../../components/dist/start/left-aside.js");

/** Packages that say when they are loaded, and a Pulumi that asks for them as the real one does. */
const FILES = {
  "@pulumi/pulumi/index.js": `
    const { codePathsOf } = require("./copies");
    exports.codePathsOf = codePathsOf;
    const semver = require("semver");
    exports.versionOf = (text) => semver.parse(text);
    exports.plain = require("plain");
  `,
  "@pulumi/pulumi/copies.js": `
    var codePaths_1 = require("./closure/codePaths");
    exports.codePathsOf = codePaths_1.codePathsOf;
  `,
  "@pulumi/pulumi/closure/codePaths.js":
    'console.log("closures"); exports.codePathsOf = (...words) => words.join("+");',
  "@pulumi/pulumi/cmd/run/tracing.js": `
    const { Exporter, register } = require("@opentelemetry/sdk-trace-node");
    const { context } = require("@opentelemetry/api");
    exports.start = (url) => register(new Exporter(url)) + context;
  `,
  "@pulumi/pulumi/cmd/run/other.js": 'require("@opentelemetry/sdk-trace-node");',
  "@pulumi/pulumi/cmd/run/index.js": `
    const hooks = require("../../runtime/closure/v8Hooks");
    exports.ready = hooks.isInitializedAsync();
  `,
  "@pulumi/pulumi/runtime/closure/v8.js": `
    const hooks = require("./v8Hooks");
    exports.fileOf = async (text) => {
      await hooks.getSessionAsync();
      return hooks.getScriptUrls().filter((url) => url.endsWith(text)).length;
    };
  `,
  // Pulumi's own, but for the flag of V8.
  "@pulumi/pulumi/runtime/closure/v8Hooks.js": `
    console.log("hooks");
    const urls = new Map();
    let session;
    const create = async () => {
      const inspector = await Promise.resolve().then(() => require("inspector"));
      const one = new inspector.Session();
      one.connect();
      await new Promise((done) => one.post("Debugger.enable", done));
      one.addListener("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
      return one;
    };
    exports.getSessionAsync = async () => (session ??= create());
    exports.isInitializedAsync = async () => { await exports.getSessionAsync(); };
    exports.getScriptUrls = () => [...urls.values()];
  `,
  "@opentelemetry/sdk-trace-node/index.js": `
    console.log("traces");
    exports.Exporter = class { constructor(url) { this.url = url; } };
    exports.register = (exporter) => exporter instanceof exports.Exporter && exporter.url;
  `,
  "@opentelemetry/api/index.js": 'console.log("api"); exports.context = "!";',
  "semver/index.js": 'console.log("semver"); exports.parse = (text) => text.split(".");',
  "plain/index.js": 'console.log("plain");',
  "other/index.js": 'console.log(require("semver").parse("9.8").length, "in another package");',
};

describe("what is left aside while Pulumi is loaded", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-left-aside-"));
    for (const [name, text] of Object.entries(FILES)) {
      const path = join(folder, "node_modules", name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(text: string, call = 'leaveAside(["semver"]);'): string[] {
    const start = `const { leaveAside } = require(${JSON.stringify(LEFT_ASIDE)});${call}`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", `${start}${text}`], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    return stdout.trim().split("\n");
  }

  it("is not loaded until it is used, and everything else is", () => {
    assert.deepEqual(run('require("@pulumi/pulumi"); console.log("loaded");'), ["plain", "loaded"]);
  });

  it("is loaded once, by the first use of it", () => {
    const text = `
      const pulumi = require("@pulumi/pulumi");
      console.log(pulumi.codePathsOf(1, 2), pulumi.codePathsOf(3), pulumi.versionOf("1.2").length);`;
    assert.deepEqual(run(text), ["plain", "closures", "semver", "1+2 3 2"]);
  });

  it("is what sends traces, of a program, until one is asked for", () => {
    const text = `
      const { start } = require("@pulumi/pulumi/cmd/run/tracing");
      console.log("loaded");
      console.log(start("http://here"), start("http://there"));`;
    assert.deepEqual(run(text), ["api", "loaded", "traces", "http://here! http://there!"]);
    assert.deepEqual(run('require("@pulumi/pulumi/cmd/run/other");'), ["traces"]);
  });

  it("is what knows each script of a program, which then knows those from before as well", () => {
    const text = `
      require("@pulumi/pulumi/cmd/run").ready.then(async () => {
        require("other");
        console.log("ready");
        const { fileOf } = require("@pulumi/pulumi/runtime/closure/v8");
        console.log(await fileOf("other/index.js"), await fileOf("other/index.js"));
      });`;
    const rest = ["ready", "hooks", "1 1"];
    assert.deepEqual(run(text), ["semver", "2 in another package", ...rest]);
    // Without anything left aside, it is there before the program.
    const before = ["hooks", "semver", "2 in another package", "ready", "1 1"];
    assert.deepEqual(run(text, ""), before);
  });

  it("is loaded at once for any package but Pulumi", () => {
    assert.deepEqual(run('require("other");'), ["semver", "2 in another package"]);
  });

  it("is all loaded at once where Node has no loader of that name", () => {
    const text = `
      const Module = require("node:module");
      const { _load: load } = Module;
      delete Module._load;
      leaveAside(["plain"]);
      Module._load = load;
      require("@pulumi/pulumi");`;
    assert.deepEqual(run(text, ""), ["closures", "semver", "plain"]);
  });
});
