import { strict as assert } from "node:assert";
import { BUCKET_CHOICES } from "../../../components/jetstream/asset-kinds";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { ApiAudit, writes } from "../../support/drift-audit";
import { fieldsOf } from "../../support/drift-edit";
import {
  BUCKET_MATRIX,
  type Configuration,
  declarations,
  type Matrix,
  STREAM_MATRIX,
  splitBy,
} from "../../support/drift-matrix";
import { RawJetStream, type Wire } from "../../support/drift-raw";
import {
  PulumiProject,
  SPEC_PROGRAM,
  type Step,
  WITHOUT_CHECKPOINTS,
} from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

for (const version of ["2.10.22", "2.10.29", "2.11.17", "2.12.15", "2.15.3"]) {
  describe(`a preview after up, on nats-server ${version}`, function () {
    this.timeout(120_000);
    const streams = splitBy(version, STREAM_MATRIX);
    const buckets = splitBy(version, BUCKET_MATRIX);
    const assets = [
      ...Object.keys(streams.known),
      ...Object.keys(buckets.known).map((name) => `KV_${name}`),
    ].sort();
    let cluster: TestCluster;
    let raw: RawJetStream;
    let audit: ApiAudit;
    let project: PulumiProject;

    before(async () => {
      cluster = await TestCluster.start({ version, name: "blue", extra: "server_tags: [eu, ssd]" });
      raw = await RawJetStream.connect(cluster);
      audit = await ApiAudit.start(cluster);
      project = new PulumiProject(SPEC_PROGRAM, "test", WITHOUT_CHECKPOINTS);
      await project.init();
      declare(streams.known, buckets.known);
    });

    after(async () => {
      await audit?.close();
      await raw?.close();
      project?.remove();
      await cluster?.stop();
    });

    function declare(forStreams: Matrix, forBuckets: Matrix, more: Wire = {}): void {
      const spec = {
        connection: { servers: cluster.servers, cluster: "blue" },
        streams: declarations(forStreams, more),
        buckets: declarations(forBuckets, more),
      };
      project.write("spec.json", JSON.stringify(spec));
    }

    it("is tried with every field that the server knows", () => {
      const declared = (matrix: Matrix) =>
        new Set(Object.values(matrix).flatMap((one) => Object.keys(one.declared)));
      const [ofStreams, ofBuckets] = [declared(streams.known), declared(buckets.known)];
      const fields = ["name", ...ofStreams];
      assert.deepEqual(
        fieldsOf(version).filter((field) => !fields.includes(field)),
        [],
      );
      const choices = ["bucket", ...ofBuckets, ...(newestKnows(version) ? [] : ["limitMarkerTtl"])];
      assert.deepEqual(
        BUCKET_CHOICES.filter((choice) => !choices.includes(choice)),
        [],
      );
    });

    it("finds made what was declared, each asset by one create", async () => {
      await project.ok("up", "--yes", "--skip-preview");
      const made = writes(await audit.since()).filter((request) => request.includes(".CREATE."));
      assert.deepEqual(
        made.sort(),
        assets.map((name) => `STREAM.CREATE.${name}`),
      );
      assert.deepEqual([...(await raw.streams()).keys()].sort(), assets);
    });

    it("finds on the wire the very numbers that odd units come to", async () => {
      const expected = [
        ...Object.entries(streams.known),
        ...Object.entries(buckets.known).map(([name, one]) => [`KV_${name}`, one] as const),
      ];
      for (const [name, { wire = {} }] of expected) {
        const live = await raw.config(name);
        const found = Object.fromEntries(Object.keys(wire).map((key) => [key, live[key]]));
        assert.deepEqual(found, wire, name);
      }
    });

    it("shows no change, no step, and reads only", async () => {
      await audit.since();
      const { code, stdout } = await project.run("preview", "--json", "--expect-no-changes");
      const { steps = [] } = JSON.parse(stdout) as { steps?: Step[] };
      const changed = steps.filter(({ op }) => op !== "same" && op !== "refresh" && op !== "read");
      assert.deepEqual(
        changed.map(({ urn, op, detailedDiff }) => ({ urn, op, detailedDiff })),
        [],
      );
      assert.equal(code, 0, stdout);
      assert.deepEqual(writes(await audit.since()), []);
    });

    it("is as clean after a second up, which writes nothing", async () => {
      await audit.since();
      const { stdout } = await project.ok("up", "--yes", "--skip-preview", "--expect-no-changes");
      assert.match(stdout, new RegExp(`^ *${assets.length + 1} unchanged$`, "m"));
      const requests = await audit.since();
      assert.ok(requests.includes("STREAM.LIST"), "the audit heard nothing");
      assert.deepEqual(writes(requests), []);
    });

    it("is as clean after an option of Pulumi's side changed, which writes nothing", async () => {
      declare(streams.known, buckets.known, { deletionPolicy: "delete" });
      await audit.since();
      const { stdout } = await project.ok("up", "--yes", "--skip-preview");
      assert.match(stdout, new RegExp(`~ ${assets.length} updated`));
      assert.deepEqual(writes(await audit.since()), []);
      const preview = await project.run("preview", "--expect-no-changes");
      assert.equal(preview.code, 0, preview.stdout);
    });

    if (!newestKnows(version)) {
      it("is refused by up where a field is newer than the server, in words that name both", async () => {
        const before = await raw.streams();
        const [forStreams, forBuckets] = [
          { ...streams.known, ...streams.newer },
          { ...buckets.known, ...buckets.newer },
        ];
        // A guard would say it at preview; here each asset says it when it is to be made.
        declare(forStreams, forBuckets, { guarded: true });
        const { code, stdout } = await project.run(
          ...["up", "--yes", "--skip-preview", "--continue-on-error"],
        );
        assert.notEqual(code, 0);
        const where = `cluster 'blue' at ${cluster.servers.join(", ")}`;
        const expected = [
          ...Object.entries(streams.newer).map(
            ([name, one]) => `the stream '${name}' cannot be on ${where}: ${tooNew(version, one)}.`,
          ),
          ...Object.entries(buckets.newer).map(
            ([name, one]) => `the bucket '${name}' cannot be on ${where}: ${tooNew(version, one)}.`,
          ),
        ];
        const said = stdout.split("Diagnostics:")[1]?.match(/(?<=error: )the .*/g);
        assert.deepEqual(said?.sort(), expected.sort());
        assert.deepEqual(await raw.streams(), before);
      });
    }
  });
}

/** What a declaration is refused with by a server that knows too little of it. */
function tooNew(version: string, { declared, part }: Configuration): string {
  const known = fieldsOf(version);
  const refusal = (property: string, value: string, since = "") =>
    `'${property}' is ${value}: nats-server ${version} does not know this field and would drop it without a word; remove it, or run nats-server ${since} or newer`;
  const reasons = STREAM_FIELDS.flatMap(({ name, since, kind }) => {
    const property =
      name === "subjectDeleteMarkerTtl" && "limitMarkerTtl" in declared ? "limitMarkerTtl" : name;
    const isSwitchedOn = name === "allowMsgTtl" && "subjectDeleteMarkerTtl" in declared;
    if (known.includes(name) || !(property in declared) || isSwitchedOn) {
      return [];
    }
    const value = JSON.stringify(kind.parse(name, declared[property]).value);
    return [refusal(property, value, since)];
  });
  const parts = part === undefined ? [] : [refusal(part.path, part.value, part.since)];
  return [...parts, ...reasons].join(". ");
}

function newestKnows(version: string): boolean {
  return fieldsOf(version).length === STREAM_FIELDS.length;
}
