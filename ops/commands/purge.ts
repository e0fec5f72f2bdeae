import type { StreamInfo } from "@nats-io/jetstream";
import { BUCKET_PREFIX, serverName } from "@tfdc/pulumi-nats/internal/jetstream/names";
import { type ClusterLink, openLink } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { ApiError } from "@tfdc/pulumi-nats/internal/provider/faults";
import { streamInfo } from "@tfdc/pulumi-nats/internal/provider/live-streams";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import { findCluster } from "../cluster/discover";
import { withClusterOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { readable } from "../health/finding";
import { agreed } from "../terminal/ask";
import { print, printJson } from "../terminal/print";
import { UsageError } from "../usage-error";
import { defineCommand } from "./command";

const TIMEOUT = 30_000;

export const purge = defineCommand({
  command: "purge <words..>",
  describe: "Delete old messages of a stream and keep the newest n; says what goes, and asks",
  examples: [
    ["purge blue metrics_v1 --keep 1000000", "all but the newest million messages"],
    [
      "purge metrics_v1 -s local-blue --subject 'metrics.a.>' --keep 0 --yes",
      "one branch, at once",
    ],
  ],
  options: (command) =>
    withClusterOptions(
      command.positional("words", {
        array: true,
        type: "string",
        demandOption: true,
        describe: "the colour, where no other option names the cluster, and the stream",
      }),
    ).options({
      keep: {
        type: "number",
        demandOption: true,
        describe: "messages to keep, the newest; of each subject filter as a whole",
      },
      subject: { type: "string", describe: "messages of these subjects only" },
      yes: { alias: "y", type: "boolean", describe: "do not ask" },
    }),
  run: async (args) => {
    const { keep, subject } = args;
    const [stream = "", colour, ...more] = [...args.words].reverse();
    if (!Number.isInteger(keep) || keep < 0 || more.length > 0) {
      throw new UsageError(
        "purge takes a colour, a stream, and --keep with a whole number from 0.",
      );
    }
    const cluster = findCluster(args, colour);
    const link = await openLink(cluster.connection);
    try {
      const plan = await planPurge(link, stream, keep, subject);
      if (plan.goes === 0) {
        print(`${stream} on ${cluster.name} holds ${plan.there} such messages: nothing goes.`);
        return EXIT.good;
      }
      const which = subject === undefined ? "" : ` of '${subject}'`;
      const what = `${plan.goes} of ${plan.there} messages${which} in ${stream} on ${cluster.name} (of ${readable(plan.bytes)} in all) will be deleted for good, the newest ${keep} stay.`;
      if (!(await agreed(what, args.yes))) {
        return EXIT.problem;
      }
      const { purged } = await purgeStream(link, stream, keep, subject);
      if (args.output === "json") {
        printJson({ cluster: cluster.name, stream, purged, kept: plan.there - plan.goes });
      } else {
        print(`${stream} on ${cluster.name}: ${purged} messages deleted.`);
      }
      return EXIT.good;
    } finally {
      await link.close();
    }
  },
});

interface PurgePlan {
  readonly there: number;
  readonly goes: number;
  readonly bytes: number;
}

async function planPurge(
  link: ClusterLink,
  stream: string,
  keep: number,
  subject: string | undefined,
): Promise<PurgePlan> {
  if (stream.startsWith(BUCKET_PREFIX)) {
    throw new UsageError(
      `${stream} is a bucket: --keep would delete keys that nobody has written lately. Delete keys with a client of the bucket.`,
    );
  }
  const info = await streamInfo(link, serverName(stream));
  if (info === undefined) {
    const mapped = serverName(stream);
    const hint = mapped === stream ? "" : ` (NATS refuses dots: it was looked for as ${mapped})`;
    throw new UserError(`there is no stream ${stream}${hint} at ${link.where}.`);
  }
  if (info.config.deny_purge || info.config.sealed) {
    const why = info.config.sealed ? "is sealed" : "has denyPurge set";
    throw new UserError(`${stream} ${why}: the server refuses to purge it.`);
  }
  const there =
    subject === undefined ? info.state.messages : await countSubject(link, info, subject);
  return { there, goes: Math.max(0, there - keep), bytes: info.state.bytes };
}

async function countSubject(link: ClusterLink, info: StreamInfo, subject: string): Promise<number> {
  let total = 0;
  for (let offset = 0; ; ) {
    const page = await link.ask<StreamInfo & { total?: number }>(
      `$JS.API.STREAM.INFO.${info.config.name}`,
      { subjects_filter: subject, offset },
      TIMEOUT,
    );
    const counts = Object.values(page.state.subjects ?? {});
    total += counts.reduce((sum, count) => sum + count, 0);
    offset += counts.length;
    if (counts.length === 0 || offset >= (page.total ?? 0)) {
      return total;
    }
  }
}

async function purgeStream(
  link: ClusterLink,
  stream: string,
  keep: number,
  subject: string | undefined,
): Promise<{ readonly purged: number }> {
  const question = {
    ...(keep === 0 ? {} : { keep }),
    ...(subject === undefined ? {} : { filter: subject }),
  };
  try {
    return await link.ask(`$JS.API.STREAM.PURGE.${serverName(stream)}`, question, TIMEOUT);
  } catch (error) {
    throw error instanceof ApiError
      ? new UserError(`${stream} was not purged: the server says "${error.description}".`)
      : error;
  }
}
