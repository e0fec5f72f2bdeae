import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { consecutivePorts } from "../../support/local-program";
import { PulumiProject } from "../../support/pulumi-project";

const PASSWORDS = { client: "client-s3cret", provisioner: "prov-s3cret", system: "sys-s3cret" };
const ROUTES = "routes-s3cret";

describe("a cluster whose passwords are Pulumi secrets", function () {
  this.timeout(180_000);
  let project: PulumiProject;

  before(async () => {
    const [clientPort = 0, monitoringPort = 0, clusterPort = 0] = await consecutivePorts(3, 3);
    const ports = { clientPort, monitoringPort, clusterPort };
    project = new PulumiProject(`
      const pulumi = require("@pulumi/pulumi");
      const { LocalNatsCluster } = require("@tfdc/pulumi-nats");
      const options = JSON.parse(require("node:fs").readFileSync("options.json", "utf8"));
      const passwords = Object.fromEntries(
        Object.entries(options.passwords).map(([name, text]) => [name, pulumi.secret(text)]),
      );
      new LocalNatsCluster("nats", { colour: "blue", ...${JSON.stringify(ports)}, ...options, passwords });
    `);
    declare({});
    await project.init();
  });

  after(async () => {
    await project.run("destroy", "--yes", "--skip-preview");
    project.remove();
  });

  function declare(options: Record<string, unknown>, passwords = {}): void {
    const all = { ...PASSWORDS, cluster: ROUTES, ...passwords };
    project.write("options.json", JSON.stringify({ ...options, passwords: all }));
  }

  async function assertNoSecret(): Promise<void> {
    const state = await project.state();
    for (const text of [...Object.values(PASSWORDS), ROUTES]) {
      assert.ok(!state.includes(text), `${text} stands in the state`);
    }
  }

  const pid = (index: number) =>
    Number(readFileSync(join(project.directory, `.local/nats/blue/nats-blue-${index}/nats.pid`)));

  it("has none of them in its state, neither after an up nor after a refresh", async () => {
    await project.ok("up", "--yes", "--skip-preview");
    await assertNoSecret();
    await project.ok("refresh", "--yes", "--skip-preview");
    await assertNoSecret();
    assert.equal((await project.run("preview", "--expect-no-changes")).code, 0);
  });

  it("shows a killed server, a reload and a restart each in its place", async () => {
    process.kill(pid(1), "SIGKILL");
    declare({ writeDeadline: "15s", maxFileStore: "180GiB" });
    const { stdout } = await project.ok("preview", "--diff");
    assert.match(stdout, /~ process\s*: "stopped" => "running"/);
    assert.match(stdout, /~ reloadable\s*: \{\s+~ writeDeadline\s*: "10s" => "15s"\s+\}/);
    assert.match(stdout, /~ restartOnly\s*: \{\s+~ maxFileStore\s*: "170GiB" => "180GiB"\s+\}/);
    assert.match(stdout, /~ 3 to update/);
    await project.ok("up", "--yes", "--skip-preview");
    assert.equal((await project.run("preview", "--expect-no-changes")).code, 0);
  });

  it("shows a changed password as a change of the credentials, and reloads it", async () => {
    const before = pid(0);
    declare({ writeDeadline: "15s", maxFileStore: "180GiB" }, { client: "other-s3cret" });
    const { stdout } = await project.ok("preview", "--diff");
    assert.match(stdout, /~ credentialsFingerprint: "\w{16}" => "\w{16}"/);
    assert.doesNotMatch(stdout, /s3cret/);
    await project.ok("up", "--yes", "--skip-preview");
    assert.equal(pid(0), before);
    assert.ok(!(await project.state()).includes("other-s3cret"));
    assert.equal((await project.run("preview", "--expect-no-changes")).code, 0);
  });
});
