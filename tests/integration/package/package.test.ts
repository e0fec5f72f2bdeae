import { strict as assert } from "node:assert";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { RawJetStream } from "../../support/drift-raw";
import {
  exampleFolder,
  npmInstall,
  type Packed,
  pack,
  run,
  runText,
  sourceOf,
} from "../../support/installed-package";
import { PulumiProject, stepsOf } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

const ROOT = resolve(__dirname, "../../..");
const PNPM = "9.15.9";
const YARN = "1.22.22";

const COMMON = `
const { JetStreamAssets, KeyValue, NatsClusterComponent, Stream } = require("@tfdc/pulumi-nats");
const names = [JetStreamAssets, KeyValue, NatsClusterComponent, Stream].map(({ name }) => name);
console.log(names.join());
`;
const MODULE = COMMON.replace(/const (\{.*\}) = require\((.*)\);/, "import $1 from $2;");
const NAMES = "JetStreamAssets,KeyValue,NatsClusterComponent,Stream";
/** What Node has loaded that has to do with Kubernetes. */
const LOADED = `
const loaded = Object.keys(require.cache).filter((path) => /node_modules.@(pulumi.(kubernetes|command)|kubernetes)./.test(path));
console.log(loaded.length);
`;

describe("the package", function () {
  this.timeout(300_000);
  let folder: string;
  let program: string;
  let components: Packed;
  let ops: Packed;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-packed-"));
    components = pack("components", folder);
    ops = pack("ops", folder);
    program = exampleFolder(join(folder, components.filename));
    npmInstall(program);
  });

  after(() => {
    for (const each of [folder, program]) {
      rmSync(each, { recursive: true, force: true });
    }
  });

  it("holds programs, their types, the licence and a page, and nothing else", () => {
    for (const [workspace, packed] of [
      ["components", components],
      ["ops", ops],
    ] as const) {
      const paths = packed.files.map(({ path }) => path);
      const [built, others] = [
        paths.filter((path) => path.startsWith("dist/")),
        paths.filter((path) => !path.startsWith("dist/")),
      ];
      const start = "provider-start/pulumi-resource-pulumi-nodejs";
      const programs = workspace === "ops" ? ["bin/tfdc-nats.js"] : [start, `${start}.cmd`];
      assert.deepEqual(others.sort(), [...programs, "LICENSE", "README.md", "package.json"].sort());
      assert.deepEqual(
        built.filter((path) => !/\.(js|d\.ts)$/.test(path)),
        [],
      );
      assert.deepEqual(
        built.filter((path) => !sourceOf(workspace, path)),
        [],
      );
      assert.deepEqual(
        paths.filter((path) => /test|fixture|\.map$/.test(path)),
        [],
      );
      assert.ok(packed.size < 400_000, `${workspace}: ${packed.size} bytes`);
      const licence = readFileSync(join(ROOT, workspace, "LICENSE"), "utf8");
      assert.equal(licence, readFileSync(join(ROOT, "LICENSE"), "utf8"));
    }
  });

  it("makes the image of the backups by the words of its Dockerfile, without Pulumi", () => {
    const dockerfile = readFileSync(join(ROOT, "examples/backup-image/Dockerfile"), "utf8");
    const [, words = ""] = /^RUN npm (install .*) \.\/\*\.tgz &&/m.exec(dockerfile) ?? [];
    const image = mkdtempSync(join(tmpdir(), "tfdc-image-"));
    try {
      const packed = [components, ops].map(({ filename }) => join(folder, filename));
      run("npm", [...words.split(" "), "--prefer-offline", ...packed], image);
      assert.match(
        run(join(image, "node_modules/.bin/tfdc-nats"), ["backup", "--help"], image),
        /^tfdc-nats backup \[colour\]/,
      );
      assert.throws(() => readFileSync(join(image, "node_modules/@pulumi/pulumi/package.json")));
    } finally {
      rmSync(image, { recursive: true, force: true });
    }
  });

  it("has every file that its package.json exports", () => {
    const manifest = JSON.parse(
      readFileSync(join(program, "node_modules/@tfdc/pulumi-nats/package.json"), "utf8"),
    ) as { exports: Record<string, string | Record<string, string>> };
    const paths = components.files.map(({ path }) => path);
    for (const [name, target] of Object.entries(manifest.exports)) {
      for (const path of typeof target === "string" ? [target] : Object.values(target)) {
        assert.ok(path.includes("*") || paths.includes(path.replace("./", "")), `${name}: ${path}`);
      }
    }
  });

  it("is used by a CommonJS and by an ES module", () => {
    assert.equal(runText(program, "common.cjs", COMMON), NAMES);
    assert.equal(runText(program, "module.mjs", MODULE), NAMES);
  });

  it("has types for both of them, which refuse what is no argument", () => {
    const tsc = ["node_modules/typescript/bin/tsc", "--noEmit", "-p"];
    run(process.execPath, [...tsc, "."], program);
    const options = {
      module: "nodenext",
      moduleResolution: "nodenext",
      strict: true,
      skipLibCheck: true,
    };
    writeFileSync(
      join(program, "typed.mts"),
      'import { Stream } from "@tfdc/pulumi-nats";\nnew Stream("a", { connection: {}, name: "a", maxAge: 5 });\n',
    );
    writeFileSync(
      join(program, "tsconfig.typed.json"),
      JSON.stringify({ compilerOptions: { ...options, target: "es2022" }, files: ["typed.mts"] }),
    );
    assert.throws(
      () => run(process.execPath, [...tsc, "tsconfig.typed.json"], program),
      /typed\.mts\(2,\d+\): error TS2322: Type 'number' is not assignable to type 'Input<string> \| undefined'/,
    );
  });

  it("loads nothing of Kubernetes for a program that has streams only", () => {
    const text = `require("@tfdc/pulumi-nats"); require("@tfdc/pulumi-nats/provider");${LOADED}`;
    assert.equal(runText(program, "streams.cjs", text), "0");
  });

  it("has types that read none of a Kubernetes client, in a program as `pulumi new` makes it", () => {
    const options = {
      strict: true,
      target: "es2020",
      module: "commonjs",
      moduleResolution: "node",
    };
    writeFileSync(
      join(program, "streams.ts"),
      'import { Stream } from "@tfdc/pulumi-nats";\nnew Stream("a", { connection: { servers: [] }, name: "a" });\n',
    );
    writeFileSync(
      join(program, "tsconfig.streams.json"),
      JSON.stringify({ compilerOptions: options, files: ["streams.ts"] }),
    );
    const tsc = ["node_modules/typescript/bin/tsc", "--noEmit", "--listFiles", "-p"];
    const read = run(process.execPath, [...tsc, "tsconfig.streams.json"], program).split("\n");
    assert.ok(
      read.some((path) => path.endsWith("kubernetes-types/apps/v1.d.ts")),
      read.join("\n"),
    );
    const isClient = (path: string) => /node_modules.@(pulumi.kubernetes|kubernetes)./.test(path);
    assert.deepEqual(read.filter(isClient), []);
  });

  /** Loads the example's cluster with the engine mocked, and prints what it registers. */
  const CLUSTER = `
const pulumi = require("@pulumi/pulumi");
const types = [];
const passwords = ["client", "provisioner", "system", "cluster"].map((name) => [\`other-team:\${name}Password\`, "password-of-a-test"]);
pulumi.runtime.setAllConfig(Object.fromEntries(passwords));
pulumi.runtime.setMocks({ newResource: ({ name, type, inputs }) => (types.push(type), { id: name, state: inputs }), call: () => ({}) }, "other-team");
try {
  require("./cluster");
  process.once("exit", () => console.log(types.sort().join(" ")));
} catch (error) { console.log(error.message); }`;

  it("makes a cluster on Kubernetes, and says which packages that needs besides", () => {
    run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", ".", "--outDir", "."], program);
    assert.equal(
      runText(program, "lacking.cjs", CLUSTER),
      "NatsClusterComponent needs the package @pulumi/kubernetes, which is not installed; add it with: npm install @pulumi/kubernetes.",
    );
    const { peerDependencies: peers } = JSON.parse(
      readFileSync(join(ROOT, "components", "package.json"), "utf8"),
    ) as { peerDependencies: Record<string, string> };
    const wanted = ["@pulumi/kubernetes", "@pulumi/command"].map(
      (name) => `${name}@${peers[name]}`,
    );
    npmInstall(program, ...wanted);
    const made = runText(program, "complete.cjs", CLUSTER);
    for (const type of ["apps/v1:StatefulSet", "core/v1:Secret", "command:local:Command"]) {
      assert.ok(made.includes(type), made);
    }
    assert.match(made, /dynamic\/tfdc:Stream/);
  });

  it("makes a stream and a bucket on a cluster that it did not make, and shows their drift", async () => {
    const cluster = await TestCluster.start();
    const raw = await RawJetStream.connect(cluster);
    const project = new PulumiProject({}, "dev");
    try {
      rmSync(join(project.directory, "node_modules"));
      symlinkSync(join(program, "node_modules"), join(project.directory, "node_modules"));
      for (const name of [
        "index.ts",
        "cluster.ts",
        "Pulumi.yaml",
        "package.json",
        "tsconfig.json",
      ]) {
        cpSync(join(program, name), join(project.directory, name));
      }
      // The host runs the program with the project's Node, and finds nothing of this checkout.
      project.env.PATH = [
        ...(project.env.PATH ?? "")
          .split(delimiter)
          .filter((one) => !one.includes(join(ROOT, "node_modules"))),
      ].join(delimiter);
      project.env.PATH = `${project.env.PATH?.split(delimiter)[0]}${delimiter}${dirname(process.execPath)}${delimiter}${project.env.PATH}`;
      await project.init();
      await project.ok("config", "set", "servers", cluster.servers.join(","));
      await project.ok("up", "--yes", "--skip-preview");
      await project.ok("preview", "--expect-no-changes");
      assert.equal(await raw.update("orders_v1", { max_age: 86_400e9 }), undefined);
      const steps = stepsOf((await project.ok("preview", "--json")).stdout);
      assert.deepEqual([...steps.keys()], ["orders"]);
      const { detailedDiff, oldState, newState } = steps.get("orders") ?? {};
      assert.deepEqual(Object.keys(detailedDiff ?? {}), ["maxAge"]);
      assert.deepEqual([oldState?.inputs.maxAge, newState?.inputs.maxAge], ["1d", "30d"]);
      await project.ok("up", "--yes", "--skip-preview");
      await project.ok("preview", "--expect-no-changes");
    } finally {
      project.remove();
      await raw.close();
      await cluster.stop();
    }
  });

  it("is found by its own name where pnpm or yarn installed it", () => {
    const tools = mkdtempSync(join(tmpdir(), "tfdc-installers-"));
    try {
      npmInstall(tools, `pnpm@${PNPM}`, `yarn@${YARN}`);
      for (const [tool, words] of [
        ["pnpm/bin/pnpm.cjs", ["install", "--ignore-scripts", "--prefer-offline"]],
        [
          "yarn/bin/yarn.js",
          ["install", "--ignore-scripts", "--prefer-offline", "--ignore-engines"],
        ],
      ] as const) {
        const other = exampleFolder(join(folder, components.filename));
        try {
          run(process.execPath, [join(tools, "node_modules", tool), ...words], other);
          assert.equal(runText(other, "common.cjs", COMMON), NAMES, tool);
          assert.equal(runText(other, "module.mjs", MODULE), NAMES, tool);
          const provider =
            'console.log(typeof require("@tfdc/pulumi-nats/provider").stream.check);';
          assert.equal(runText(other, "provider.cjs", provider), "function", tool);
          run(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "."], other);
        } finally {
          rmSync(other, { recursive: true, force: true });
        }
      }
    } finally {
      rmSync(tools, { recursive: true, force: true });
    }
  });
});
