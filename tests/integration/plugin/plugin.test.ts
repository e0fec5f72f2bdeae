import { strict as assert } from "node:assert";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { RawJetStream } from "../../support/drift-raw";
import { PulumiProject } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

const ROOT = resolve(__dirname, "../../..");

/** What a generated SDK of any language registers: the component by its token, made elsewhere. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
class JetStream extends pulumi.ComponentResource {
  constructor(name, args) {
    super("nats:index:JetStream", name, { streams: undefined, ...args }, {}, true);
  }
}
const args = JSON.parse(require("node:fs").readFileSync("args.json", "utf8"));
args.connection.password = pulumi.secret(args.connection.password);
exports.streams = new JetStream("platform", args).streams;
`;

describe("the plugin for other languages", function () {
  this.timeout(300_000);
  let folder: string;
  let cluster: TestCluster;
  let raw: RawJetStream;
  let project: PulumiProject;
  const connection = () => ({ servers: cluster.servers, user: "app", password: "a-secret-word" });
  const streams = {
    "orders.v1": { subjects: ["orders.>"], replicas: 3, maxAge: "3d", maxMsgs: 100_000 },
  };

  before(async () => {
    cluster = await TestCluster.start({
      extra: `
        accounts { APP { jetstream: enabled, users: [{ user: app, password: "a-secret-word" }] } }
        no_auth_user: app
      `,
    });
    raw = await RawJetStream.connect(cluster);
    folder = mkdtempSync(join(tmpdir(), "tfdc-plugin-"));
    // Where there is no language host that starts plugins, a program of this name on the PATH is one.
    const program = join(folder, "pulumi-resource-nats");
    const node = join(ROOT, "node_modules", ".bin", "node");
    const runner = join(ROOT, "node_modules", "@pulumi", "pulumi", "cmd", "run-plugin");
    writeFileSync(program, `#!/bin/sh\nexec ${node} ${runner} ${join(ROOT, "plugin")} "$@"\n`);
    chmodSync(program, 0o755);
    project = new PulumiProject(PROGRAM);
    project.env.PATH = `${folder}${delimiter}${project.env.PATH}`;
    await project.init();
  });

  after(async () => {
    project?.remove();
    await raw?.close();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const declare = (args: object) =>
    project.write("args.json", JSON.stringify({ connection: connection(), ...args }));

  it("offers a component whose properties are those of JetStreamAssets, in plain types", async () => {
    const program = join(folder, "pulumi-resource-nats");
    const { stdout } = await project.ok("package", "get-schema", program);
    const schema = JSON.parse(stdout) as {
      resources: Record<string, { isComponent: boolean; inputProperties: object }>;
      types: Record<string, { properties: Record<string, { type?: string }> }>;
    };
    assert.deepEqual(Object.keys(schema.resources), ["nats:index:JetStream"]);
    const component = schema.resources["nats:index:JetStream"];
    assert.equal(component?.isComponent, true);
    assert.ok(Object.keys(component.inputProperties).includes("buckets"));
    const stream = schema.types["nats:index:StreamArgs"]?.properties;
    assert.deepEqual(
      ["retention", "maxBytes", "maxMsgs", "denyPurge", "subjects"].map((of) => stream?.[of]?.type),
      ["string", "string", "number", "boolean", "array"],
    );
  });

  it("says at preview all that is wrong with a declaration", async () => {
    declare({ streams: { bad: { maxAge: "soon", retention: "forever" } } });
    const run = await project.run("preview");
    assert.notEqual(run.code, 0);
    for (const property of ["maxAge", "retention"]) {
      assert.ok(run.stdout.includes(`- 'streams["bad"].${property}' is "`), run.stdout);
    }
  });

  it("makes streams, and keeps the password out of sight", async () => {
    declare({ streams });
    const up = await project.ok("up", "--yes", "--skip-preview");
    assert.match(up.stdout, /orders\.v1: "orders_v1"/);
    assert.equal((await raw.config("orders_v1")).max_msgs, 100_000);
    assert.ok(!`${up.stdout}${await project.state()}`.includes("a-secret-word"));
    await project.ok("preview", "--expect-no-changes");
  });

  it("shows what somebody changed, property by property", async () => {
    await raw.update("orders_v1", { max_msgs: 50_000 });
    const step = (await project.changes()).get("platform-orders.v1");
    assert.deepEqual(Object.keys(step?.detailedDiff ?? {}), ["maxMsgs"]);
  });
});
