import type { StreamInfo } from "@nats-io/jetstream";
import type { AssetKind } from "../jetstream/asset-kinds";
import {
  type Disagreement,
  disagreements,
  isReconfigured,
  pendingServers,
  replicaServers,
} from "../jetstream/replica-agreement";
import type { StreamSettings } from "../jetstream/stream-fields";
import { UserError } from "../user-error";
import { label, listed } from "./asset-messages";
import type { ClusterLink } from "./cluster-link";
import type { Properties } from "./dynamic-provider";

/**
 * How long servers may take to hold what was written. A create can be undone for five seconds, and
 * a server that has just started again catches up within ten: one that still disagrees after twenty
 * has refused.
 */
const WINDOW = 20_000;
/** For how long a server that is silent can still undo a create. */
const UNDO = 6_000;
const PAUSE = 250;

/** What the property `liveState` begins with where servers of an asset disagree. */
export const HALF_APPLIED = "half applied: ";

/** The leader took a write, and other servers of the asset did not. */
export class HalfApplied extends UserError {
  /** With these the engine keeps the asset in its state, as one that is to be updated again. */
  id: string | undefined;
  properties: Properties | undefined;
  readonly reasons: readonly string[];

  constructor(
    message: string,
    /** Which servers, in as few words as possible; it stands in the state. */
    readonly state: string,
  ) {
    super(message);
    this.name = "HalfApplied";
    this.reasons = [message];
  }
}

/**
 * The servers that do not hold what was written, from what each of them says itself: a leader calls
 * a replica current that has not applied an update. Waits until all agree or the window is over.
 * Without a user of the system account nobody can be asked, and the leader's word is taken. Where
 * 2.15 says that a stream goes to other servers, or to another number of them, that is waited for as
 * well; it may take long, and who has no replica yet is not held against it.
 *
 * @param look - reads the asset again, whose leader and servers may change meanwhile
 * @param isCreated - whether it was just made: then a server that is silent can still undo it
 */
export async function settledDisagreements(
  link: ClusterLink,
  declared: StreamSettings,
  first: StreamInfo,
  look: () => Promise<StreamInfo>,
  isCreated: boolean,
): Promise<Disagreement[]> {
  const start = Date.now();
  for (let info = first; ; info = await look()) {
    const { found, isWhole } = await lookOnce(link, declared, info);
    const isMoving = isReconfigured(info.cluster);
    const waited = Date.now() - start;
    if (found.length === 0 && !isMoving && (isWhole || !isCreated || waited > UNDO)) {
      return [];
    }
    if (waited > WINDOW) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** The servers that disagree at this moment, without waiting for any. */
export async function disagreementsNow(
  link: ClusterLink,
  declared: StreamSettings,
  info: StreamInfo,
): Promise<Disagreement[]> {
  return (await lookOnce(link, declared, info)).found;
}

/** Who disagrees now, and whether everybody that can be asked has answered. */
async function lookOnce(
  { system }: ClusterLink,
  declared: StreamSettings,
  { cluster, created }: StreamInfo,
): Promise<{ readonly found: Disagreement[]; readonly isWhole: boolean }> {
  const pending = pendingServers(cluster);
  const servers = replicaServers(cluster).filter((name) => !pending.includes(name));
  if (system === undefined || servers.length < 2) {
    return { found: [], isWhole: true };
  }
  const answers = await system.streamsOf(servers);
  const isWhole = servers.every((name) => answers.some(({ server }) => server === name));
  return {
    found: disagreements(declared, String(created), servers, answers),
    isWhole: isWhole || system.isRefused,
  };
}

/** What is said of an asset whose servers disagree. */
export function halfApplied(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  found: readonly Disagreement[],
): HalfApplied {
  const state = found
    .map(({ server, differences }) =>
      differences === undefined
        ? `${server} does not have it`
        : `${server} has not taken it (${listed(kind, differences)})`,
    )
    .join("; ");
  return new HalfApplied(
    `the ${label(kind, declared)} of ${link.where} is written by half: ${state}. The leader took it and calls every replica current all the same; the log of ${named(found)} says why, often that max_file_store or max_memory_store is too small there. Mend that and run 'pulumi up' again, which writes it once more.`,
    `${HALF_APPLIED}${state}`,
  );
}

function named(found: readonly Disagreement[]): string {
  return found.map(({ server }) => server).join(" and ");
}
