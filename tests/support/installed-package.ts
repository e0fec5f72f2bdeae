import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
export const EXAMPLE = join(ROOT, "examples", "other-team");
/** Scripts of packages fetch binaries that no program here needs. */
const QUIETLY = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];

/** What `npm pack` says of a package. */
export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs a workspace into a folder, as it is built. */
export function pack(workspace: "components" | "ops", folder: string): Packed {
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse(run("npm", words, join(ROOT, workspace)));
  return packed;
}

/** The example in a folder of its own, far from this checkout, with the tarball beside it. */
export function exampleFolder(tarball: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-other-team-"));
  for (const name of readdirSync(EXAMPLE)) {
    if (name !== "node_modules" && !name.endsWith(".tgz")) {
      cpSync(join(EXAMPLE, name), join(folder, name));
    }
  }
  cpSync(tarball, join(folder, "tfdc-pulumi-nats-0.1.0.tgz"));
  return folder;
}

/** Installs what the package.json of a folder names, or packages besides. */
export function npmInstall(folder: string, ...packages: string[]): void {
  run("npm", ["install", ...QUIETLY, ...packages], folder);
}

/** Runs a program to its end, and fails with all that it printed. */
export function run(program: string, words: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, words, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "", NODE_PATH: "" },
      // Mocha's own time limits do not end a call that blocks.
      timeout: 5 * 60_000,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${words.join(" ")}:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Runs a text as a program of the folder and returns what it prints. */
export function runText(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return run(process.execPath, [name], folder).trim();
}

/** The source that a file of dist was made from, if it is still there. */
export function sourceOf(workspace: string, path: string): boolean {
  const source = path.replace(/^dist\//, "").replace(/(\.d)?\.[jt]s$/, ".ts");
  return existsSync(join(ROOT, workspace, source));
}
