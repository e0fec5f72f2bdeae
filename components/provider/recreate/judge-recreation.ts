import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { StreamInfo } from "@nats-io/jetstream";
import { consumersSetBack } from "../../backup/hindrances";
import {
  consumedLoss,
  isPlainReplacement,
  type Recreation,
  recreationNote,
  recreationProblems,
  unsavedConsumers,
} from "../../backup/recreation";
import { recreationFolder } from "../../backup/recreation-folder";
import type { AssetKind } from "../../jetstream/asset-kinds";
import { changesBetween, refusedChanges } from "../../jetstream/changes";
import { settingsOn } from "../../jetstream/coming-version";
import type { Loss } from "../../jetstream/losses";
import type { Problem } from "../../jetstream/problems";
import type { StreamSettings } from "../../jetstream/stream-fields";
import { fromWire } from "../../jetstream/stream-settings";
import { formatSize } from "../../jetstream/units";
import { UserError } from "../../user-error";
import type { ChangeOptions } from "../change-options";
import type { ClusterLink } from "../cluster-link";
import { consumerDetails, contentsOf } from "../contents";
import { ApiError } from "../faults";
import { sweptStreams } from "../live-streams";
import { copiesOf } from "../removal";

const ASK_TIMEOUT = 5_000;

/** What is to be said of a recreation before it is made. */
export interface RecreationVerdict {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** What the new settings delete of what is restored. */
  readonly losses: readonly Loss[];
}

/** Judges whether deleting and restoring a live stream would bring everything back, and says what it does. */
export async function judgeRecreation(
  link: ClusterLink,
  kind: AssetKind,
  info: StreamInfo,
  declared: StreamSettings,
  options: ChangeOptions,
): Promise<RecreationVerdict> {
  const version = options.serverVersion ?? link.serverVersion;
  const live = settingsOn(version, fromWire(info.config as unknown as Record<string, unknown>));
  const name = String(live.name);
  const recreation: Recreation = {
    kind,
    live,
    declared,
    refused: refusedChanges(changesBetween(live, declared, version)),
    contents: contentsOf(info),
    consumers: await consumerDetails(link, name),
    copies: copiesOf(name, await sweptStreams(link)),
    folder: recreationFolder(options.backupDirectory, link.clusterName, name),
    serverVersion: version,
  };
  const problems = recreationProblems(recreation);
  if (problems.length > 0 || isPlainReplacement(recreation)) {
    return {
      problems,
      warnings: problems.length > 0 ? [] : [recreationNote(recreation)],
      losses: [],
    };
  }
  const reasons = [
    ...unsavedReasons(recreation, options),
    ...(await permissionReasons(link, name)),
    ...roomReasons(recreation),
  ];
  return {
    problems: reasons.map((reason) => ({ property: "onRefusedChange", reason })),
    warnings: [
      recreationNote(recreation),
      ...consumersSetBack(info, recreation.consumers, version),
    ],
    losses: consumedLoss(recreation),
  };
}

function unsavedReasons(recreation: Recreation, { allowDataLoss }: ChangeOptions): string[] {
  const lost = allowDataLoss === true ? [] : unsavedConsumers(recreation);
  return lost.length === 0
    ? []
    : [
        `'onRefusedChange' is "backupAndRecreate": ${lost.length === 1 ? "the durable consumer" : "the durable consumers"} ${lost.join(", ")} would not come back, being in memory or on one server only; set allowDataLoss: true to let ${lost.length === 1 ? "it" : "them"} go, or delete ${lost.length === 1 ? "it" : "them"} first`,
      ];
}

/** Asks for what a snapshot and a restore ask for, so wrongly that nothing is done but refuse it. */
async function permissionReasons(link: ClusterLink, stream: string): Promise<string[]> {
  const reasons: string[] = [];
  for (const request of ["SNAPSHOT", "RESTORE"]) {
    try {
      await link.ask(`$JS.API.STREAM.${request}.${stream}`, undefined, ASK_TIMEOUT);
    } catch (error) {
      if (error instanceof UserError) {
        reasons.push(
          `'onRefusedChange' is "backupAndRecreate": ${error.message.replace(/\.$/, "")}; a backup needs '$JS.API.STREAM.SNAPSHOT.*', '$JS.SNAPSHOT.ACK.>', '$JS.API.STREAM.RESTORE.*' and '$JS.SNAPSHOT.RESTORE.>', which is to read every message`,
        );
      } else if (!(error instanceof ApiError)) {
        throw error;
      }
    }
  }
  return reasons.slice(0, 1);
}

/** A backup is compressed, so this is the most that it can take. */
function roomReasons({ folder, contents }: Recreation): string[] {
  let there = resolve(folder);
  while (!existsSync(there)) {
    there = dirname(there);
  }
  const { bavail, bsize } = statfsSync(there, { bigint: true });
  const free = bavail * bsize;
  return free >= BigInt(contents.bytes)
    ? []
    : [
        `'backupDirectory' has ${formatSize(free)} free, and the backup may take ${formatSize(BigInt(contents.bytes))}; make room, or use another folder`,
      ];
}
