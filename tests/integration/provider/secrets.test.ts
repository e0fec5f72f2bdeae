import { strict as assert } from "node:assert";
import { PulumiProject } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

const PASSWORD = "a-password-that-is-given-as-a-secret";

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const { Stream, KeyValue } = require("@tfdc/pulumi-nats");
const config = new pulumi.Config();
const connection = {
  servers: JSON.parse(require("node:fs").readFileSync("servers.json", "utf8")),
  user: "app",
  password: config.get("reference") ? { config: "drift:password" } : config.requireSecret("password"),
};
exports.stream = new Stream("s", { name: "s", connection, maxAge: config.get("maxAge") }).name;
exports.bucket = new KeyValue("b", { bucket: "b", connection }).streamName;
`;

describe("a password that is given as a Pulumi secret", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let project: PulumiProject;

  before(async () => {
    cluster = await TestCluster.start({
      size: 1,
      extra: `accounts { A { jetstream: enabled, users: [{ user: app, password: "${PASSWORD}" }] } }`,
    });
    project = new PulumiProject(PROGRAM);
    project.write("servers.json", JSON.stringify(cluster.servers));
    await project.init();
    await project.ok("config", "set", "--secret", "password", PASSWORD);
  });

  after(async () => {
    project.remove();
    await cluster.stop();
  });

  async function assertHidden(): Promise<void> {
    assert.ok(!(await project.state()).includes(PASSWORD), "the state shows it");
  }

  it("is encrypted in the state, after create, refresh and update", async () => {
    await project.ok("up", "--yes", "--skip-preview");
    await assertHidden();
    const clean = await project.run("preview", "--expect-no-changes");
    assert.equal(clean.code, 0, clean.stdout);
    await project.ok("refresh", "--yes", "--skip-preview");
    await assertHidden();
    await project.ok("config", "set", "maxAge", "7d");
    const up = await project.ok("up", "--yes", "--diff");
    assert.match(up.stdout, /~ maxAge: "unlimited" => "7d"/);
    assert.ok(!up.stdout.includes(PASSWORD));
    await assertHidden();
  });

  it("can be turned into a reference, and then is not in the state at all", async () => {
    await project.ok("config", "set", "reference", "true");
    await project.ok("up", "--yes", "--skip-preview");
    await assertHidden();
    const state = await project.state();
    assert.equal(state.match(/"config": "drift:password"/g)?.length, 4);
    const clean = await project.run("preview", "--expect-no-changes");
    assert.equal(clean.code, 0, clean.stdout);
  });
});
