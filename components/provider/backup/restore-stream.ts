import type { NatsConnection } from "nats";
import { formatRefusal } from "../../backup/archive/formats";
import type { CheckedBackup } from "../../backup/check";
import { ownerMetadata, ownerOf, withoutOwner } from "../../jetstream/ownership";
import { UserError } from "../../user-error";
import { type Comparison, compareRestored } from "./compare-restored";
import type { AskServers } from "./restored-replicas";
import { removeHalf, type RestoreOptions as SendOptions, sendArchive } from "./send-archive";

const ATTEMPTS = 2;

/** What a restored stream is given instead of what it had. */
export interface Changes {
  /** Number of replicas. @default as backed up */
  readonly replicas?: number;
  /** The cluster it is restored to, where that is another one: its owner's mark follows. */
  readonly colour?: string;
  /** The stack that declares it there. */
  readonly stack?: string;
  /** Other settings, under the server's names; `undefined` takes one out. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Clients of its consumers go on while it is compared. */
  readonly isInUse?: boolean;
  /** Nothing that time would take away: for a drill. */
  readonly isDrill?: boolean;
}

/** What a restore is told, and tells. */
export interface RestoreOptions extends SendOptions {
  /** Asks the servers what they hold of the restored stream. */
  readonly ask?: AskServers;
}

/** Restores one checked backup, and compares what is there afterwards with what was backed up. */
export async function restoreStream(
  connection: NatsConnection,
  backup: CheckedBackup,
  changes: Changes,
  options: RestoreOptions,
): Promise<Comparison> {
  const { archive, description, folder, stream } = backup;
  if (archive === undefined || description === undefined || backup.problems.length > 0) {
    throw new UserError(`${folder} cannot be restored: ${backup.problems.join("; ")}.`);
  }
  const refusal = formatRefusal([backup], [connection.info?.version ?? ""].filter(Boolean));
  if (refusal !== undefined) {
    throw new UserError(refusal);
  }
  const config = changedConfig(description.config, changes);
  const restore = async () => {
    await sendArchive(connection, archive, { config, state: description.state }, options);
    return compareRestored(connection, backup, {
      isInUse: changes.isInUse,
      ask: options.ask,
      signal: options.signal,
    });
  };
  let comparison = await restore();
  for (let attempt = 1; comparison.isGone === true; attempt++) {
    // The server fell right after its answer, or gave up an older restore of that name so late that
    // it took this one with it. The name may have stayed.
    await removeHalf(connection, stream);
    if (attempt === ATTEMPTS) {
      throw new UserError(
        `${stream} was not restored: ${ATTEMPTS} times a server had received all of it and lost it before the others had it; what had arrived was removed again. Run it again when all servers are well.`,
      );
    }
    comparison = await restore();
  }
  if (comparison.differences.length > 0) {
    throw new UserError(
      `${stream} was restored and is not what was backed up: ${comparison.differences.join("; ")}. It was left as it is.`,
    );
  }
  return comparison;
}

/** The configuration to restore with. What servers note for themselves is theirs to write. */
export function changedConfig(
  config: Readonly<Record<string, unknown>>,
  { replicas, colour, stack, settings, isDrill }: Changes,
): Readonly<Record<string, unknown>> {
  const { metadata, ...rest } = config;
  const labels = (metadata ?? {}) as Readonly<Record<string, string>>;
  const owner = ownerOf(labels);
  const moved =
    owner === undefined || colour === undefined || colour === owner.colour
      ? labels
      : {
          ...(withoutOwner(labels) as Record<string, string>),
          ...ownerMetadata({ ...owner, colour, stack: stack ?? owner.stack }),
        };
  const kept = Object.fromEntries(
    Object.entries(moved).filter(([key]) => !key.startsWith("_nats.")),
  );
  return {
    ...rest,
    ...(Object.keys(kept).length === 0 ? {} : { metadata: kept }),
    ...(replicas === undefined ? {} : { num_replicas: replicas }),
    ...settings,
    ...(isDrill === true
      ? {
          num_replicas: 1,
          max_age: 0,
          placement: undefined,
          mirror: undefined,
          sources: undefined,
          republish: undefined,
        }
      : {}),
  };
}
