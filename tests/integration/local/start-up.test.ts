import { strict as assert } from "node:assert";
import { LocalProgram } from "../../support/local-program";
import { PulumiProject } from "../../support/pulumi-project";

const TRIES = 3;
/** Servers and streams take their time to be read; several times as much would be a mistake of ours. */
const MOST = 4;

/** What Pulumi takes for a program with one resource of a dynamic provider that does nothing. */
const IDLE = {
  "index.ts": `import * as pulumi from "@pulumi/pulumi";
const provider = "exports.handler = () => ({ check: async (o, n) => ({ inputs: n }), diff: async () => ({ changes: false }), create: async (i) => ({ id: 'x', outs: i }), read: async (id, p) => ({ id, props: p }), delete: async () => {} });";
class Idle extends pulumi.CustomResource {}
new Idle("pulumi-nodejs:dynamic/idle:Idle", "idle", { __provider: provider });
`,
  "Pulumi.yaml": "name: idle\nruntime: nodejs\noptions:\n  refresh: always\n",
  "package.json": '{ "name": "idle" }\n',
  "tsconfig.json": '{ "compilerOptions": { "module": "node16", "skipLibCheck": true } }\n',
};

describe("the start of a preview", function () {
  this.timeout(180_000);
  let program: LocalProgram;
  let idle: PulumiProject;

  before(async () => {
    program = await LocalProgram.create();
    idle = new PulumiProject(IDLE, "idle");
    await idle.init();
    await program.project.ok("up", "--yes", "--skip-preview");
    await idle.ok("up", "--yes", "--skip-preview");
  });

  after(() => {
    idle?.remove();
    program?.remove();
  });

  it("takes a colour little longer than a program that does nothing", async () => {
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let index = 0; index < TRIES; index++) {
      // In turn, so that whatever else the machine does meets both.
      theirs.push((await idle.ok("preview")).seconds);
      ours.push((await program.project.ok("preview", "--expect-no-changes")).seconds);
    }
    const ratio = Math.min(...ours) / Math.min(...theirs);

    assert.ok(ratio < MOST, `${ratio}: ${ours.join(", ")} against ${theirs.join(", ")} seconds`);
  });
});
