import { strict as assert } from "node:assert";
import { RawJetStream, type Wire } from "../../support/drift-raw";
import { PulumiProject, SPEC_PROGRAM } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

describe("an update of a stream", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let raw: RawJetStream;
  let project: PulumiProject;

  before(async () => {
    cluster = await TestCluster.start({ size: 1 });
    raw = await RawJetStream.connect(cluster);
    project = new PulumiProject(SPEC_PROGRAM);
    await project.init();
  });

  after(async () => {
    await raw?.close();
    project?.remove();
    await cluster?.stop();
  });

  function declare(streams: Wire): void {
    const connection = { servers: cluster.servers };
    project.write("spec.json", JSON.stringify({ connection, streams }));
  }

  it("makes it again where it went after the refresh, sealed or not", async () => {
    declare({ open: {}, shut: { sealed: true } });
    await project.ok("up", "--yes", "--skip-preview");
    await raw.delete("open");
    await raw.delete("shut");
    declare({ open: { description: "new" }, shut: { sealed: true, description: "new" } });
    await project.ok("up", "--yes", "--skip-preview", "--refresh=false");
    const preview = await project.run("preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout);
    assert.equal((await raw.config("shut")).sealed, true);
  });

  it("names the origin where a mirror asks for another mirrorDirect", async () => {
    declare({ open: { description: "new" }, shut: { sealed: true, description: "new" } });
    const streams = { open: { description: "new" }, shut: { sealed: true, description: "new" } };
    declare({ ...streams, copy: { mirror: { name: "open" }, mirrorDirect: true } });
    const { code, stdout } = await project.run("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    const expected = `the stream 'copy' of the NATS cluster at ${cluster.servers[0]} was written, and the server has something else: mirrorDirect is false there and true here. A server gives a mirror the allowDirect of its origin: leave mirrorDirect out, or set allowDirect there.`;
    assert.ok(stdout.includes(`error: ${expected}\n`), stdout);
  });

  it("is refused at preview where mirrorDirect is asked of no mirror", async () => {
    declare({ open: { mirrorDirect: true } });
    const { code, stdout } = await project.run("preview");
    assert.notEqual(code, 0);
    const expected =
      "'mirrorDirect' is true: only a mirror answers for an origin; remove it, or set mirror";
    assert.ok(stdout.includes(expected), stdout);
  });
});
