import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PulumiProject, SPEC_PROGRAM, WITHOUT_CHECKPOINTS } from "../support/pulumi-project";
import type { TestCluster } from "../support/test-cluster";

/** Names of streams, the same ones every time. */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** A project that declares as many R3 streams as it is told. */
export class StreamsProject extends PulumiProject {
  private constructor(private readonly cluster: TestCluster) {
    super(SPEC_PROGRAM, "test", WITHOUT_CHECKPOINTS);
  }

  static async create(cluster: TestCluster): Promise<StreamsProject> {
    const project = new StreamsProject(cluster);
    project.keepLogs();
    await project.init();
    return project;
  }

  declare(count: number): void {
    const streams = names("s", count).map((name) => [
      name,
      { subjects: [`${name}.>`], replicas: 3 },
    ]);
    this.write(
      "spec.json",
      JSON.stringify({
        connection: { servers: this.cluster.servers },
        streams: Object.fromEntries(streams),
      }),
    );
  }

  /** Bytes of the state as the backend keeps it. */
  stateBytes(): number {
    const folder = join(this.directory, "state", ".pulumi", "stacks", "drift");
    const file = readdirSync(folder).find((name) => name === `${this.stack}.json`);
    if (file === undefined) {
      throw new Error(`no state in ${folder}: ${readdirSync(folder).join(", ")}`);
    }
    return Buffer.byteLength(JSON.stringify(JSON.parse(readFileSync(join(folder, file), "utf8"))));
  }
}

/** As many resources with 20 inputs each, whose provider does nothing. */
export async function idleProject(count: number): Promise<PulumiProject> {
  const files = {
    "index.js": IDLE_PROGRAM.replace("COUNT", String(count)),
    "Pulumi.yaml": JSON.stringify(IDLE_PROJECT),
    "package.json": '{ "name": "idle", "main": "index.js" }\n',
  };
  const project = new PulumiProject(files, "test", WITHOUT_CHECKPOINTS);
  project.keepLogs();
  await project.init();
  await project.ok("up", "--yes", "--skip-preview");
  return project;
}

/** Pulumi alone: nothing of how this package has programs and providers start. */
const IDLE_PROJECT = {
  name: "idle",
  runtime: { name: "nodejs", options: { typescript: false } },
  options: { refresh: "always" },
};

const IDLE_PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const inputs = Object.fromEntries(Array.from({ length: 20 }, (_, index) => ["p" + index, "value " + index]));
const provider = "exports.handler = () => ({ check: async (o, n) => ({ inputs: n }), diff: async () => ({ changes: false }), create: async (i) => ({ id: 'x', outs: i }), read: async (id, p) => ({ id, props: p }), update: async (i, o, n) => ({ outs: n }), delete: async () => {} });";
for (let index = 0; index < COUNT; index++) {
  new pulumi.CustomResource("pulumi-nodejs:dynamic/idle:Idle", "i-" + index, { ...inputs, __provider: provider });
}
`;
