import { strict as assert } from "node:assert";
import { BUCKET, STREAM } from "../../../components/jetstream/asset-kinds";
import { show } from "../../../components/jetstream/problems";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { isOlder } from "../../../components/jetstream/versions";
import { BUCKET_BASE, BUCKET_EDITS } from "../../support/drift-bucket-edits";
import {
  changeOf,
  type DriftEdit,
  fieldsOf,
  knownTo,
  nameOf,
  refusalOn,
} from "../../support/drift-edit";
import { type Identity, RawJetStream, type Refusal, type Wire } from "../../support/drift-raw";
import { STREAM_EDITS } from "../../support/drift-stream-edits";
import {
  diagnosticsOf,
  PulumiProject,
  type Run,
  SPEC_PROGRAM,
  type Step,
  stepsOf,
  WITHOUT_CHECKPOINTS,
} from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

/** An asset that is edited: its name in Pulumi and on the server. */
interface Target {
  readonly edit: DriftEdit;
  readonly resource: string;
  readonly stream: string;
  readonly title: "stream" | "bucket";
  readonly declared: Wire;
}

/** What a recreation brings back under another setting. */
const RECREATED: readonly string[] = [
  "retention",
  "maxConsumers",
  "denyDelete",
  "denyPurge",
  "sealed",
  "persistMode",
];

