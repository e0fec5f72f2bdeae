import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { PULUMI_VERSION } from "../../scripts/toolchain/versions";

const ROOT = resolve(__dirname, "../..");

/** A command line that asks nobody on the internet for anything. */
export const OFFLINE = {
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL: "true",
} as const;

/** Has a program start as the package has it for others too. */
export const NODE_ARGUMENTS = "--require @tfdc/pulumi-nats/program-start";

/**
 * The Pulumi.yaml of a project, with the starts of its program and of its provider that the package
 * has for others too.
 *
 * @param isTypeScript - most programs of the tests are JavaScript, and need not wait for a compiler
 * @param nodeargs - arguments of Node for the program
 */
export function projectFile(name: string, isTypeScript = false, nodeargs = NODE_ARGUMENTS): string {
  const project = {
    name,
    runtime: { name: "nodejs", options: { typescript: isTypeScript, nodeargs } },
    options: { refresh: "always" },
    plugins: {
      providers: [{ name: "pulumi-nodejs", path: "node_modules/@tfdc/pulumi-nats/provider-start" }],
    },
  };
  return JSON.stringify(project);
}

/**
 * A project whose state is written when a command is done: Pulumi's file backend writes all of it at
 * every step. Not for a test that ends a command halfway.
 */
export const WITHOUT_CHECKPOINTS = { PULUMI_SKIP_CHECKPOINTS: "true" } as const;

/** What a run of the pulumi command gave. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** One step of a preview, as `--json` prints it. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Readonly<Record<string, { kind: string; inputDiff: boolean }>>;
  readonly oldState?: { inputs: Record<string, unknown>; outputs: Record<string, unknown> };
  readonly newState?: { inputs: Record<string, unknown> };
}

/** A Pulumi project of its own: a program, a file backend, and the real command line. */
export class PulumiProject {
  readonly directory = mkdtempSync(join(tmpdir(), "tfdc-pulumi-"));
  readonly env: NodeJS.ProcessEnv;
  /** Pulumi's own folder. */
  private readonly home = join(this.directory, "home");

  /** @param program - text of index.js, CommonJS, or files by name; `refresh: always` holds */
  constructor(
    program: string | Readonly<Record<string, string>>,
    readonly stack = "test",
    extra: NodeJS.ProcessEnv = {},
  ) {
    const files =
      typeof program === "string"
        ? {
            "index.js": program,
            "Pulumi.yaml": projectFile("drift"),
            "package.json": '{ "name": "drift", "main": "index.js" }\n',
          }
        : program;
    for (const [name, content] of Object.entries(files)) {
      this.write(name, content);
    }
    // The checkout's own Pulumi.yaml names a folder of the components.
    for (const name of ["node_modules", "components"]) {
      symlinkSync(join(ROOT, name), join(this.directory, name));
    }
    mkdirSync(join(this.directory, "state"));
    // Pulumi notes all that it does in a file of each run, a tenth of its time, unless it finds no
    // folder for it.
    mkdirSync(this.home);
    this.write(join("home", "logs"), "");
    this.env = pulumiEnvironment(this.directory, this.home, extra);
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.directory, name), content);
  }

  /** Has Pulumi keep its notes of each run, as it does for everybody. */
  keepLogs(): void {
    rmSync(join(this.home, "logs"));
  }

  /** Makes the stack. */
  async init(): Promise<void> {
    await this.ok("stack", "init", this.stack);
  }

  /** Runs pulumi to its end, whatever the exit code. */
  run(...args: string[]): Promise<Run> {
    const start = Date.now();
    return new Promise((done) => {
      execFile(
        "pulumi",
        this.arguments(args),
        { cwd: this.directory, env: this.env, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
          done({ code, stdout, stderr, seconds: (Date.now() - start) / 1000 });
        },
      );
    });
  }

  /** Runs pulumi and fails with all it printed if it fails. */
  async ok(...args: string[]): Promise<Run> {
    const run = await this.run(...args);
    if (run.code !== 0) {
      throw new Error(
        `pulumi ${args.join(" ")} ended with ${run.code}:\n${run.stdout}\n${run.stderr}`,
      );
    }
    return run;
  }

  /** Starts pulumi and returns the process, for tests that end it halfway. */
  start(...args: string[]) {
    return spawn("pulumi", this.arguments(args), {
      cwd: this.directory,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }

  /** The steps of a preview that are no "same", by the name of the resource. */
  async changes(): Promise<Map<string, Step>> {
    return stepsOf((await this.ok("preview", "--json")).stdout);
  }

  /** The whole state, secrets as they are kept. */
  async state(): Promise<string> {
    return (await this.ok("stack", "export")).stdout;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private arguments(args: readonly string[]): string[] {
    const takesStack = args[0] !== "package" && !(args[0] === "stack" && args[1] === "init");
    return [
      ...args,
      ...(takesStack ? ["-s", this.stack] : []),
      "--non-interactive",
      "--color=never",
    ];
  }
}

/** The steps of a preview's JSON that are no "same", by the name of the resource. */
export function stepsOf(json: string): Map<string, Step> {
  const steps = (JSON.parse(json) as { steps?: Step[] }).steps ?? [];
  return new Map(
    steps
      .filter(({ op }) => op !== "same" && op !== "refresh" && op !== "read")
      .map((step) => [step.urn.split("::").at(-1) ?? step.urn, step]),
  );
}

/** What Pulumi reports of each resource at the end, but for the stack itself. */
export function diagnosticsOf(output: string): Map<string, string> {
  const [, report = ""] = output.split("\nDiagnostics:\n");
  const blocks = [...report.matchAll(/^ {2}\S+tfdc:\w+ \((.+)\):\n((?: {4}.*\n?)*)/gm)];
  return new Map(blocks.map(([, name = "", words = ""]) => [name, words.trim()] as const).sort());
}

/** The folder of the real command line, as `npm test` has it. */
export function pulumiFolder(): string {
  const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
  return process.env.TFDC_NATS_PULUMI || join(home, "versions", PULUMI_VERSION, "bin");
}

function pulumiEnvironment(
  directory: string,
  home: string,
  extra: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const path = [pulumiFolder(), join(ROOT, "node_modules", ".bin"), process.env.PATH ?? ""];
  return {
    ...process.env,
    PATH: path.join(delimiter),
    PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
    PULUMI_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: "test",
    ...OFFLINE,
    NODE_OPTIONS: "",
    // Node compiles the same packages again in every process of every run; a fifth of its time.
    NODE_COMPILE_CACHE: join(ROOT, "node_modules", ".cache", "tfdc-nats", "compiled"),
    ...extra,
  };
}

/**
 * A program that declares what spec.json says, so that a test changes data and not code:
 * `{ connection, streams: { name: args }, buckets: { name: args }, guarded }`.
 */
export const SPEC_PROGRAM = `
const { JetStreamGuard, Stream, KeyValue } = require("@tfdc/pulumi-nats");
const { connection, streams = {}, buckets = {}, guarded } = JSON.parse(
  require("node:fs").readFileSync("spec.json", "utf8"),
);
const dependsOn = [];
const assets = {};
for (const [name, args] of Object.entries(streams)) {
  dependsOn.push(new Stream(name, { connection, name, guarded, ...args }));
  assets[args.name ?? name] = args.deletionPolicy;
}
for (const [name, args] of Object.entries(buckets)) {
  dependsOn.push(new KeyValue(name, { connection, bucket: name, guarded, ...args }));
  assets["KV_" + name] = args.deletionPolicy;
}
if (guarded) {
  new JetStreamGuard("guard", { connection, assets }, { dependsOn });
}
`;
