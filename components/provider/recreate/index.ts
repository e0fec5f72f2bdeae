import { isPlainReplacement } from "../../backup/recreation";
import type { ConnectionArgs } from "../../connection-args";
import { type AssetKind, assetVersionProblems } from "../../jetstream/asset-kinds";
import { changesBetween, unmakeableChanges } from "../../jetstream/changes";
import { isForeign } from "../../jetstream/ownership";
import type { StreamSettings } from "../../jetstream/stream-fields";
import { UserError } from "../../user-error";
import { explained, label } from "../asset-messages";
import { announce, atWorkSubject } from "../at-work";
import { judgeUpdate } from "../change-guard";
import type { ChangeOptions } from "../change-options";
import { type ClusterLink, openConnection } from "../cluster-link";
import { contentsOf } from "../contents";
import { deleteStream, writtenStream } from "../live-streams";
import { settingsOf } from "./closing";
import { pendingRecreation } from "./pending";
import type { Work } from "./work";

/** Goes on with a recreation of this asset that an earlier run began, if there is one. */
export async function resumeRecreation(
  link: ClusterLink,
  connection: ConnectionArgs,
  kind: AssetKind,
  declared: StreamSettings,
  options: ChangeOptions,
): Promise<void> {
  const pending = pendingRecreation(link, String(declared.name), options);
  if (pending !== undefined) {
    await working(link, connection, kind, declared, options, async (work) => {
      const { resume } = await import("./recreate.js");
      await resume(work, pending);
    });
  }
}

/** Makes the changes of a live asset that no update could make, where the user wants that. */
export async function recreateWhereRefused(
  link: ClusterLink,
  connection: ConnectionArgs,
  kind: AssetKind,
  declared: StreamSettings,
  options: ChangeOptions,
): Promise<void> {
  await resumeRecreation(link, connection, kind, declared, options);
  const name = String(declared.name);
  const info =
    options.onRefusedChange === "backupAndRecreate" ? await writtenStream(link, name) : undefined;
  if (
    info === undefined ||
    isForeign(settingsOf(info).metadata, declared.metadata) ||
    assetVersionProblems(kind, declared, link.serverVersion).length > 0
  ) {
    // It is made, or the update refuses it.
    return;
  }
  const live = settingsOf(info);
  if (unmakeableChanges(changesBetween(live, declared, link.serverVersion)).length === 0) {
    return;
  }
  const { problems } = await judgeUpdate(link, kind, info, declared, options, true);
  if (problems.length > 0) {
    const reasons = problems.map(({ reason }) => reason).join(". ");
    throw new UserError(
      `the ${label(kind, declared)} of ${link.where} is not updated: ${reasons}.`,
    );
  }
  const contents = contentsOf(info);
  await (isPlainReplacement({ live, declared, contents })
    ? explained(link, kind, declared, "delete", () => deleteStream(link, name))
    : working(link, connection, kind, declared, options, async (work) => {
        const { recreate } = await import("./recreate.js");
        await recreate(work);
      }));
}

async function working(
  link: ClusterLink,
  connection: ConnectionArgs,
  kind: AssetKind,
  declared: StreamSettings,
  options: ChangeOptions,
  task: (work: Work) => Promise<void>,
): Promise<void> {
  const client = await openConnection(connection);
  try {
    const what = `a recreation of the ${label(kind, declared)}`;
    const { other, isHeard, end } = await announce(client, { kind: "recreation", what });
    if (other !== undefined || !isHeard) {
      throw new UserError(
        `the ${label(kind, declared)} of ${link.where} is not recreated: ${other === undefined ? notHeard(link) : `${other}; run 'pulumi up' again when it has ended`}. This run has changed nothing of it.`,
      );
    }
    await explained(link, kind, declared, "update", () =>
      task({ link, client, kind, declared, options }),
    ).finally(end);
  } finally {
    await client.close();
  }
}

function notHeard({ clusterName }: ClusterLink): string {
  return `its connection hears nothing of what it says on '${atWorkSubject(clusterName)}', where a roll, a backup or a restore would be seen; allow its user to publish and to subscribe there`;
}
