import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../usage-error";

/** A resource of a stack's state, as far as it is used. */
export interface StateResource {
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The folder of the Pulumi project that a folder belongs to. */
export function projectRoot(from = process.cwd()): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) {
      return folder;
    }
    if (folder === dirname(folder)) {
      return undefined;
    }
  }
}

/**
 * The resources of a stack. The state of a local stack lies beside the program as a file, which is
 * read as it is: starting pulumi for it takes longer than everything else that a command does.
 */
export function readStack(root: string, stack: string): readonly StateResource[] {
  const file = localStateFile(root, stack);
  return file === undefined ? exportStack(root, stack) : readStateFile(file, stack);
}

/** Whether a stack of that name has a state on this machine. */
export function isLocalStack(root: string, stack: string): boolean {
  return localStateFile(root, stack) !== undefined;
}

function localStateFile(root: string, stack: string): string | undefined {
  const project = /^name: *["']?([\w.-]+)/m.exec(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  const folder = join(root, ".local", "state", ".pulumi", "stacks", project?.[1] ?? "");
  return [`${stack}.json`].map((name) => join(folder, name)).find(existsSync);
}

function readStateFile(file: string, stack: string): readonly StateResource[] {
  try {
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint?: { latest?: { resources?: StateResource[] } };
    };
    return checkpoint?.latest?.resources ?? [];
  } catch (error) {
    throw new UsageError(
      `the state of ${stack} cannot be read: ${file}: ${(error as Error).message}.`,
    );
  }
}

function exportStack(root: string, stack: string): readonly StateResource[] {
  const text = askPulumi(root, stack, ["stack", "export"]);
  const { deployment } = JSON.parse(text) as { deployment?: { resources?: StateResource[] } };
  return deployment?.resources ?? [];
}

/** The configuration of a stack, secrets in clear, asked for once and only where it is needed. */
export function stackSecrets(root: string, stack: string): (key: string) => string | undefined {
  let values: Readonly<Record<string, { readonly value?: string }>> | undefined;
  return (key) => {
    values ??= JSON.parse(askPulumi(root, stack, ["config", "--show-secrets", "--json"]));
    return values?.[key]?.value;
  };
}

function askPulumi(root: string, stack: string, words: readonly string[]): string {
  const all = [...words, "-s", stack, "--non-interactive", "--color=never"];
  const run = spawnSync("pulumi", all, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0) {
    const isAbsent = (run.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
    const reason = isAbsent
      ? "pulumi is not on the PATH"
      : `pulumi says "${(run.error?.message ?? run.stderr).trim().replace(/\s+/g, " ")}"`;
    throw new UsageError(
      `the stack '${stack}' cannot be read: ${reason}; log in to the backend that keeps it, name another stack with -s, or name the servers with --server. Colours of this machine are brought up with: npm start.`,
    );
  }
  return run.stdout;
}
