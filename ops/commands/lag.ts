import { findClusters } from "../cluster/discover";
import { withClusterOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { consumerLags } from "../lag/lag";
import { streamsByLeader } from "../observe/observation";
import { observe } from "../observe/observe";
import { paint } from "../terminal/colours";
import { print, printJson } from "../terminal/print";
import { table } from "../terminal/table";
import { defineCommand } from "./command";

const HEAD = ["stream", "consumer", "pending", "unacked", "redelivered", "waiting"];

export const lag = defineCommand({
  command: "lag [colours..]",
  describe: "How far the consumers are behind, why, and what helps",
  examples: [
    ["lag blue", "every consumer of blue, the furthest behind first"],
    ["lag blue --stream metrics_v1 --most 10000", "one stream, with patience"],
  ],
  options: (command) =>
    withClusterOptions(
      command.positional("colours", {
        array: true,
        type: "string",
        describe: "colours to look at; both where none is named",
      }),
    ).options({
      stream: { type: "string", describe: "consumers of this stream only" },
      most: { type: "number", default: 1000, describe: "messages that a consumer may be behind" },
    }),
  run: async (args) => {
    const clusters = findClusters(args, args.colours);
    const all = await Promise.all(
      clusters.map(async (cluster) => {
        const streams = streamsByLeader(await observe(cluster)).filter(
          ({ name }) => args.stream === undefined || name === args.stream,
        );
        return { cluster: cluster.name, consumers: consumerLags(streams, args.most) };
      }),
    );
    if (args.output === "json") {
      printJson(all);
    }
    for (const { cluster, consumers } of args.output === "json" ? [] : all) {
      const late = consumers.filter(({ isLate }) => isLate);
      const mark = late.length === 0 ? paint("green", "✓") : paint("red", "✗");
      print(`${mark} ${cluster}: ${late.length} of ${consumers.length} consumers are late`);
      if (consumers.length > 0) {
        print(
          table(
            HEAD,
            consumers.map((one) => [
              one.stream,
              one.consumer,
              ...[one.pending, one.unacknowledged, one.redelivered, one.waiting].map(String),
            ]),
          ),
        );
      }
      for (const { stream, consumer, cause, remedy } of late) {
        print(`  ${paint("red", "✗")} ${stream} > ${consumer}: ${cause}; ${remedy}`);
      }
    }
    const isLate = all.some(({ consumers }) => consumers.some((one) => one.isLate));
    return isLate ? EXIT.problem : EXIT.good;
  },
});
