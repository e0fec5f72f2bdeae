import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { ROOT } from "../local/paths";
import { type Counts, type FileCounts, sumCounts } from "./counts";
import { runMocha } from "./mocha";

/** How test files run side by side. */
export interface SideBySideOptions {
  readonly env: NodeJS.ProcessEnv;
  /** How many run at a time. */
  readonly jobs: number;
  /** After how many milliseconds a file hangs. */
  readonly limitOf: (file: string) => number;
  readonly print: (text: string) => void;
}

/**
 * Runs test files, each in a process of its own: one that hangs or dies takes no other along, and
 * what a file prints is there as soon as it has ended, with the reasons of what failed.
 */
export async function runSideBySide(
  files: readonly string[],
  options: SideBySideOptions,
): Promise<FileCounts> {
  const left = [...files];
  const counts: Record<string, Counts> = {};
  const lane = async (number: number) => {
    // Mocha's own `--parallel` numbers its processes by this name.
    const env = { ...options.env, MOCHA_WORKER_ID: String(number) };
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      counts[resolve(ROOT, file)] = await runFile(file, { ...options, env });
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, (_, number) => lane(number)));
  return counts;
}

async function runFile(
  file: string,
  { env, limitOf, print }: Omit<SideBySideOptions, "jobs">,
): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-nats-output-"));
  const output = join(folder, "output");
  const started = Date.now();
  try {
    const counts = await runMocha([file], { env, limit: limitOf(file), output });
    const seconds = Math.round((Date.now() - started) / 1000);
    print(
      `\n${relative(ROOT, resolve(ROOT, file))}, ${seconds} s\n${readFileSync(output, "utf8")}`,
    );
    return sumCounts(Object.values(counts));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
