import { setTimeout } from "node:timers/promises";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import { openStack, requireRoot, stackNames } from "../cluster/discover";
import { OUTPUT_OPTIONS } from "../cluster/options";
import { pulumiUp } from "../cluster/pulumi-up";
import { EXIT } from "../exit-codes";
import { examine } from "../health/examine";
import { type HealthReport, healthReport, healthText } from "../health/report";
import { print, printJson } from "../terminal/print";
import { step } from "../terminal/step";
import { defineCommand } from "./command";

const LOOK = 500;

export const init = defineCommand({
  command: "init [colours..]",
  describe: "Bring clusters up with pulumi, one after the other, each until it is healthy",
  examples: [
    ["init", "both colours: servers, streams and buckets"],
    ["init -s local-blue", "one stack"],
  ],
  options: (command) =>
    command
      .positional("colours", {
        array: true,
        type: "string",
        describe: "colours to bring up; both where none is named",
      })
      .options(OUTPUT_OPTIONS)
      .options({
        stack: { alias: "s", type: "string", array: true, describe: "Pulumi stacks instead" },
        within: {
          type: "number",
          default: 300,
          describe: "seconds that a cluster may take to become healthy after its update",
        },
      }),
  run: async (args) => {
    const root = requireRoot();
    const reports: HealthReport[] = [];
    for (const stack of stackNames(root, args.stack ?? [], args.colours ?? [])) {
      await step(`${stack}: pulumi up`, () => pulumiUp(root, stack));
      const report = await step(`${stack}: settling`, () => healthy(root, stack, args.within));
      reports.push(report);
      if (args.output === "text") {
        print(healthText(report));
      }
      if (!report.healthy) {
        // The second colour is not begun while the first one is not what it should be.
        return EXIT.problem;
      }
    }
    if (args.output === "json") {
      printJson(reports);
    }
    return EXIT.good;
  },
});

/** Waits until a cluster is healthy; what is still wrong when time is up is in the report. */
async function healthy(root: string, stack: string, seconds: number): Promise<HealthReport> {
  const cluster = openStack(root, stack);
  const start = Date.now();
  for (;;) {
    const isLate = Date.now() - start > seconds * 1000;
    try {
      const { observation, found } = await examine(cluster);
      if (isLate || found.every(({ severity }) => severity === "warning")) {
        return healthReport(cluster, observation, found, (Date.now() - start) / 1000);
      }
    } catch (error) {
      if (isLate || !(error instanceof UserError)) {
        throw error;
      }
    }
    await setTimeout(LOOK);
  }
}
