import { setTimeout } from "node:timers/promises";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { Cluster } from "../cluster/cluster";
import { findClusters } from "../cluster/discover";
import { withClustersOptions } from "../cluster/options";
import { EXIT, type ExitCode } from "../exit-codes";
import { examine } from "../health/examine";
import { type HealthReport, healthReport, healthText } from "../health/report";
import { print, printJson } from "../terminal/print";
import { defineCommand } from "./command";

const MIN_INTERVAL = 1;

/** What came of looking at one cluster. */
type Outcome = HealthReport | { readonly cluster: string; readonly unreachable: string };

export const health = defineCommand({
  command: "health [colours..]",
  describe: "What is wrong with the clusters, one line a finding with the remedy",
  examples: [
    ["health", "both colours"],
    ["health blue --output json", "one colour, for a script"],
    ["health -s local-green --watch", "the cluster of one stack, again and again"],
    ["health --server nats.example.com:4222 --monitoring http://nats.example.com:8222", ""],
  ],
  options: (command) =>
    withClustersOptions(command).options({
      watch: { alias: "w", type: "boolean", describe: "look again and again, until Ctrl-C" },
      interval: {
        type: "number",
        default: 5,
        describe: "seconds between two looks of --watch; servers walk all their streams for each",
      },
    }),
  run: async (args) => {
    const clusters = findClusters(args, args.colours);
    const isText = args.output === "text";
    for (;;) {
      const outcomes = await Promise.all(clusters.map(look));
      if (args.watch === true && isText && process.stdout.isTTY) {
        process.stdout.write("\u001b[2J\u001b[H");
        print(new Date().toLocaleTimeString());
      }
      if (isText) {
        print(outcomes.map(textOf).join("\n"));
      } else {
        printJson(outcomes);
      }
      if (args.watch !== true) {
        return exitCode(outcomes);
      }
      await setTimeout(Math.max(args.interval, MIN_INTERVAL) * 1000);
    }
  },
});

async function look(cluster: Cluster): Promise<Outcome> {
  const start = performance.now();
  try {
    const { observation, found } = await examine(cluster);
    const seconds = Math.round(performance.now() - start) / 1000;
    return healthReport(cluster, observation, found, seconds);
  } catch (error) {
    // One cluster that is away must not hide how the other is.
    if (error instanceof UserError && error.name === "Unreachable") {
      return { cluster: cluster.name, unreachable: error.message };
    }
    throw error;
  }
}

function textOf(outcome: Outcome): string {
  return "unreachable" in outcome ? `✗ ${outcome.unreachable}` : healthText(outcome);
}

function exitCode(outcomes: readonly Outcome[]): ExitCode {
  if (outcomes.some((one) => "unreachable" in one)) {
    return EXIT.unreachable;
  }
  return outcomes.every((one) => "healthy" in one && one.healthy) ? EXIT.good : EXIT.problem;
}
