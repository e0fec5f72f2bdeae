import { findClusters } from "../cluster/discover";
import { withClustersOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { examine } from "../health/examine";
import { readable } from "../health/finding";
import type { findings } from "../health/findings";
import { streamsByLeader } from "../observe/observation";
import { serverStorage, storageAdvice, streamStorage } from "../storage/storage";
import { paint } from "../terminal/colours";
import { print, printJson } from "../terminal/print";
import { table } from "../terminal/table";
import { defineCommand } from "./command";

const CHECKS = /^(storage|stream-full)/;

export const storage = defineCommand({
  command: "storage [colours..]",
  describe: "What the streams take of the servers' disks, and what gives room",
  examples: [
    ["storage blue", "servers and streams of blue, the largest first"],
    ["storage -o json", "both colours, for a script"],
  ],
  options: (command) => withClustersOptions(command),
  run: async (args) => {
    const clusters = findClusters(args, args.colours);
    const all = await Promise.all(
      clusters.map(async (cluster) => {
        const { observation, found } = await examine(cluster);
        return {
          cluster: cluster.name,
          servers: serverStorage(observation),
          streams: streamStorage(streamsByLeader(observation)),
          findings: found.filter(({ check }) => CHECKS.test(check)),
        };
      }),
    );
    if (args.output === "json") {
      printJson(all);
    } else {
      print(all.map(textOf).join("\n\n"));
    }
    return all.every((one) => one.findings.length === 0) ? EXIT.good : EXIT.problem;
  },
});

function textOf(report: {
  readonly cluster: string;
  readonly servers: ReturnType<typeof serverStorage>;
  readonly streams: ReturnType<typeof streamStorage>;
  readonly findings: ReturnType<typeof findings>;
}): string {
  const { cluster, servers, streams, findings: found } = report;
  const advice = found.length === 0 ? undefined : storageAdvice(cluster, streams);
  return [
    table(
      [`${cluster}: server`, "used", "reserved", "max_file_store", "used %"],
      servers.map(({ server, used, reserved, most }) => [
        server,
        ...[used, reserved, most].map(readable),
        percent(used, most),
      ]),
    ),
    "",
    table(
      ["stream", "bytes", "max_bytes", "full %", "messages", "when full", "oldest message"],
      streams.map(({ stream, bytes, limit, messages, discard, oldest }) => [
        stream,
        readable(bytes),
        limit === undefined ? "unlimited" : readable(limit),
        percent(bytes, limit ?? 0),
        String(messages),
        `discards ${discard}`,
        oldest?.replace(/\.\d+/, "") ?? "",
      ]),
    ),
    ...found.map(({ what, remedy }) => `${paint("red", "✗")} ${what}; ${remedy}`),
    ...(advice === undefined ? [] : [advice]),
  ].join("\n");
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${Math.floor((part / whole) * 100)} %` : "";
}
