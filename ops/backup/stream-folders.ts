import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ARCHIVES } from "@tfdc/pulumi-nats/internal/backup/archive/formats";
import { archivesIn, FILES } from "@tfdc/pulumi-nats/internal/backup/layout";
import { UsageError } from "../usage-error";

/** The folders of streams in a backup: the folder itself, or all of those in it. */
export function streamFolders(path: string): string[] {
  if (!existsSync(path)) {
    throw new UsageError(`there is no backup at ${path}.`);
  }
  if (/\.partial-\d+$/.test(basename(path))) {
    throw new UsageError(`${path} was not completed: it is no backup.`);
  }
  const isStream = (folder: string) =>
    archivesIn(folder).length > 0 ||
    Object.values(FILES).some((name) => existsSync(join(folder, name)));
  if (isStream(path)) {
    return [path];
  }
  const folders = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))
    .sort();
  if (folders.length === 0) {
    throw new UsageError(
      `${path} holds no backup: neither ${FILES.description} and ${ARCHIVES.tar} (${ARCHIVES.arc} of nats-server 2.15), nor folders that do.`,
    );
  }
  return folders;
}
