import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../local/paths";
import { ending, Interrupted } from "../toolchain/processes";
import { endedWith, type FileCounts } from "./counts";
import { killAll, processTree } from "./process-tree";

/** How test files run. */
export interface MochaOptions {
  readonly env: NodeJS.ProcessEnv;
  /** More words for mocha. */
  readonly words?: readonly string[];
  /** After how many milliseconds they hang: what runs by then is named and killed. */
  readonly limit: number;
  /** A file for what mocha prints; without it, that goes where this process prints. */
  readonly output?: string;
}

/**
 * Runs test files in a process of their own, and counts what each did.
 *
 * @param files - paths or patterns
 */
export async function runMocha(
  files: readonly string[],
  options: MochaOptions,
): Promise<FileCounts> {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-nats-counts-"));
  const file = join(folder, "counts");
  try {
    const code = await mocha(files, file, options);
    const counts = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as FileCounts) : {};
    return endedWith(code, counts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mocha(
  files: readonly string[],
  counts: string,
  { env, words = [], limit, output }: MochaOptions,
): Promise<number> {
  const all = [
    join(ROOT, "node_modules", "mocha", "bin", "mocha.js"),
    ...["--reporter", join(__dirname, "reporter.cjs")],
    "--exit",
    ...words,
    ...files,
  ];
  // No pipe: a server that outlives its test would keep it open.
  const out = output === undefined ? 1 : openSync(output, "a");
  const child = spawn(process.execPath, all, {
    cwd: ROOT,
    env: { ...env, TFDC_NATS_COUNTS: counts },
    stdio: ["ignore", out, output === undefined ? 2 : out],
  });
  const timer = setTimeout(() => {
    const running = processTree(child.pid ?? 0);
    // A test that waits for a program by a blocking call is past mocha's own time limits.
    killAll(running);
    const text = endedAfter(limit, running);
    output === undefined ? process.stdout.write(text) : writeSync(out, text);
  }, limit);
  const { code, interruptedBy } = await ending(child).finally(() => {
    clearTimeout(timer);
    if (output !== undefined) {
      closeSync(out);
    }
  });
  if (interruptedBy !== undefined) {
    throw new Interrupted(interruptedBy);
  }
  return code;
}

function endedAfter(limit: number, running: ReturnType<typeof processTree>): string {
  const lines = running.map(({ pid, since, words }) => `  ${pid} (${since}): ${words}`);
  return `\nEnded after ${Math.round(limit / 1000)} s. What ran by then, and for how long:\n${lines.join("\n")}\n`;
}