for (const version of ["2.10.29", "2.12.15", "2.15.3"]) {
  describe(`an edit of one field behind Pulumi's back, on nats-server ${version}`, function () {
    this.timeout(180_000);
    const streams = knownTo(version, STREAM_EDITS).map(streamTarget);
    const buckets = knownTo(version, BUCKET_EDITS).map(bucketTarget);
    const targets = [...streams, ...buckets];
    const lasting = targets.filter(({ edit }) => refusalOn(version, edit.refusesRestore));
    const free = streams.filter(({ edit }) => isFree(edit));
    let cluster: TestCluster;
    let raw: RawJetStream;
    let project: PulumiProject;
    let refusedEdits: Map<string, Refusal>;
    let changes: Map<string, Step>;
    let text: Run;

    /** Why what was edited cannot be put right again by an update. */
    function reasonFor({ edit, title }: Target): string {
      const [property = "", [live, declared] = []] = Object.entries(edit.shows)[0] ?? [];
      const { says = "" } = refusalOn(version, edit.refusesRestore) ?? {};
      // A mirror that is to be none becomes a stream of its own.
      const isRecreated =
        RECREATED.includes(property) ||
        (property === "mirror" && declared === undefined) ||
        (property === "storage" && !isOlder(version, "2.15.0"));
      return `'${property}' is ${show(declared)}: the live ${title} has ${live === undefined ? "none" : show(live)}, and nats-server ${version} refuses the change: "${says}"; ${live === undefined ? "leave it out" : `keep ${show(live)}`}, declare another name and move the messages there, or set onRefusedChange: "replaceIfEmpty" to have an empty ${title} deleted and made again${isRecreated ? ', or "backupAndRecreate" to have its messages saved and restored' : ""}`;
    }

    before(async () => {
      cluster = await TestCluster.start({ version, name: "blue", extra: "server_tags: [eu, ssd]" });
      raw = await RawJetStream.connect(cluster);
      project = new PulumiProject(SPEC_PROGRAM, "test", WITHOUT_CHECKPOINTS);
      await project.init();
      project.write("spec.json", JSON.stringify(specOf(cluster, streams, buckets)));
      await project.ok("up", "--yes", "--skip-preview");
      refusedEdits = await editAll(raw, targets);
      await editOthers(raw, free);
      changes = stepsOf((await project.run("preview", "--json")).stdout);
      text = await project.run("preview", "--diff", "--expect-no-changes");
    });

    after(async () => {
      await raw?.close();
      project?.remove();
      await cluster?.stop();
    });

    it("is tried with every row of the field table that the server knows", () => {
      for (const edits of [streams, buckets]) {
        const tried = new Set(["name", ...edits.map(({ edit }) => edit.field)]);
        assert.deepEqual(
          fieldsOf(version).filter((field) => !tried.has(field)),
          [],
        );
      }
    });

    it("is an update the server refuses, or one that it takes", () => {
      const expected = targets.flatMap(({ edit, stream }) => {
        const refusal = refusalOn(version, edit.refusesEdit);
        return refusal === undefined ? [] : [[stream, refusal] as const];
      });
      assert.deepEqual(refusedEdits, new Map(expected));
    });

    for (const { edit, resource } of targets) {
      it(`shows ${Object.keys(edit.shows).join(", ")} of ${resource}, and nothing else`, () => {
        const step = changes.get(resource);
        assert.equal(step?.op, "update");
        assert.deepEqual(properties(step), Object.keys(edit.shows).sort());
        for (const [property, [live, declared]] of Object.entries(edit.shows)) {
          assert.deepEqual(step.oldState?.inputs[property], live);
          assert.deepEqual(step.newState?.inputs[property], declared);
        }
        if (edit.paths !== undefined) {
          assert.deepEqual(Object.keys(step.detailedDiff ?? {}), edit.paths);
        }
      });
    }

    it("shows every field of a stream in which all were edited that can be", () => {
      const fields = new Set(free.map(({ edit }) => edit.field));
      assert.ok(fields.size >= 20, [...fields].join(" "));
      assert.deepEqual(properties(changes.get("everything")), [...fields].sort());
    });

    it("shows an asset that was deleted as to be created, and nothing that was not edited", () => {
      const created = [...changes].filter(([, { op }]) => op === "create").map(([name]) => name);
      assert.deepEqual(created.sort(), ["bucket-bucket", "name"]);
      const edited = targets.map(({ resource }) => resource);
      assert.deepEqual(
        [...changes.keys()].sort(),
        [...edited, "everything", "name", "bucket-bucket"].sort(),
      );
    });

    it("ends the preview with everything that the server would not take back, all at once", () => {
      assert.notEqual(text.code, 0);
      const problems = [...text.stderr.matchAll(/^error: (.*has a problem: .*)$/gm)];
      const guard = "pulumi-nodejs:dynamic/tfdc:JetStreamGuard resource 'guard' has a problem:";
      assert.deepEqual(
        problems.map(([, words]) => words).sort(),
        lasting.map((one) => `${guard} ${one.title} '${one.resource}': ${reasonFor(one)}`).sort(),
      );
    });

    it("reads in the units a person writes", () => {
      const lines = new Set(text.stdout.split("\n").map((line) => line.trim()));
      const expected = [
        '~ maxAge: "3d" => "7d"',
        '~ maxAge: "1d12h" => "unlimited"',
        '~ maxBytes: "1GiB" => "50MiB"',
        '~ maxBytes: "1000B" => "unlimited"',
        '~ maxMsgs: 5 => "unlimited"',
        '~ duplicateWindow: "30s" => "2m"',
        '- [1]: "a.subjects-added"',
        '+ [1]: "subjects-removed.b"',
        '~ [0]: "subjects-replaced.z" => "subjects-replaced.a"',
        '~ filterSubject: "origin-a.y" => "origin-a.x"',
        "- placement: {",
        "+ republish: {",
        '~ team: "other" => "ours"',
        "~ history: 9 => 5",
        '~ ttl: "2h" => "1h"',
      ];
      assert.deepEqual(
        expected.filter((line) => !lines.has(line)),
        [],
      );
    });

    describe("undone by up", () => {
      let kept: Map<string, Identity>;
      let run: Run;

      before(async () => {
        await raw.fill([...(await raw.streams()).keys()]);
        kept = await raw.streams();
        run = await project.run("up", "--yes", "--skip-preview", "--continue-on-error");
      });

      it("says in one paragraph each what the server does not take back", () => {
        assert.notEqual(run.code, 0);
        const where = `cluster 'blue' at ${cluster.servers.join(", ")}`;
        const expected = lasting.map((one) => {
          const { title, resource } = one;
          const words = `the ${title} '${resource}' of ${where} is not updated: ${reasonFor(one)}.`;
          return [resource, `error: ${words}`] as const;
        });
        assert.deepEqual(diagnosticsOf(run.stdout), new Map(expected.sort()));
      });

      it("is refused by the server wherever its row of the field table says so, only there", () => {
        const rules = new Map(STREAM_FIELDS.map(({ name, onUpdate }) => [name, onUpdate]));
        const refused = streams.filter(({ edit }) => {
          const [live, declared] = edit.shows[edit.field] ?? [];
          // The one field of which an update is taken, and has no effect.
          return (
            edit.field !== "firstSeq" &&
            rules.get(edit.field)?.(live, declared, version) === "refused"
          );
        });
        assert.deepEqual(
          refused.map(({ resource }) => resource),
          lasting.filter(({ title }) => title === "stream").map(({ resource }) => resource),
        );
      });

      it("deletes neither a stream nor a message", async () => {
        const after = await raw.streams();
        const lost = [...kept].filter(([name, { created, messages }]) => {
          const now = after.get(name);
          return now === undefined || now.created !== created || now.messages < messages;
        });
        assert.deepEqual(lost, []);
        assert.deepEqual([...after.keys()].filter((name) => !kept.has(name)).sort(), [
          "KV_bucket-bucket",
          "name",
        ]);
      });

      it("leaves only that in the next preview", async () => {
        const left = stepsOf((await project.run("preview", "--json")).stdout);
        assert.deepEqual(
          [...left].map(([name, { op }]) => [name, op]).sort(),
          lasting.map(({ resource }) => [resource, "update"]).sort(),
        );
      });

      it("leaves nothing once those are deleted and made again", async () => {
        for (const { stream } of lasting) {
          await raw.delete(stream);
        }
        await project.ok("up", "--yes", "--skip-preview");
        const preview = await project.run("preview", "--expect-no-changes");
        assert.equal(preview.code, 0, preview.stdout);
      });
    });
  });
}

