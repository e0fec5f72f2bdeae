import { strict as assert } from "node:assert";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { RawJetStream, type Wire } from "../../support/drift-raw";
import { PulumiProject, SPEC_PROGRAM } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

/** A resource as the state holds it. */
interface Held {
  readonly urn: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

interface State {
  readonly deployment: { readonly resources: Held[] };
}

const NEWER = STREAM_FIELDS.filter(({ since }) => since !== undefined);
const STREAM = { replicas: 3, subjects: ["s-0.>"] };

describe("the settings that only newer servers know, of a stream that uses none", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  let raw: RawJetStream;
  let project: PulumiProject;

  before(async () => {
    cluster = await TestCluster.start({ version: "2.15.3" });
    raw = await RawJetStream.connect(cluster);
    project = new PulumiProject(SPEC_PROGRAM);
    await project.init();
    declare({});
    await project.ok("up", "--yes", "--skip-preview");
  });

  after(async () => {
    await raw?.close();
    project?.remove();
    await cluster?.stop();
  });

  function declare(more: Wire): void {
    const spec = {
      connection: { servers: cluster.servers },
      streams: { "s-0": { ...STREAM, ...more } },
      buckets: { b: {} },
    };
    project.write("spec.json", JSON.stringify(spec));
  }

  async function state(): Promise<State> {
    return JSON.parse(await project.state()) as State;
  }

  async function held(name: string): Promise<Held> {
    const { resources } = (await state()).deployment;
    return resources.find(({ urn }) => urn.endsWith(`::${name}`)) ?? assert.fail(name);
  }

  async function assertUnchanged(): Promise<void> {
    const preview = await project.run("preview", "--diff", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout);
    const named = NEWER.filter(({ name }) => preview.stdout.includes(name));
    assert.deepEqual(named, [], preview.stdout);
  }

  it("stand in no state, which takes at most 2,500 bytes a stream", async () => {
    for (const name of ["s-0", "b"]) {
      const { inputs = {}, outputs = {} } = await held(name);
      const properties = [...NEWER.map((field) => field.name), "limitMarkerTtl"];
      assert.deepEqual(
        properties.filter((property) => property in inputs || property in outputs),
        [],
      );
    }
    const bytes = JSON.stringify(await held("s-0")).length;
    assert.ok(bytes <= 2_500, `${bytes} bytes`);
    await assertUnchanged();
  });

  it("show both values where one is edited behind Pulumi's back, and are put right", async () => {
    assert.equal(await raw.update("s-0", { allow_atomic: true }), undefined);
    const { stdout } = await project.ok("preview", "--diff");
    assert.match(stdout, /^ +~ allowAtomicPublish: true => false$/m);
    await project.ok("up", "--yes", "--skip-preview");
    assert.notEqual((await raw.config("s-0")).allow_atomic, true);
    await assertUnchanged();
  });

  it("show as added where one is declared, and both values where it is no longer", async () => {
    declare({ allowBatchPublish: true });
    const added = await project.ok("preview", "--diff");
    assert.match(added.stdout, /^ +\+ allowBatchPublish: true$/m);
    await project.ok("up", "--yes", "--skip-preview");
    assert.equal((await raw.config("s-0")).allow_batched, true);
    await assertUnchanged();
    declare({});
    const removed = await project.ok("preview", "--diff");
    assert.match(removed.stdout, /^ +~ allowBatchPublish: true => false$/m);
    await project.ok("up", "--yes", "--skip-preview");
    assert.notEqual((await raw.config("s-0")).allow_batched, true);
    await assertUnchanged();
  });

  it("change nothing for a state that holds them all, as earlier versions wrote it", async () => {
    const all = await state();
    for (const one of all.deployment.resources.filter(({ urn }) => urn.endsWith("::s-0"))) {
      for (const { name, fallback } of NEWER) {
        one.inputs = { ...one.inputs, [name]: fallback };
        one.outputs = { ...one.outputs, [name]: fallback };
      }
    }
    project.write("state.json", JSON.stringify(all));
    await project.ok("stack", "import", "--file", "state.json");
    await assertUnchanged();
    const up = await project.ok("up", "--yes", "--skip-preview");
    assert.match(up.stdout, /^ +3 unchanged$/m);
    await assertUnchanged();
  });
});
