import { strict as assert } from "node:assert";
import fc from "fast-check";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { AuditedStack } from "../../support/audited-stack";
import { writes } from "../../support/drift-audit";
import type { Wire } from "../../support/drift-raw";
import type { Step } from "../../support/pulumi-project";

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
  let stack: AuditedStack;

  before(async () => {
    stack = await AuditedStack.make({ streams: names }, "--parallel", "32");
  });

  after(() => stack?.remove());

  // F19
  it("are found, each with its fields and none besides, over a bounded number of requests", async () => {
    const { audit, project, raw } = stack;
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
