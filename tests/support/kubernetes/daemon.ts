import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { within } from "./network";

interface DaemonOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly name?: string;
  /** The network namespace it runs in, if not this machine's. */
  readonly network?: string;
}

/** A program that runs until its instance is cleared away, with its words in a file. */
export class Daemon {
  private readonly child: ChildProcess;
  private ended: string | undefined;
  readonly log: string;

  constructor(
    folder: string,
    private readonly program: string,
    words: readonly string[],
    { env = {}, name = basename(program), network }: DaemonOptions = {},
  ) {
    mkdirSync(join(folder, "logs"), { recursive: true });
    this.log = join(folder, "logs", `${name}.log`);
    const output = openSync(this.log, "a");
    try {
      const [first = program, ...rest] = [...within(network), program, ...words];
      this.child = spawn(first, rest, {
        detached: true,
        stdio: ["ignore", output, output],
        cwd: folder,
        env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: folder, ...env },
      });
    } finally {
      closeSync(output);
    }
    this.child.once("error", (error) => {
      this.ended = error.message;
    });
    this.child.once("exit", (code, signal) => {
      this.ended = `it ended with ${signal ?? code}`;
    });
    this.child.unref();
  }

  /** Waits until something holds; a daemon that has ended or takes too long says its last words. */
  async until(what: string, holds: () => Promise<boolean>, limit = 60_000): Promise<void> {
    const start = Date.now();
    while (this.ended === undefined && Date.now() - start < limit) {
      if (await holds().catch(() => false)) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const reason = this.ended ?? `not within ${limit / 1000} s`;
    throw new Error(`${basename(this.program)}: ${what}: ${reason}\n${this.lastWords()}`);
  }

  private lastWords(): string {
    const text = existsSync(this.log) ? readFileSync(this.log, "utf8") : "";
    return text.trim().split("\n").slice(-15).join("\n");
  }
}
