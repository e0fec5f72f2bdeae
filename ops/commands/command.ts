import type { ArgumentsCamelCase, Argv, CommandModule } from "yargs";
import { EXIT_CODES, type ExitCode } from "../exit-codes";

/** What a command is called, what it takes, and what it does. */
interface CommandSpec<T> {
  /** Name and positional words, as yargs reads them. */
  readonly command: string;
  readonly describe: string;
  /** Examples for the help: the command line, and what it is for. */
  readonly examples: readonly (readonly [string, string])[];
  readonly options: (command: Argv) => Argv<T>;
  /** Does it, and answers with the exit code. */
  readonly run: (args: ArgumentsCamelCase<T>) => Promise<ExitCode>;
}

/** A command for yargs, which knows nothing of exit codes: `end` is told how it ended. */
export type Command = (end: (code: ExitCode) => void) => CommandModule;

/** Makes a command, with the types of its arguments taken from its options. */
export function defineCommand<T>(spec: CommandSpec<T>): Command {
  const { command, describe, examples, options, run } = spec;
  return (end) => {
    const module: CommandModule<unknown, T> = {
      command,
      describe,
      builder: (argv) =>
        options(
          (argv as Argv)
            .example(examples.map(([words, use]) => [`tfdc-nats ${words}`, use]))
            .epilogue(EXIT_CODES),
        ),
      handler: async (args) => end(await run(args)),
    };
    return module as CommandModule;
  };
}
