import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { markdownTable } from "../../ops/terminal/table";
import { LocalProgram } from "../support/local-program";
import { PulumiProject } from "../support/pulumi-project";

/** How often each is previewed; the first time, which fills caches, is not counted. */
const TURNS = 9;

/** What `pulumi new typescript` gives; TypeScript drops an import that is not used. */
const EMPTY = 'import * as pulumi from "@pulumi/pulumi";\n';
/** The least that has anything of Pulumi loaded. */
const LEAST = `${EMPTY}export const stack = pulumi.getStack();\n`;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    outDir: "bin",
    target: "es2020",
    module: "commonjs",
    moduleResolution: "node",
    sourceMap: true,
  },
  files: ["index.ts"],
};

interface Spent {
  readonly seconds: number;
  readonly cpu: number;
}

/**
 * What a preview of `local-blue` takes, unchanged and with all drift checked, beside those of empty
 * programs, in turns: only the ratios of one run mean something.
 */
export async function start(): Promise<string> {
  const local = await LocalProgram.create();
  const empty = await typescriptProject("empty", EMPTY);
  const least = await typescriptProject("least", LEAST);
  const projects = {
    "an empty program": empty,
    "a program that uses Pulumi": least,
    "`local-blue`": local.project,
  };
  try {
    local.project.keepLogs();
    await local.project.ok("up", "--yes", "--skip-preview");
    const all = Object.entries(projects).map(([name, project]) => ({
      name,
      project,
      spent: [] as Spent[],
    }));
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const { name, project, spent } of all) {
        const one = await preview(project);
        process.stderr.write(`${name}: ${one.seconds} s, ${one.cpu.toFixed(2)} s of processors\n`);
        if (turn > 0) {
          spent.push(one);
        }
      }
    }
    return table(all);
  } finally {
    local.remove();
    empty.remove();
    least.remove();
  }
}

async function typescriptProject(name: string, program: string): Promise<PulumiProject> {
  const project = new PulumiProject({
    "index.ts": program,
    "Pulumi.yaml": JSON.stringify({ name, runtime: "nodejs" }),
    "package.json": JSON.stringify({ name, main: "index.ts" }),
    "tsconfig.json": JSON.stringify(TSCONFIG),
  });
  project.keepLogs();
  await project.init();
  await project.ok("up", "--yes", "--skip-preview");
  return project;
}

/** Processor time is that of all processes that pulumi has waited for. */
async function preview({ directory, env, stack }: PulumiProject): Promise<Spent> {
  const { NODE_COMPILE_CACHE: _, ...plain } = env;
  const words = ["preview", "-s", stack, "--non-interactive", "--expect-no-changes"];
  const { stderr } = await promisify(execFile)(
    "/usr/bin/time",
    ["-f", "measured %e %U %S", "pulumi", ...words],
    { cwd: directory, env: plain },
  );
  const [, seconds = 0, user = 0, system = 0] =
    /measured (\S+) (\S+) (\S+)/.exec(stderr)?.map(Number) ?? [];
  return { seconds, cpu: user + system };
}

function table(
  all: readonly { readonly name: string; readonly spent: readonly Spent[] }[],
): string {
  const [first = { spent: [] }] = all;
  const rows = all.map(({ name, spent }) => [
    name,
    ...(["seconds", "cpu"] as const).flatMap((what) => {
      const values = spent.map((one) => one[what]).sort((a, b) => a - b);
      const times = middle(values) / middle(first.spent.map((one) => one[what]));
      return [
        `${middle(values).toFixed(1)} s (${values.map((value) => value.toFixed(1)).join(", ")})`,
        times.toFixed(2),
      ];
    }),
  ]);
  return markdownTable(["Preview of", "Time", "Times", "Processor time", "Times"], rows);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
