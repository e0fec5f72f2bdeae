import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LiveStream } from "@tfdc/pulumi-nats/internal/backup/answers";
import {
  consumerHindrances,
  consumersSetBack,
  streamHindrance,
} from "@tfdc/pulumi-nats/internal/backup/hindrances";
import {
  folderName,
  giveName,
  partialName,
  removePartials,
} from "@tfdc/pulumi-nats/internal/backup/layout";
import type { Manifest } from "@tfdc/pulumi-nats/internal/backup/manifest";
import {
  backupStream,
  type Origin,
} from "@tfdc/pulumi-nats/internal/provider/backup/backup-stream";
import { listConsumers, listLive } from "@tfdc/pulumi-nats/internal/provider/backup/live";
import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import type { NatsConnection } from "nats";
import { interruptible } from "../backup/interruption";
import { replicasApart } from "../backup/replicas";
import { removeOlder } from "../backup/retention";
import { selected } from "../backup/select";
import { keepYoungSpaceSmall } from "../backup/young-space";
import type { Cluster } from "../cluster/cluster";
import { findCluster } from "../cluster/discover";
import { withClusterOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { counted, readable } from "../health/finding";
import { type Clearance, claiming, isAlive } from "../lock";
import { transferBar } from "../terminal/bar";
import { paint } from "../terminal/colours";
import { print, printJson, say } from "../terminal/print";
import { step } from "../terminal/step";
import { UsageError } from "../usage-error";
import { toolVersion } from "../version";
import { defineCommand } from "./command";

export const backup = defineCommand({
  command: "backup [colour]",
  describe:
    "Save streams, buckets and consumers to a dated folder that the nats command line reads",
  examples: [
    ["backup blue --to /backup", "everything, to /backup/nats-blue-<date>-<time>"],
    ["backup blue --to /backup --stream metrics.v1", "one stream; --stream can be repeated"],
    ["backup blue --to /backup --keep 7", "and removes all but the newest seven of blue"],
  ],
  options: (command) =>
    withClusterOptions(
      command.positional("colour", { type: "string", describe: "the colour to save" }),
    ).options({
      to: { type: "string", demandOption: true, describe: "folder that the backup is made in" },
      stream: { type: "string", array: true, describe: "these streams only" },
      consumers: { type: "boolean", default: true, describe: "save consumers as well" },
      keep: {
        type: "number",
        describe:
          "backups of this cluster to keep in the folder; older ones are removed afterwards",
      },
    }),
  run: async (args) => {
    refuseKeep(args);
    keepYoungSpaceSmall();
    const cluster = findCluster(args, args.colour);
    for (const name of removePartials(args.to, isAlive)) {
      say(`${name} was left by a backup that was killed; it is removed`);
    }
    const connection = await openConnection(cluster.connection);
    try {
      const { folder, manifests, savable } = await claiming(
        cluster,
        "backup",
        async (clearance) => {
          const streams = await chosen(connection, args.stream ?? [], cluster.name);
          const version = connection.info?.version ?? "";
          await sayHindrances(connection, streams, version);
          const savable = streams.filter((one) => streamHindrance(one, version) === undefined);
          const saved = await interruptible(`the backup of ${cluster.name}`, (signal) =>
            saveAll(connection, cluster, savable, args.to, {
              withConsumers: args.consumers,
              clearance,
              signal: AbortSignal.any([signal, clearance.signal]),
            }),
          );
          return { ...saved, savable };
        },
      );
      for (const name of args.keep === undefined ? [] : removeOlder(folder, args.keep)) {
        say(`${name} is removed: ${args.keep} are kept`);
      }
      const apart = await apartAfterwards(cluster, savable);
      if (args.output === "json") {
        printJson({ cluster: cluster.name, folder, streams: manifests, replicasApart: apart });
      } else {
        print(summary(folder, manifests));
      }
      return apart.length === 0 ? EXIT.good : EXIT.problem;
    } finally {
      await connection.close();
    }
  },
});

function refuseKeep({ keep, stream }: { readonly keep?: number; readonly stream?: string[] }) {
  if (keep !== undefined && !(Number.isInteger(keep) && keep > 0)) {
    throw new UsageError(`--keep is ${keep}: it must be a number of backups, 1 or more.`);
  }
  if (keep !== undefined && stream !== undefined) {
    throw new UsageError(
      "--keep counts whole backups, and --stream makes one of some streams only; leave one of them out.",
    );
  }
}

async function chosen(
  connection: NatsConnection,
  names: readonly string[],
  cluster: string,
): Promise<readonly LiveStream[]> {
  return selected(await listLive(connection), ({ config }) => config.name, names, cluster);
}

/** What is not going to be in the backup is said before it is made. */
async function sayHindrances(
  connection: NatsConnection,
  streams: readonly LiveStream[],
  version: string,
): Promise<void> {
  const mark = paint("yellow", "!", process.stderr);
  for (const stream of streams) {
    const hindrance = streamHindrance(stream, version);
    const consumers =
      hindrance === undefined ? await listConsumers(connection, stream.config.name) : [];
    const hindrances =
      hindrance === undefined ? consumerHindrances(stream, consumers, version) : [hindrance];
    for (const one of hindrances) {
      say(`${mark} not saved: ${one}`);
    }
    for (const one of consumersSetBack(stream, consumers, version)) {
      say(`${mark} ${one}`);
    }
  }
}

async function saveAll(
  connection: NatsConnection,
  cluster: Cluster,
  streams: readonly LiveStream[],
  parent: string,
  {
    withConsumers,
    clearance,
    signal,
  }: {
    readonly withConsumers: boolean;
    readonly clearance: Clearance;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly folder: string; readonly manifests: readonly Manifest[] }> {
  // A snapshot is a read: it begins while others are still asked, and is given up when one answers.
  await clearance.quiet();
  const start = new Date();
  const partial = partialName(join(parent, folderName(cluster.name, start)));
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const {
    version: serverVersion = "",
    cluster: name,
    domain,
  } = (connection.info as typeof connection.info & { domain?: string }) ?? {};
  const origin: Origin = {
    tool: `tfdc-nats ${toolVersion()}`,
    cluster: name ?? cluster.name,
    ...(domain === undefined ? {} : { domain }),
    serverVersion,
  };
  try {
    const manifests: Manifest[] = [];
    for (const { config, state } of streams) {
      let bytes = 0;
      const save = () =>
        backupStream(connection, config.name, join(partial, config.name), origin, {
          withConsumers,
          signal,
          onBytes: (count) => {
            bytes += count;
          },
          onAnew: () => {
            bytes = 0;
            say(
              `${config.name}: this machine or the network took nothing for two seconds, and the server gave the snapshot up; it is begun anew`,
            );
          },
        });
      const progress = () => transferBar(bytes, state.bytes, true);
      manifests.push(await step(config.name, save, progress));
    }
    await clearance.clear();
    return { folder: giveName(partial, parent, cluster.name, start), manifests };
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw signal.aborted ? signal.reason : error;
  }
}

async function apartAfterwards(cluster: Cluster, streams: readonly LiveStream[]) {
  const names = streams.map(({ config }) => config.name);
  if (cluster.monitoring.length === 0 && cluster.system === undefined) {
    return [];
  }
  const apart = await replicasApart(cluster, names);
  for (const name of apart) {
    say(
      `${paint("red", "✗", process.stderr)} the replicas of ${name} are not equal after the backup: before nats-server 2.12.3 a snapshot holds up deletions on the leader alone; restart the stream's leader with: tfdc-nats roll ${cluster.name}, and compare again`,
    );
  }
  return apart;
}

function summary(folder: string, manifests: readonly Manifest[]): string {
  const messages = manifests.reduce((sum, one) => sum + one.messages, 0);
  const consumers = manifests.reduce((sum, one) => sum + one.consumers.length, 0);
  const bytes = manifests
    .flatMap(({ files }) => Object.values(files))
    .reduce((sum, { size }) => sum + size, 0);
  return `${paint("green", "✓")} ${folder}: ${counted(manifests.length, "stream")}, ${counted(messages, "message")}, ${counted(consumers, "consumer")}, ${readable(bytes)}; every record was checked`;
}
