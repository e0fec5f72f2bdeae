import { findClusters } from "../cluster/discover";
import { withClusterOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { counted } from "../health/finding";
import { streamsByLeader } from "../observe/observation";
import { observe } from "../observe/observe";
import { compareClusters, countComparables } from "../parity/compare";
import { parityMarkdown, parityText } from "../parity/report";
import { paint } from "../terminal/colours";
import { print, printJson } from "../terminal/print";
import { UsageError } from "../usage-error";
import { defineCommand } from "./command";

export const parity = defineCommand({
  command: "parity [colours..]",
  describe: "Blue against green: configuration and state of streams, buckets and consumers",
  examples: [
    ["parity", "blue against green"],
    ["parity --config-only", "what is configured, and not what is stored"],
    ["parity -s blue -s green --markdown", "for the comment on a pull request"],
  ],
  options: (command) =>
    withClusterOptions(
      command.positional("colours", {
        array: true,
        type: "string",
        describe: "two colours; blue and green where none is named",
      }),
    ).options({
      markdown: { type: "boolean", describe: "print a table for a pull request" },
      "config-only": { type: "boolean", describe: "leave messages and positions aside" },
    }),
  run: async (args) => {
    const [left, right, ...more] = findClusters(args, args.colours);
    if (left === undefined || right === undefined || more.length > 0) {
      throw new UsageError("parity compares two clusters; name two colours or two stacks.");
    }
    const [ours, theirs] = await Promise.all(
      [left, right].map(async (cluster) => streamsByLeader(await observe(cluster))),
    );
    const all = compareClusters(ours ?? [], theirs ?? []);
    const differences = all.filter(({ aspect }) => !args.configOnly || aspect !== "state");
    const names = [left.name, right.name] as const;
    const counts = countComparables(ours ?? []);
    if (args.output === "json") {
      printJson({
        left: left.name,
        right: right.name,
        equal: differences.length === 0,
        differences,
      });
    } else if (args.markdown === true) {
      print(parityMarkdown(names, differences, counts));
    } else if (differences.length === 0) {
      print(`${paint("green", "✓")} ${names.join(" and ")} are equal: ${counts}`);
    } else {
      print(parityText(names, differences));
      print(`${paint("red", "✗")} ${counted(differences.length, "difference")}`);
    }
    return differences.length === 0 ? EXIT.good : EXIT.problem;
  },
});
