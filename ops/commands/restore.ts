import { formatRefusal } from "@tfdc/pulumi-nats/internal/backup/archive/formats";
import type { CheckedBackup } from "@tfdc/pulumi-nats/internal/backup/check";
import { deleteLive, findLive } from "@tfdc/pulumi-nats/internal/provider/backup/live";
import { restoreStream } from "@tfdc/pulumi-nats/internal/provider/backup/restore-stream";
import type { AskServers } from "@tfdc/pulumi-nats/internal/provider/backup/restored-replicas";
import { openConnection } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { isRestoredNote } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { NatsConnection } from "nats";
import { interruptible } from "../backup/interruption";
import { askingServers } from "../backup/replicas";
import type { Cluster } from "../cluster/cluster";
import { findCluster } from "../cluster/discover";
import { withClusterOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { counted, listed, readable } from "../health/finding";
import { claiming } from "../lock";
import { observe } from "../observe/observe";
import { agreed } from "../terminal/ask";
import { transferBar } from "../terminal/bar";
import { paint } from "../terminal/colours";
import { print, printJson, say } from "../terminal/print";
import { step } from "../terminal/step";
import { UsageError } from "../usage-error";
import { archiveSize, checkBackups, sayProblems } from "./check-backups";
import { defineCommand } from "./command";

export const restore = defineCommand({
  command: "restore <words..>",
  describe: "Bring streams, buckets and consumers back from a backup, and compare them with it",
  examples: [
    ["restore green /backup/nats-blue-20260301-120000", "everything of blue, to green"],
    [
      "restore blue <folder> --stream metrics.v1 --replace",
      "one stream, in place of the one there",
    ],
    ["restore <folder> --server 127.0.0.1:4222 --replicas 1", "to a server alone"],
  ],
  options: (command) =>
    withClusterOptions(
      command.positional("words", {
        array: true,
        type: "string",
        demandOption: true,
        describe: "the colour, where no other option names the cluster, and the backup's folder",
      }),
    ).options({
      stream: { type: "string", array: true, describe: "these streams only" },
      replace: { type: "boolean", describe: "delete streams of the same name first; asks" },
      replicas: { type: "number", describe: "replicas of the restored streams" },
      yes: { alias: "y", type: "boolean", describe: "do not ask" },
    }),
  run: async (args) => {
    const [folder = "", colour, ...more] = [...args.words].reverse();
    if (more.length > 0) {
      throw new UsageError("restore takes a colour and the folder of one backup.");
    }
    const cluster = findCluster(args, colour);
    const checking = checkBackups(folder, args.stream ?? []);
    // It is awaited when there is a cluster, or none; what is wrong with it must not end the process.
    checking.catch(() => undefined);
    const connection = await openConnection(cluster.connection).catch(async (error: unknown) => {
      throw sayProblems(await checking) ? error : alsoDamaged(folder, error);
    });
    try {
      const backups = await claiming(cluster, "restore", async ({ clear }) => {
        const checked = await checking;
        if (!sayProblems(checked)) {
          throw new UserError(`${folder} cannot be restored as it is; nothing was written.`);
        }
        const refusal = formatRefusal(checked, await versionsOf(connection, cluster, checked));
        if (refusal !== undefined) {
          throw new UserError(refusal);
        }
        const existing = await existingOf(connection, checked);
        if (existing.length > 0 && !(await mayReplace(cluster, existing, args))) {
          return undefined;
        }
        await clear();
        await interruptible(`the restore to ${cluster.name}`, (signal) =>
          askingServers(cluster, (ask) =>
            restoreAll(connection, cluster, checked, {
              existing,
              replicas: args.replicas,
              signal,
              ask,
            }),
          ),
        );
        return checked;
      });
      if (backups === undefined) {
        return EXIT.problem;
      }
      await sayRestoredNotes(cluster);
      report(args.output, cluster, backups);
      return EXIT.good;
    } finally {
      await connection.close();
    }
  },
});

/** Another cluster, or this one when it is back, is no help for what is wrong with the backup. */
function alsoDamaged(folder: string, error: unknown): unknown {
  return error instanceof UserError
    ? new UserError(
        `${folder} cannot be restored as it is, and no cluster was there for it: ${error.message}`,
        { cause: error },
      )
    : error;
}

/** What the servers of a cluster run, where an archive of 2.15 depends on it: any of them may receive it. */
async function versionsOf(
  connection: NatsConnection,
  cluster: Cluster,
  backups: readonly CheckedBackup[],
): Promise<string[]> {
  const own = connection.info?.version;
  const isAsked =
    backups.some(({ format }) => format === "arc") &&
    (cluster.monitoring.length > 0 || cluster.system !== undefined);
  const servers = isAsked ? (await observe(cluster)).servers : [];
  return [own, ...servers.map(({ varz }) => varz?.version)].filter((one) => one !== undefined);
}

/** A stream that is in the way, as the question names it. */
interface Existing {
  readonly stream: string;
  readonly messages: number;
  readonly bytes: number;
}

async function existingOf(
  connection: NatsConnection,
  backups: readonly CheckedBackup[],
): Promise<Existing[]> {
  const found = await Promise.all(
    backups.map(async ({ stream }) => ({ stream, live: await findLive(connection, stream) })),
  );
  return found.flatMap(({ stream, live }) =>
    live === undefined ? [] : [{ stream, messages: live.state.messages, bytes: live.state.bytes }],
  );
}

function mayReplace(
  cluster: Cluster,
  existing: readonly Existing[],
  { replace, yes }: { readonly replace?: boolean; readonly yes?: boolean },
): Promise<boolean> {
  const list = existing
    .map(
      ({ stream, messages, bytes }) =>
        `${stream} (${counted(messages, "message")}, ${readable(bytes)})`,
    )
    .join(", ");
  if (replace !== true) {
    throw new UserError(
      `${cluster.name} has ${list} already; nothing was written. Name other streams with --stream, or have them replaced with --replace.`,
    );
  }
  return agreed(`On ${cluster.name} ${list} will be deleted, and restored from the backup.`, yes);
}

async function restoreAll(
  connection: NatsConnection,
  cluster: Cluster,
  backups: readonly CheckedBackup[],
  {
    existing,
    replicas,
    signal,
    ask,
  }: {
    readonly existing: readonly Existing[];
    readonly replicas?: number;
    readonly signal: AbortSignal;
    readonly ask: AskServers | undefined;
  },
): Promise<void> {
  const changes = {
    colour: cluster.name,
    ...(cluster.stack === undefined ? {} : { stack: cluster.stack }),
    ...(replicas === undefined ? {} : { replicas }),
  };
  const done: string[] = [];
  for (const backup of backups) {
    let bytes = 0;
    const bring = async () => {
      signal.throwIfAborted();
      // Only what was there when it was asked about: what came since is nobody's to delete.
      if (existing.some(({ stream }) => stream === backup.stream)) {
        await deleteLive(connection, backup.stream);
      }
      return restoreStream(connection, backup, changes, {
        signal,
        ask,
        onBytes: (count) => {
          bytes += count;
        },
      });
    };
    const size = archiveSize(backup.folder);
    const progress = () =>
      bytes < size ? transferBar(bytes, size) : "sent, and waiting until every replica has it";
    const { notes } = await step(backup.stream, bring, progress).catch((error) => {
      throw afterwards(error, done, backup.stream);
    });
    done.push(backup.stream);
    for (const note of notes) {
      say(`${paint("yellow", "!", process.stderr)} ${backup.stream}: ${note}`);
    }
  }
}

/** Servers may call themselves unhealthy for a while, which is better heard from here. */
async function sayRestoredNotes(cluster: Cluster): Promise<void> {
  if (cluster.monitoring.length === 0 && cluster.system === undefined) {
    return;
  }
  const observation = await observe(cluster);
  const unhealthy = observation.servers.filter(({ healthz, varz }) =>
    isRestoredNote(healthz?.error, varz),
  );
  if (unhealthy.length > 0) {
    const names = unhealthy.map(({ name }) => name);
    say(
      `${paint("yellow", "!", process.stderr)} ${listed(names)} will say "monitor goroutine not running" of restored streams until they start again (a fault of nats-server; the streams are well): tfdc-nats roll ${cluster.name}`,
    );
  }
}

/** What a restore that ended early has done, and how to go on from there. */
function afterwards(error: unknown, done: readonly string[], failed: string): unknown {
  if (!(error instanceof UserError) || done.length === 0) {
    return error;
  }
  return new UserError(
    `${error.message} Restored before: ${done.join(", ")}; go on with --stream ${failed} and those after it. The backup is as it was.`,
    { cause: error },
  );
}

function report(output: string, cluster: Cluster, backups: readonly CheckedBackup[]): void {
  const consumers = backups.reduce(
    (sum, { contents }) => sum + (contents?.consumers.length ?? 0),
    0,
  );
  if (output === "json") {
    printJson({ cluster: cluster.name, restored: backups.map(({ stream }) => stream) });
  } else {
    print(
      `${paint("green", "✓")} ${cluster.name}: ${counted(backups.length, "stream")} and ${counted(consumers, "consumer")} restored, and equal to the backup`,
    );
  }
}
