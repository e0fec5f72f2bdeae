import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { extract } from "tar";
import { cacheFolder } from "./cache";
import { fetchVerified } from "./download";
import { onceIn } from "./once";
import { mustRun, versionOf } from "./processes";
import { PROMETHEUS_VERSION, prometheusFits } from "./versions";
import { firstThatWorks } from "./ways";

const PROGRAMS = ["prometheus", "promtool"] as const;
const RELEASES = "https://github.com/prometheus/prometheus/releases/download";

/** Has prometheus and promtool on this machine, and returns the folder they are in. */
export async function ensurePrometheus(): Promise<string> {
  const onPath = await fittingOnPath();
  if (onPath !== undefined) {
    return onPath;
  }
  const folder = cacheFolder("prometheus", PROMETHEUS_VERSION);
  if (isComplete(folder)) {
    return folder;
  }
  await onceIn(folder, `Prometheus ${PROMETHEUS_VERSION}`, async () => {
    if (!isComplete(folder)) {
      await firstThatWorks(
        `Prometheus ${PROMETHEUS_VERSION}`,
        [
          { title: "downloading the release", attempt: () => fromRelease(folder) },
          { title: "unpacking the Debian package", attempt: () => fromDebian(folder) },
        ],
        `Reach github.com or Debian's packages, or put prometheus and promtool ${PROMETHEUS_VERSION} or newer on the PATH.`,
      );
    }
  });
  return folder;
}

async function fittingOnPath(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (isComplete(folder)) {
      const found = await versionOf(join(folder, "promtool"), "--version");
      if (found !== undefined && prometheusFits(found)) {
        return folder;
      }
    }
  }
  return undefined;
}

function isComplete(folder: string): boolean {
  return PROGRAMS.every((name) => existsSync(join(folder, name)));
}

async function fromRelease(folder: string): Promise<void> {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const name = `prometheus-${PROMETHEUS_VERSION}.${process.platform}-${arch}.tar.gz`;
  const base = `${RELEASES}/v${PROMETHEUS_VERSION}`;
  const archive = await fetchVerified(base, name, "sha256sums.txt");
  await unpackAside(folder, async (aside) => {
    const file = join(aside, name);
    await writeFile(file, archive);
    await extract({ file, cwd: aside, strip: 1 });
    return aside;
  });
}

/** The package is unpacked and not installed: installed, it would start a Prometheus at once. */
async function fromDebian(folder: string): Promise<void> {
  await unpackAside(folder, async (aside) => {
    const download = () => mustRun("apt-get", ["-q", "download", "prometheus"], { cwd: aside });
    await download().catch(async () => {
      // A machine that has just been made knows no package before its first update.
      await mustRun("apt-get", ["update", "-q"]);
      await download();
    });
    const [file = ""] = (await readdir(aside)).filter((name) => name.endsWith(".deb"));
    await mustRun("dpkg-deb", ["-x", file, "."], { cwd: aside });
    return join(aside, "usr", "bin");
  });
}

/** Unpacks in a folder beside the programs' own, and moves them when they are whole and new enough. */
async function unpackAside(
  folder: string,
  unpack: (aside: string) => Promise<string>,
): Promise<void> {
  const aside = await mkdtemp(`${folder}-`);
  try {
    const unpacked = await unpack(aside);
    const found = await versionOf(join(unpacked, "promtool"), "--version");
    if (found === undefined || !prometheusFits(found)) {
      throw new Error(`it is ${found ?? "no program for this machine"}`);
    }
    for (const name of PROGRAMS) {
      const moving = join(folder, `.${name}`);
      await copyFile(join(unpacked, name), moving);
      await rename(moving, join(folder, name));
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
