import { chmod, lstat, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { extract } from "tar";
import { cachedServerProgram } from "../../components/provider/local-server/server-process";
import { fetchVerified } from "./download";
import { goBuild } from "./go-build";
import { onceIn } from "./once";
import { mustRun, versionOf } from "./processes";
import { serverFits } from "./versions";
import { firstThatWorks } from "./ways";

const RELEASES = "https://github.com/nats-io/nats-server/releases/download";

/** Has nats-server of a version on this machine, and returns where it is. */
export async function ensureNatsServer(version: string): Promise<string> {
  const target = cachedServerProgram(version);
  if (await isThere(target, version)) {
    return target;
  }
  await onceIn(dirname(target), `nats-server ${version}`, async () => {
    if (!(await isThere(target, version))) {
      await firstThatWorks(
        `nats-server ${version}`,
        [
          { title: "looking for it on the PATH", attempt: () => fromPath(version, target) },
          { title: "downloading the release", attempt: () => fromRelease(version, target) },
          { title: "building it with Go", attempt: () => fromSource(version, target) },
        ],
        `Reach github.com or a Go module proxy (with Go installed), or put nats-server ${version} on the PATH or at ${target}.`,
      );
    }
  });
  return target;
}

async function isThere(target: string, version: string): Promise<boolean> {
  try {
    const isLink = (await lstat(target)).isSymbolicLink();
    // A link leads to the PATH's program, which may have been upgraded or removed since.
    return !isLink || serverFits((await versionOf(target, "--version")) ?? "0", version);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return false;
    }
    throw error;
  }
}

async function fromPath(version: string, target: string): Promise<void> {
  const found = await versionOf("nats-server", "--version");
  if (found === undefined) {
    throw new Error("there is none");
  }
  if (!serverFits(found, version)) {
    throw new Error(`the one there is ${found}`);
  }
  const path = (await mustRun("sh", ["-c", "command -v nats-server"])).trim();
  const link = await mkdtemp(`${target}-`);
  try {
    await symlink(path, join(link, "nats-server"));
    await rename(join(link, "nats-server"), target);
  } finally {
    await rm(link, { recursive: true, force: true });
  }
}

async function fromRelease(version: string, target: string): Promise<void> {
  const name = `nats-server-v${version}-${process.platform}-${architecture()}`;
  const archive = await fetchVerified(`${RELEASES}/v${version}`, `${name}.tar.gz`, "SHA256SUMS");
  const folder = await mkdtemp(`${target}-`);
  try {
    const file = join(folder, "release.tar.gz");
    await writeFile(file, archive);
    await extract({ file, cwd: folder, strip: 1 });
    await chmod(join(folder, "nats-server"), 0o755);
    await rename(join(folder, "nats-server"), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fromSource(version: string, target: string): Promise<void> {
  await goBuild({ module: "github.com/nats-io/nats-server/v2", package: "", version }, target);
}

function architecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}
