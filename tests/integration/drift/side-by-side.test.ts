import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RawJetStream, type Wire } from "../../support/drift-raw";
import {
  PulumiProject,
  type Run,
  SPEC_PROGRAM,
  WITHOUT_CHECKPOINTS,
} from "../../support/pulumi-project";
import { DANGERS, EDITS, rowName } from "../../support/side-by-side";
import { TestCluster } from "../../support/test-cluster";

const PAGE = readFileSync(resolve(__dirname, "../../../docs/side-by-side.md"), "utf8");

/** The first columns of a row of the page, without the marks of code. */
function rowOf(what: string): string[] {
  const cells = (line: string) => line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  const line = PAGE.split("\n").find((one) => cells(one)[1] === what);
  assert.ok(line !== undefined, `docs/side-by-side.md has no row '${what}'`);
  return cells(line);
}

describe("the page that compares this project with others", function () {
  this.timeout(240_000);
  let cluster: TestCluster;
  let raw: RawJetStream;
  let project: PulumiProject;

  function declare(dangers: Record<string, Wire>): void {
    const named = (isBucket: boolean) =>
      Object.fromEntries(
        EDITS.flatMap((row, index) =>
          (row.isBucket === true) === isBucket
            ? [[rowName("edit", index), { ...defaults(rowName("edit", index)), ...row.declared }]]
            : [],
        ),
      );
    const defaults = (name: string) => ({ subjects: [`${name}.>`], replicas: 1 });
    const buckets = Object.fromEntries(
      Object.entries(named(true)).map(([name, { subjects, ...rest }]) => [name, rest]),
    );
    const spec = {
      connection: { servers: cluster.servers, cluster: "blue" },
      guarded: true,
      streams: {
        ...named(false),
        ...Object.fromEntries(
          Object.entries(dangers).map(([name, args]) => [name, { ...defaults(name), ...args }]),
        ),
      },
      buckets,
    };
    project.write("spec.json", JSON.stringify(spec));
  }

  before(async () => {
    cluster = await TestCluster.start({ name: "blue", extra: "server_tags: [ssd]" });
    raw = await RawJetStream.connect(cluster);
    project = new PulumiProject(SPEC_PROGRAM, "test", WITHOUT_CHECKPOINTS);
    await project.init();
    declare(Object.fromEntries(DANGERS.map(({ from }, index) => [rowName("danger", index), from])));
    await project.ok("up", "--yes", "--skip-preview");
  });

  after(async () => {
    await raw?.close();
    project?.remove();
    await cluster?.stop();
  });

  describe("of twenty edits behind everybody's back", () => {
    let preview: Run;

    before(async () => {
      for (const [index, { edit, isBucket }] of EDITS.entries()) {
        const stream = `${isBucket === true ? "KV_" : ""}${rowName("edit", index)}`;
        if (edit === "delete") {
          await raw.delete(stream);
        } else {
          assert.equal(await raw.update(stream, edit), undefined, stream);
        }
      }
      preview = await project.run("preview", "--diff", "--expect-no-changes");
    });

    for (const [index, { what, shows }] of EDITS.entries()) {
      it(`says what a preview shows of: ${what}`, () => {
        const [, block = ""] = preview.stdout.split("  pulumi:pulumi:Stack: (same)");
        const blocks = block.split(/\n {4}(?=[~+-] )/);
        const mine = blocks.find((one) => one.includes(`::${rowName("edit", index)}]`)) ?? "";
        const lines = mine.split("\n").map((line) => line.trim());
        assert.deepEqual(
          shows.filter((line) => !lines.includes(line)),
          [],
          mine,
        );
        assert.equal(rowOf(what)[2], shows.map((line) => `\`${line}\``).join(" "));
      });
    }

    it("counts them", () => {
      assert.notEqual(preview.code, 0);
      assert.match(preview.stdout, /\+ 1 to create\n {4}~ 19 to update/);
    });
  });

  describe("of ten dangerous changes", () => {
    let preview: Run;
    let alone: Run;

    before(async () => {
      await project.ok("up", "--yes", "--skip-preview");
      for (const [index, { to }] of DANGERS.entries()) {
        if (to?.consumerLimits !== undefined) {
          await raw.consumer(rowName("danger", index), { durable_name: "worker" });
        }
        for (let message = 0; message < 100; message++) {
          await raw.publish(`${rowName("danger", index)}.${message % 10}`);
        }
      }
      const changed = DANGERS.flatMap(({ from, to, isWrongAlone }, index) => {
        const args = isWrongAlone === true ? from : to;
        return args === undefined ? [] : [[rowName("danger", index), args] as const];
      });
      declare(Object.fromEntries(changed));
      preview = await project.run("preview", "--diff");
      const wrong = DANGERS.map(({ from, to, isWrongAlone }, index) => {
        return [rowName("danger", index), isWrongAlone === true ? (to ?? {}) : from] as const;
      });
      declare(Object.fromEntries(wrong));
      alone = await project.run("preview", "--diff");
    });

    for (const [index, { what, says, isWrongAlone }] of DANGERS.entries()) {
      it(`says what a preview says of: ${what}`, () => {
        const { stderr } = isWrongAlone === true ? alone : preview;
        const said = stderr
          .split("\n")
          .filter((line) => line.includes(`'${rowName("danger", index)}'`));
        assert.ok(said.length === 1 && said[0]?.includes(says), stderr);
        assert.equal(rowOf(what)[2], `refused: ${says.replace(/: $/, "")}`);
      });
    }

    it("refuses nine of them in one preview, and touches nothing", async () => {
      assert.notEqual(preview.code, 0);
      const counts = [...(await raw.streams())]
        .filter(([name]) => name.startsWith("danger"))
        .map(([, { messages }]) => messages);
      assert.deepEqual(
        counts,
        DANGERS.map(() => 100),
      );
    });
  });
});
