import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { backup } from "./commands/backup";
import type { Command } from "./commands/command";
import { generate } from "./commands/generate";
import { health } from "./commands/health";
import { init } from "./commands/init";
import { lag } from "./commands/lag";
import { parity } from "./commands/parity";
import { previewCommentCommand } from "./commands/preview-comment";
import { purge } from "./commands/purge";
import { restore } from "./commands/restore";
import { roll } from "./commands/roll";
import { splitBrain } from "./commands/split-brain";
import { storage } from "./commands/storage";
import { switchColour } from "./commands/switch";
import { verify } from "./commands/verify";
import { EXIT, EXIT_CODES, type ExitCode } from "./exit-codes";
import { toolVersion } from "./version";

const COMMANDS: readonly Command[] = [
  health,
  init,
  roll,
  parity,
  switchColour,
  backup,
  verify,
  restore,
  lag,
  storage,
  purge,
  splitBrain,
  generate,
  previewCommentCommand,
];

const WIDEST = 110;

async function main(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.good;
  const end = (ended: ExitCode) => {
    code = ended;
  };
  const parser = yargs([...words])
    .scriptName("tfdc-nats")
    .usage("$0 <command>: looks after NATS JetStream clusters")
    .command(COMMANDS.map((command) => command(end)))
    .completion("completion", "Print a script that completes commands: source it in your shell")
    .demandCommand(1, "name a command; tfdc-nats --help lists them")
    .strict()
    // `-s blue metrics_v1` names one stack and one stream.
    .parserConfiguration({ "greedy-arrays": false })
    .recommendCommands()
    .alias("h", "help")
    .version(toolVersion())
    .epilogue(EXIT_CODES)
    .wrap(Math.min(WIDEST, process.stdout.columns ?? WIDEST))
    .exitProcess(false)
    // Whoever makes the error says how it ends; yargs would print its help over it.
    .fail((message, error) => {
      throw error ?? new Misused(message);
    });
  await parser.parseAsync();
  return code;
}

/** The command line is not one that yargs can read. */
class Misused extends Error {}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Misused || (error instanceof Error && error.name === "UsageError")) {
    return EXIT.usage;
  }
  return error instanceof Error && error.name === "Unreachable" ? EXIT.unreachable : EXIT.problem;
}

main(hideBin(process.argv)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isKnown = error instanceof UserError || error instanceof Misused;
    const text = isKnown ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`tfdc-nats: ${text}\n`);
    process.exitCode = exitCodeOf(error);
  },
);
