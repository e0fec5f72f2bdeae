import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import type { Command } from "./commands/command";
import { EXIT, EXIT_CODES, type ExitCode } from "./exit-codes";
import { toolVersion } from "./version";

/**
 * The commands in the order of the help. Each is loaded when it is named, and all where none is: what
 * a backup needs takes longer to load than most commands to run.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  health: async () => (await import("./commands/health.js")).health,
  init: async () => (await import("./commands/init.js")).init,
  roll: async () => (await import("./commands/roll.js")).roll,
  parity: async () => (await import("./commands/parity.js")).parity,
  switch: async () => (await import("./commands/switch.js")).switchColour,
  backup: async () => (await import("./commands/backup.js")).backup,
  verify: async () => (await import("./commands/verify.js")).verify,
  restore: async () => (await import("./commands/restore.js")).restore,
  lag: async () => (await import("./commands/lag.js")).lag,
  storage: async () => (await import("./commands/storage.js")).storage,
  purge: async () => (await import("./commands/purge.js")).purge,
  "split-brain": async () => (await import("./commands/split-brain.js")).splitBrain,
  generate: async () => (await import("./commands/generate.js")).generate,
  "preview-comment": async () =>
    (await import("./commands/preview-comment.js")).previewCommentCommand,
};

function loaded([word = ""]: readonly string[]): Promise<Command[]> {
  const named = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  const wanted = named === undefined ? Object.values(COMMANDS) : [named];
  return Promise.all(wanted.map((load) => load()));
}

const WIDEST = 110;

async function main(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.good;
  const end = (ended: ExitCode) => {
    code = ended;
  };
  const commands = await loaded(words);
  const parser = yargs([...words])
    .scriptName("tfdc-nats")
    .usage("$0 <command>: looks after NATS JetStream clusters")
    .command(commands.map((command) => command(end)))
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

/** What a pipe may take to be given the last of the output. */
const LEFT_OVER = 1_000;

/**
 * Ends the process where something would keep it: the client leaves a connection open whose server
 * never said a word.
 */
function leaveWith(code: ExitCode): void {
  process.exitCode = code;
  const leave = () => {
    const isWritten = process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
    return isWritten ? process.exit() : setTimeout(leave, LEFT_OVER).unref();
  };
  setTimeout(leave, LEFT_OVER).unref();
}

main(hideBin(process.argv)).then(leaveWith, (error: unknown) => {
  const isKnown = error instanceof UserError || error instanceof Misused;
  const text = isKnown ? error.message : ((error as Error).stack ?? String(error));
  process.stderr.write(`tfdc-nats: ${text}\n`);
  leaveWith(exitCodeOf(error));
});
