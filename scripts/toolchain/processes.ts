import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";

/** What a process gave. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The user ended the command: whatever is under way stops, and nothing else is tried. */
export class Interrupted extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = "Interrupted";
  }
}

/** How a process ended, and the signal that this command got meanwhile. */
export interface Ending {
  readonly code: number;
  readonly interruptedBy?: NodeJS.Signals;
}

/**
 * Waits for a process to end. One that is interrupted ends in its own time: pulumi finishes what
 * it has begun and saves its state, and this command must not return before that.
 */
export function ending(child: ChildProcess): Promise<Ending> {
  let interruptedBy: NodeJS.Signals | undefined;
  const onInterrupt = () => {
    // The terminal has sent the same signal to the child, which takes a second one as an order.
    interruptedBy = "SIGINT";
  };
  const onTerminate = () => {
    interruptedBy = "SIGTERM";
    child.kill("SIGTERM");
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  return new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? codeOf(signal), interruptedBy }));
  }).finally(() => {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onTerminate);
  });
}

/** The exit code that a shell gives to a process that a signal ended. */
export function codeOf(signal: NodeJS.Signals | null): number {
  return signal === null ? 1 : 128 + constants.signals[signal];
}

/** Runs a program to its end and keeps what it prints. */
export async function run(
  program: string,
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Result> {
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    createInterface({ input: child[stream] }).on("line", (line) => {
      text[stream] += `${line}\n`;
    });
  }
  const { code, interruptedBy } = await ending(child);
  if (interruptedBy !== undefined) {
    throw new Interrupted(interruptedBy);
  }
  return { code, ...text };
}

/** Runs a program that has to succeed; its last words are the error otherwise. */
export async function mustRun(...parameters: Parameters<typeof run>): Promise<string> {
  const [program, words] = parameters;
  const { code, stdout, stderr } = await run(...parameters);
  if (code !== 0) {
    const last = (stderr || stdout).trim().split("\n").slice(-3).join(" ");
    throw new Error(`${program} ${words[0] ?? ""} ended with ${code}: ${last}`);
  }
  return stdout;
}

/** The version that a program prints, if it is there and runs. */
export async function versionOf(program: string, word: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, [word]);
    return /(\d+\.\d+(\.\d+)?[-\w.]*)/.exec(`${stdout}${stderr}`)?.[1];
  } catch (error) {
    if (error instanceof Interrupted) {
      throw error;
    }
    return undefined;
  }
}
