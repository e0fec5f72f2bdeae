import { existsSync, realpathSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { probe } from "./download";
import { goBuild } from "./go-build";
import { onceIn } from "./once";
import { mustRun, versionOf } from "./processes";
import { LANGUAGE_HOST_VERSION, PULUMI_VERSION, pulumiFits } from "./versions";
import { firstThatWorks } from "./ways";

const ROOT = join(__dirname, "..", "..");
/** What the installation script of the npm package reads: itself, and the release. */
const INSTALLER = "https://get.pulumi.com/install.sh";
const RELEASE = `https://github.com/pulumi/pulumi/releases/tag/v${PULUMI_VERSION}`;
const HOST = "pulumi-language-nodejs";
/** The host that is built, for which what is named as one stands. */
const BUILT_HOST = "language-host";
const SHIM = "pulumi-resource-pulumi-nodejs";
/** Starts the host that is built, which reads no options of Pulumi.yaml by itself. */
const HOST_START = join(__dirname, "language-host", HOST);

/** The folder in which the npm package `pulumi` keeps its command line, shared with its users. */
function versionFolder(): string {
  const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
  return join(home, "versions", PULUMI_VERSION);
}

/** Has the Pulumi command line with its Node.js host, and returns the folder they are in. */
export async function ensurePulumi(): Promise<string> {
  const onPath = await fittingOnPath();
  if (onPath !== undefined) {
    return onPath;
  }
  const folder = join(versionFolder(), "bin");
  if (isComplete(folder)) {
    await keepStart(folder);
    return folder;
  }
  await onceIn(versionFolder(), `Pulumi ${PULUMI_VERSION}`, async () => {
    if (isComplete(folder)) {
      return;
    }
    await firstThatWorks(
      `Pulumi ${PULUMI_VERSION}`,
      [
        { title: "downloading the release", attempt: () => fromRelease(folder) },
        { title: "building it with Go, which takes minutes once", attempt: () => build(folder) },
      ],
      `Reach get.pulumi.com and github.com or a Go module proxy (with Go installed), or install Pulumi ${PULUMI_VERSION} or newer on the PATH.`,
    );
  });
  return folder;
}

/**
 * Pulumi on the PATH, where it is new enough and its language host stands beside it. The npm
 * package of that name is a launcher with no host beside it, and asking it would download.
 */
async function fittingOnPath(): Promise<string | undefined> {
  for (const entry of (process.env.PATH ?? "").split(delimiter)) {
    const program = join(entry, "pulumi");
    const folder = existsSync(program) ? dirname(realpathSync(program)) : entry;
    if (existsSync(program) && isComplete(folder)) {
      const found = await versionOf(program, "version");
      if (found !== undefined && pulumiFits(found)) {
        return folder;
      }
    }
  }
  return undefined;
}

function isComplete(folder: string): boolean {
  return ["pulumi", HOST, SHIM].every((name) => existsSync(join(folder, name)));
}

/** What starts a host that was built is of this checkout, which may be newer than what built it. */
async function keepStart(folder: string): Promise<void> {
  const isBuilt = existsSync(join(folder, BUILT_HOST));
  if (isBuilt && !(await readFile(HOST_START)).equals(await readFile(join(folder, HOST)))) {
    await copyProgram(HOST_START, join(folder, HOST));
  }
}

async function fromRelease(folder: string): Promise<void> {
  await probe(INSTALLER);
  await probe(RELEASE);
  // The npm package installs the release on first use, file by file: into a folder aside.
  const aside = await mkdtemp(`${versionFolder()}-`);
  try {
    const env = { ...process.env, PULUMI_HOME: aside, PULUMI_VERSION };
    const launcher = join(ROOT, "node_modules", "pulumi", "run.js");
    await mustRun(process.execPath, [launcher, "version"], { env });
    const installed = join(aside, "versions", PULUMI_VERSION, "bin");
    if (!isComplete(installed)) {
      throw new Error("the release came without its Node.js host");
    }
    await rm(folder, { recursive: true, force: true });
    await rename(installed, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function build(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await buildInto(folder, BUILT_HOST, {
    module: "github.com/pulumi/pulumi/sdk/v3",
    package: "/nodejs/cmd/pulumi-language-nodejs",
    version: LANGUAGE_HOST_VERSION,
  });
  await buildInto(folder, "pulumi", {
    module: "github.com/pulumi/pulumi/pkg/v3",
    package: "/cmd/pulumi",
    version: PULUMI_VERSION,
    ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`,
  });
  await copyProgram(join(ROOT, "node_modules", "@pulumi", "pulumi", SHIM), join(folder, SHIM));
  await copyProgram(HOST_START, join(folder, HOST));
}

async function copyProgram(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, 0o755);
}

async function buildInto(
  folder: string,
  name: string,
  program: Parameters<typeof goBuild>[0],
): Promise<void> {
  // What an interrupted run has built stays built.
  if (!existsSync(join(folder, name))) {
    await goBuild(program, join(folder, name));
  }
}