function streamTarget(edit: DriftEdit): Target {
  const name = nameOf(edit);
  const declared = { subjects: [`${name}.>`], replicas: 1, ...edit.declared };
  return { edit, resource: name, stream: name, title: STREAM.title, declared };
}

function bucketTarget(edit: DriftEdit): Target {
  const name = `bucket-${nameOf(edit)}`;
  const declared = { ...BUCKET_BASE, ...edit.declared };
  return { edit, resource: name, stream: `KV_${name}`, title: BUCKET.title, declared };
}

/** Whether an edit can be made together with others, on a stream that declares nothing special. */
function isFree({ field, declared, refusesEdit, refusesRestore }: DriftEdit): boolean {
  const isAlone = field === "replicas" || field === "subjectDeleteMarkerTtl";
  return [declared, refusesEdit, refusesRestore].every((one) => one === undefined) && !isAlone;
}

function specOf(cluster: TestCluster, streams: readonly Target[], buckets: readonly Target[]) {
  const declared = (targets: readonly Target[]) =>
    Object.fromEntries(targets.map((target) => [target.resource, target.declared]));
  return {
    connection: { servers: cluster.servers, cluster: "blue" },
    guarded: true,
    streams: {
      ...declared(streams),
      "origin-a": { subjects: ["origin-a.>"] },
      "origin-b": { subjects: ["origin-b.>"], allowDirect: true },
      everything: { subjects: ["everything.>"] },
      name: { subjects: ["name.>"] },
      "server-metadata": { subjects: ["server-metadata.>"] },
      order: {
        subjects: ["order.b", "order.a"],
        placement: { tags: ["ssd", "eu"] },
        sources: [{ name: "origin-b" }, { name: "origin-a" }],
      },
    },
    buckets: { ...declared(buckets), "bucket-origin": BUCKET_BASE, "bucket-bucket": {} },
  };
}

/** Makes every edit, by an update where the server takes one, and returns what it refused. */
async function editAll(
  raw: RawJetStream,
  targets: readonly Target[],
): Promise<Map<string, Refusal>> {
  const refused = new Map<string, Refusal>();
  for (const { edit, stream } of targets) {
    const change = changeOf(edit, await raw.config(stream));
    const refusal = await raw.update(stream, change);
    if (refusal !== undefined) {
      refused.set(stream, refusal);
      await raw.remake(stream, change);
    }
  }
  return refused;
}

/** What shows as all fields at once, as deleted, and not at all. */
async function editOthers(raw: RawJetStream, free: readonly Target[]): Promise<void> {
  const taken = async (stream: string, change: Wire) =>
    assert.equal(await raw.update(stream, change), undefined, stream);

  const live = await raw.config("everything");
  const all: Wire = Object.assign({}, ...free.map(({ edit }) => changeOf(edit, live)));
  // Since 2.15 a stream that moves takes no other retention with it.
  const { placement, ...others } = all;
  await taken("everything", others);
  await taken("everything", { placement });
  await raw.delete("name");
  await raw.delete("KV_bucket-bucket");
  const { metadata } = await raw.config("server-metadata");
  const made = { "_nats.ver": "9.9.9", "_nats.level": "9" };
  await taken("server-metadata", { metadata: { ...(metadata as Wire), ...made } });
  const order = await raw.config("order");
  await taken("order", {
    subjects: [...(order.subjects as string[])].reverse(),
    sources: [...(order.sources as Wire[])].reverse(),
    placement: { tags: [...((order.placement as Wire).tags as string[])].reverse() },
  });
}

/** The properties that a step changes, each once, without the path inside them. */
function properties(step: Step | undefined): string[] {
  const names = Object.keys(step?.detailedDiff ?? {}).map((path) => path.split(/[.[]/)[0] ?? path);
  // What is said of a change is no change.
  return [...new Set(names)].filter((name) => name !== "warning").sort();
}
