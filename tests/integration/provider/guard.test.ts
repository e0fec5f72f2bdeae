import { strict as assert } from "node:assert";
import { RawJetStream } from "../../support/drift-raw";
import { diagnosticsOf, PulumiProject, projectFile } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

const PROGRAM = `
const { JetStreamAssets } = require("@tfdc/pulumi-nats");
const args = JSON.parse(require("node:fs").readFileSync("spec.json", "utf8"));
const assets = new JetStreamAssets("x", args);
exports.unmanaged = assets.guard.unmanaged;
`;

const GUARD = "pulumi-nodejs:dynamic/tfdc:JetStreamGuard resource 'x-guard' has a problem:";

const STREAMS = {
  "a.v1": { subjects: ["a.>"], replicas: 3, maxBytes: "10GiB" },
  b: { subjects: ["b.>"], replicas: 1 },
  copy: { mirror: { name: "a.v1" }, replicas: 1 },
};

describe("the guard of a declaration", function () {
  this.timeout(120_000);
  let cluster: TestCluster;
  let raw: RawJetStream;
  let project: PulumiProject;

  before(async () => {
    cluster = await TestCluster.start({ name: "blue" });
    raw = await RawJetStream.connect(cluster);
    project = new PulumiProject({
      "index.js": PROGRAM,
      "Pulumi.yaml": projectFile("guarded"),
      "package.json": '{ "name": "guarded", "main": "index.js" }\n',
    });
    await project.init();
    declare(STREAMS);
    await project.ok("up", "--yes", "--skip-preview");
  });

  after(async () => {
    await raw?.close();
    project?.remove();
    await cluster?.stop();
  });

  function declare(streams: object, more: object = {}): void {
    const capacity = {
      servers: ["blue-0", "blue-1", "blue-2"],
      maxFileStore: "100GiB",
      maxMemoryStore: "1GiB",
      serverVersion: cluster.version,
    };
    const connection = { servers: cluster.servers, cluster: "blue" };
    project.write("spec.json", JSON.stringify({ connection, capacity, streams, ...more }));
  }

  const where = () => `cluster 'blue' at ${cluster.servers.join(", ")}`;

  /** What a preview says against a declaration, which it is to refuse. */
  async function refusals(): Promise<string[]> {
    const { code, stdout } = await project.run("preview");
    assert.notEqual(code, 0, stdout);
    const said = diagnosticsOf(stdout).get("x-guard") ?? stdout;
    return said.split(/\n? *error: /).filter((line) => line !== "");
  }

  it("has nothing to say where all is well", async () => {
    const { stdout } = await project.ok("preview", "--expect-no-changes");
    assert.doesNotMatch(stdout, /warning|error/);
  });

  it("warns of streams that no code declares, and lists them as an output", async () => {
    await raw.make({ name: "manual", num_replicas: 3, max_bytes: 80 * 2 ** 30 });
    const { stdout } = await project.ok("preview");
    assert.match(
      stdout,
      /^ +warning: one stream of the cluster is declared by no code: manual\. Declare it, which takes an equal one over, or delete it\.$/m,
    );
    await project.ok("up", "--yes", "--skip-preview");
    const { stdout: outputs } = await project.ok("stack", "output", "--json");
    assert.deepEqual(JSON.parse(outputs), { unmanaged: ["manual"] });
  });

  it("refuses what does not fit beside streams that others made, server by server", async () => {
    declare({ ...STREAMS, "a.v1": { ...STREAMS["a.v1"], maxBytes: "20GiB" } });
    await project.ok("preview");
    declare({ ...STREAMS, "a.v1": { ...STREAMS["a.v1"], maxBytes: "21GiB" } });
    assert.deepEqual(await refusals(), [
      [
        `${GUARD} the declared streams do not fit ${where()}, where one stream of others has reserved room, too: blue-0, blue-1, blue-2 would have more reserved than its max_file_store`,
        "      server  reserved  max_file_store",
        "      blue-0  101GiB    100GiB          1GiB too much",
        "      blue-1  101GiB    100GiB          1GiB too much",
        "      blue-2  101GiB    100GiB          1GiB too much",
        "      lower maxBytes, raise max_file_store, or take streams away that are not needed",
      ].join("\n"),
    ]);
    // The server agrees, once the meta leader knows what every server has reserved.
    const refusal = await raw.update("a_v1", { max_bytes: 21 * 2 ** 30 });
    assert.match(refusal?.says ?? "taken", /insufficient storage resources available/);
  });

  it("refuses a cluster with other servers than the declared ones", async () => {
    declare(STREAMS, {
      capacity: {
        servers: ["green-0", "green-1", "green-2"],
        maxFileStore: "100GiB",
        maxMemoryStore: "1GiB",
        serverVersion: cluster.version,
      },
    });
    const [refusal = "", ...others] = await refusals();
    assert.deepEqual(others, []);
    assert.match(
      refusal.replace(GUARD, "").replace(where(), ""),
      /^ {2}is not the cluster that capacity describes: servers 'blue-0', 'blue-1', 'blue-2' answer there, and 'capacity\.servers' names 'green-0', 'green-1', 'green-2'; correct 'servers' of the connection, or 'capacity'$/,
    );
  });

  it("refuses at preview to take a stream away that others copy", async () => {
    declare({ b: STREAMS.b, copy: { mirror: { name: "a_v1" }, replicas: 1 } });
    assert.deepEqual(await refusals(), [
      `${GUARD} the stream 'a_v1' of ${where()} is not deleted: the stream 'copy' copies its messages. Remove that mirror or source first, or set deletionPolicy: "delete".`,
    ]);
    declare({ b: STREAMS.b });
    await project.ok("preview");
  });

  it("refuses at preview to take a stream away that holds messages, beside all else", async () => {
    await raw.publish("b.one");
    const { "a.v1": a, copy } = STREAMS;
    declare({ "a.v1": { ...a, storage: "memory", maxBytes: "1MiB" }, copy });
    assert.deepEqual(await refusals(), [
      `${GUARD} stream 'a_v1': 'storage' is "memory": the live stream has "file", and nats-server ${cluster.version} refuses the change: "stream configuration update can not change storage type"; keep "file", declare another name and move the messages there, or set onRefusedChange: "replaceIfEmpty" to have an empty stream deleted and made again`,
      `${GUARD} the stream 'b' of ${where()} is not deleted: it holds 1 message (39 bytes). Set deletionPolicy: "delete" to delete them with it, or "retain" to leave it on the servers, and run 'pulumi up' once so that the policy is known; or empty it first.`,
    ]);
  });

  it("stops a destroy before anything is deleted", async () => {
    declare(STREAMS);
    const { code, stdout } = await project.run("destroy", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(
      stdout,
      /error: .*nothing of these assets was deleted: the stream 'b' of .* is not deleted: it holds 1 message \(39 bytes\)\. Set deletionPolicy: "delete"/,
    );
    assert.deepEqual([...(await raw.streams()).keys()].sort(), ["a_v1", "b", "copy", "manual"]);
    await project.ok("preview", "--expect-no-changes");
  });

  it("lets all go where the environment says so, but what is not ours", async () => {
    project.env.TFDC_NATS_DELETION_POLICY = "delete";
    await project.ok("destroy", "--yes", "--skip-preview");
    assert.deepEqual([...(await raw.streams()).keys()], ["manual"]);
  });
});
