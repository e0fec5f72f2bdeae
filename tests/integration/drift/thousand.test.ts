import { strict as assert } from "node:assert";
import fc from "fast-check";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { ApiAudit, writes } from "../../support/drift-audit";
import { RawJetStream, type Wire } from "../../support/drift-raw";
import { PulumiProject, SPEC_PROGRAM, type Step } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

const STREAMS = 1_000;
const SECOND = 1_000_000_000;
const SEED = 20_260_219;

/** What is done to each of twenty streams behind Pulumi's back. */
const EDITS: readonly (Wire | "deleted")[] = [
  { description: "edited" },
  { max_age: 3_600 * SECOND },
  { max_bytes: 1_048_576 },
  { max_msgs: 5 },
  { max_msgs_per_subject: 3 },
  { max_msg_size: 1_000 },
  { discard: "new" },
  { duplicate_window: 60 * SECOND },
  { no_ack: true },
  { allow_direct: true },
  { allow_rollup_hdrs: true },
  { subjects: ["somewhere.else"] },
  { compression: "s2" },
  { republish: { src: ">", dest: "again.>" } },
  { subject_transform: { src: ">", dest: "moved.>" } },
  { consumer_limits: { max_ack_pending: 5 } },
  { retention: "interest" },
  { max_msgs: 7, description: "edited" },
  { max_msgs: 9, max_msg_size: 9 },
  "deleted",
];

describe(`twenty edits of ${STREAMS} streams`, function () {
  this.timeout(240_000);
  const names = Array.from({ length: STREAMS }, (_, index) => `s${index}`);
  let cluster: TestCluster;
  let audit: ApiAudit;
  let raw: RawJetStream;
  let project: PulumiProject;

  before(async () => {
    cluster = await TestCluster.start({ size: 1 });
    audit = await ApiAudit.start(cluster);
    raw = await RawJetStream.connect(cluster);
    // The file backend writes the whole state at every step: a thousand steps would take minutes.
    project = new PulumiProject(SPEC_PROGRAM, "test", {
      PULUMI_EXPERIMENTAL: "true",
      PULUMI_SKIP_CHECKPOINTS: "true",
    });
    await project.init();
    const streams = Object.fromEntries(names.map((name) => [name, {}]));
    project.write(
      "spec.json",
      JSON.stringify({ connection: { servers: cluster.servers }, streams }),
    );
    await project.ok("up", "--yes", "--skip-preview", "--parallel", "32");
  });

  after(async () => {
    await raw?.close();
    await audit?.close();
    project?.remove();
    await cluster?.stop();
  });

  // F19
  it("are found, each with its fields and none besides, over a bounded number of requests", async () => {
    const size = { minLength: EDITS.length, maxLength: EDITS.length };
    const [chosen = []] = fc.sample(fc.shuffledSubarray(names, size), {
      numRuns: 1,
      seed: SEED,
    });
    for (const [index, name] of chosen.entries()) {
      const change = EDITS[index] ?? "deleted";
      if (change === "deleted") {
        await raw.delete(name);
      } else {
        assert.equal(await raw.update(name, change), undefined, JSON.stringify(change));
      }
    }
    await audit.since();
    const found = await project.changes();
    const requests = await audit.since();
    const expected = chosen.map((name, index) => [name, shownOf(EDITS[index] ?? "deleted")]);
    assert.deepEqual(
      [...found].map(([name, step]) => [name, foundIn(step)]).sort(byName),
      expected.sort(byName),
    );
    assert.deepEqual(writes(requests), []);
    assert.ok(requests.length <= 10 + EDITS.length, `${requests.length} requests`);
  });
});

/** The properties by which an edit shows; `create` for a stream that is gone. */
function shownOf(change: Wire | "deleted"): readonly string[] {
  return change === "deleted"
    ? ["create"]
    : STREAM_FIELDS.filter(({ wire }) => wire in change)
        .map(({ name }) => name)
        .sort();
}

function foundIn({ op, detailedDiff }: Step): readonly string[] {
  const properties = Object.keys(detailedDiff ?? {}).map((path) => path.split(/[.[]/)[0] ?? path);
  return op === "update" ? [...new Set(properties)].sort() : [op];
}

function byName([left]: readonly unknown[], [right]: readonly unknown[]): number {
  return String(left) < String(right) ? -1 : 1;
}
