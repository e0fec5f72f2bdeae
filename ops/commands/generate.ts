import { listLive } from "@tfdc/pulumi-nats/internal/provider/backup/live";
import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { selected } from "../backup/select";
import { findCluster } from "../cluster/discover";
import { withClusterOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { declarationsOf, moduleText, undeclarable } from "../generate/generate";
import { printJson, say } from "../terminal/print";
import { defineCommand } from "./command";

export const generate = defineCommand({
  command: "generate [colour]",
  describe: "Print what runs on a server as TypeScript, which adopts it without a difference",
  examples: [
    ["generate --server nats.example.com:4222 --user u --password-file p > topology.ts", ""],
    ["generate blue --stream metrics.v1", "one stream"],
  ],
  options: (command) =>
    withClusterOptions(
      command.positional("colour", { type: "string", describe: "the colour to read" }),
    ).options({
      stream: { type: "string", array: true, describe: "these streams only" },
    }),
  run: async (args) => {
    const cluster = findCluster(args, args.colour);
    const connection = await openConnection(cluster.connection);
    try {
      const all = await listLive(connection);
      const chosen = selected(all, ({ config }) => config.name, args.stream ?? [], cluster.name);
      const configs = chosen.map(({ config }) => config);
      for (const line of undeclarable(configs)) {
        say(`warning: ${line}`);
      }
      const declared = declarationsOf(configs);
      if (args.output === "json") {
        printJson(declared);
      } else {
        process.stdout.write(moduleText(declared));
      }
      return EXIT.good;
    } finally {
      await connection.close();
    }
  },
});
