import { spawn } from "node:child_process";
import { UserError } from "../../components/user-error";
import { codeOf, ending, type Result, run } from "../toolchain/processes";
import { ensurePulumi } from "../toolchain/pulumi";
import { diagnosticsOf } from "./diagnostics";
import { localEnvironment } from "./environment";
import { clearHalfWritten } from "./half-written";
import { LOCAL_STACKS, type LocalStack, ROOT } from "./paths";
import { ensureSecrets } from "./secrets";
import { commandOf, localStack, namedStack } from "./stack-words";
import { configFile, ensureStack, stateFile } from "./stacks";
import { clearStaleLocks, type Lock, lockFolder, refuseHeld } from "./stale-locks";

/** What a stack's state holds. */
export interface StackState {
  /** Outputs of the last `up` that went through; none before. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Whether servers or assets were made, also by an `up` that failed. */
  readonly isMade: boolean;
}

/** Pulumi with the local stacks. */
export class LocalPulumi {
  private constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** Has the command line, the secrets and the stacks ready. */
  static async ready(): Promise<LocalPulumi> {
    const env = localEnvironment(await ensurePulumi());
    ensureSecrets();
    for (const stack of LOCAL_STACKS) {
      if (unlock(stack).length === 0) {
        clearHalfWritten(stateFile(stack), stack, say);
      }
      await ensureStack(stack, env);
    }
    return new LocalPulumi(env);
  }

  /** Changes a stack and keeps what pulumi prints. */
  async run(
    stack: LocalStack,
    words: readonly string[],
    options: { env?: NodeJS.ProcessEnv } = {},
  ): Promise<Result> {
    refuseHeld(unlock(stack), stack);
    const result = await this.ask(stack, words, options.env);
    if (result.code === codeOf("SIGKILL")) {
      throw new UserError(`${stack}: pulumi was killed halfway; run it again to go on from there.`);
    }
    return result;
  }

  /** Hands the terminal over to pulumi, and returns its exit code. */
  async pass(words: readonly string[]): Promise<number> {
    const stack = localStack(namedStack(words) ?? (await this.selectedStack()));
    if (stack !== undefined) {
      // A lock that is held is pulumi's own to tell about: many commands need none.
      unlock(stack);
    }
    const child = spawn("pulumi", words, {
      cwd: ROOT,
      env: this.envOf(stack, commandOf(words)),
      stdio: "inherit",
    });
    return (await ending(child)).code;
  }

  /** What the state of a stack holds, whether its servers run or not. */
  async state(stack: LocalStack): Promise<StackState> {
    const result = await this.ask(stack, ["stack", "export"]);
    if (result.code !== 0) {
      throw diagnosticsOf(`The state of ${stack} could not be read:`, stack, result);
    }
    const { deployment } = JSON.parse(result.stdout) as {
      deployment: { resources?: { type: string; outputs?: Record<string, unknown> }[] };
    };
    const resources = deployment.resources ?? [];
    const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    return {
      outputs: root?.outputs ?? {},
      isMade: resources.some(({ type }) => type.startsWith("pulumi-nodejs:dynamic/")),
    };
  }

  private ask(
    stack: LocalStack,
    words: readonly string[],
    extra: NodeJS.ProcessEnv = {},
  ): Promise<Result> {
    const all = [...words, "-s", stack, "--non-interactive", "--color=never"];
    return run("pulumi", all, { cwd: ROOT, env: { ...this.envOf(stack, words[0]), ...extra } });
  }

  /** The stack that the user has selected. */
  private async selectedStack(): Promise<string | undefined> {
    const words = ["stack", "--show-name", "--non-interactive", "--color=never"];
    const { code, stdout } = await run("pulumi", words, { cwd: ROOT, env: this.env });
    return code === 0 ? stdout.trim() : undefined;
  }

  private envOf(stack: LocalStack | undefined, command: string | undefined): NodeJS.ProcessEnv {
    // `pulumi config` works on the file of the checkout itself, which is the one to edit.
    if (command === "config") {
      return this.env;
    }
    if (stack === undefined) {
      // Whoever picks a stack from pulumi's list picks its file in the checkout as well.
      return command === "stack"
        ? this.env
        : { ...this.env, PULUMI_OPTION_NON_INTERACTIVE: "true" };
    }
    return { ...this.env, PULUMI_OPTION_CONFIG_FILE: configFile(stack) };
  }
}

function unlock(stack: LocalStack): readonly Lock[] {
  return clearStaleLocks(lockFolder(stack), stack, say);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
