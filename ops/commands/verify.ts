import type { CheckedBackup } from "@tfdc/pulumi-nats/internal/backup/check";
import { drill, drillVersion } from "../backup/drill";
import { interruptible } from "../backup/interruption";
import { OUTPUT_OPTIONS } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { counted } from "../health/finding";
import { paint } from "../terminal/colours";
import { print, printJson } from "../terminal/print";
import { step } from "../terminal/step";
import { checkBackups, sayProblems } from "./check-backups";
import { defineCommand } from "./command";

export const verify = defineCommand({
  command: "verify <folder>",
  describe:
    "Check a backup whole, ours or the nats command line's, and on request restore it for a try",
  examples: [
    ["verify /backup/nats-blue-20260301-120000", "digests, compression, tar, and every record"],
    ["verify /backup/nats-blue-20260301-120000 --drill", "and restore it into a scratch server"],
  ],
  options: (command) =>
    command
      .positional("folder", {
        type: "string",
        demandOption: true,
        describe: "a backup, or the folder of one of its streams",
      })
      .options(OUTPUT_OPTIONS)
      .options({
        stream: { type: "string", array: true, describe: "these streams only" },
        drill: {
          type: "boolean",
          describe: "restore into a server that is thrown away, and compare",
        },
        "server-version": {
          type: "string",
          describe:
            "nats-server for the drill [default: 2.10.29, or the one of 2.15 that wrote it]",
        },
      }),
  run: async (args) => {
    const backups = await checkBackups(args.folder, args.stream ?? [], true);
    const isGood = sayProblems(backups);
    if (isGood && args.drill === true) {
      await interruptible("the drill", (signal) =>
        step(`restoring ${counted(backups.length, "stream")} into a scratch server`, () =>
          drill(backups, drillVersion(backups, args.serverVersion), {
            signal,
            onBytes: () => undefined,
          }),
        ),
      );
    }
    if (args.output === "json") {
      printJson(backups.map(reportOf));
    } else {
      for (const backup of backups) {
        print(lineOf(backup, args.drill === true));
      }
    }
    return isGood ? EXIT.good : EXIT.problem;
  },
});

function reportOf({ folder, stream, manifest, problems, contents }: CheckedBackup) {
  return {
    folder,
    stream,
    good: problems.length === 0,
    problems,
    hasManifest: manifest !== undefined,
    ...(contents === undefined
      ? {}
      : {
          messages: contents.messages,
          firstSequence: contents.firstSequence,
          lastSequence: contents.lastSequence,
        }),
    consumers: contents?.consumers ?? [],
  };
}

function lineOf(backup: CheckedBackup, isDrilled: boolean): string {
  const { messages = 0, consumers, good, hasManifest } = reportOf(backup);
  if (!good) {
    return `${paint("red", "✗")} ${backup.stream}: ${counted(backup.problems.length, "problem")}`;
  }
  const digests = hasManifest
    ? "digests and every record agree"
    : "no manifest; every record agrees";
  const drilled = isDrilled ? "; restored for a try, and equal" : "";
  return `${paint("green", "✓")} ${backup.stream}: ${counted(messages, "message")}, ${counted(consumers.length, "consumer")}; ${digests}${drilled}`;
}
