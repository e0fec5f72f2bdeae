import { findClusters } from "../cluster/discover";
import { withClustersOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { observe } from "../observe/observe";
import { readViews } from "../observe/routes";
import { diagnose } from "../split-brain/views";
import { paint } from "../terminal/colours";
import { print, printJson } from "../terminal/print";
import { table } from "../terminal/table";
import { defineCommand } from "./command";

export const splitBrain = defineCommand({
  command: "split-brain [colours..]",
  describe: "Which servers see each other, and whom each takes for the meta leader",
  examples: [["split-brain blue", "the servers of blue as each of them sees the others"]],
  options: (command) => withClustersOptions(command),
  run: async (args) => {
    const clusters = findClusters(args, args.colours);
    const all = await Promise.all(
      clusters.map(async (cluster) => {
        const observation = await observe(cluster);
        const views = await readViews(cluster, observation);
        const declared = cluster.declared?.servers ?? views.length;
        return { cluster: cluster.name, views, ...diagnose(views, declared) };
      }),
    );
    if (args.output === "json") {
      printJson(all);
    }
    for (const { cluster, views, isWhole, findings } of args.output === "json" ? [] : all) {
      print(
        isWhole
          ? `${paint("green", "✓")} ${cluster} is whole: every server sees every other`
          : `${paint("red", "✗")} ${cluster} has fallen apart`,
      );
      print(
        table(
          ["server", "answers", "routes to", "meta leader"],
          views.map(({ server, answers, routes, metaLeader }) => [
            server,
            answers ? "yes" : "no",
            [...routes].sort().join(", "),
            metaLeader ?? "none",
          ]),
        ),
      );
      for (const finding of findings) {
        print(`  ${paint("red", "✗")} ${finding}`);
      }
    }
    return all.every(({ isWhole }) => isWhole) ? EXIT.good : EXIT.problem;
  },
});
