import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../local/paths";
import { ending, Interrupted } from "../toolchain/processes";
import { endedWith, type FileCounts } from "./counts";

/** Tests that take longer hang. */
const TIME_LIMIT = 60 * 60_000;

/**
 * Runs test files in a process of their own, and counts what each did.
 *
 * @param files - paths or patterns
 * @param words - more words for mocha
 */
export async function runMocha(
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  words: readonly string[] = [],
): Promise<FileCounts> {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-nats-counts-"));
  const file = join(folder, "counts");
  try {
    const code = await mocha(files, { ...env, TFDC_NATS_COUNTS: file }, words);
    const counts = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as FileCounts) : {};
    return endedWith(code, counts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mocha(
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  more: readonly string[],
): Promise<number> {
  const words = [
    join(ROOT, "node_modules", "mocha", "bin", "mocha.js"),
    ...["--reporter", join(__dirname, "reporter.cjs")],
    "--exit",
    ...more,
    ...files,
  ];
  const child = spawn(process.execPath, words, { cwd: ROOT, env, stdio: "inherit" });
  const timer = setTimeout(() => {
    const what = files.length > 2 ? `${files.length} files of tests` : files.join(" ");
    process.stderr.write(`\n${what}: ended after ${TIME_LIMIT / 60_000} minutes\n`);
    child.kill("SIGKILL");
  }, TIME_LIMIT);
  const { code, interruptedBy } = await ending(child).finally(() => clearTimeout(timer));
  if (interruptedBy !== undefined) {
    throw new Interrupted(interruptedBy);
  }
  return code;
}
