import { existsSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { UserError } from "../../components/user-error";
import { step } from "../terminal/progress";
import { mustRun } from "./processes";

/** A program, and the Debian package that brings it. */
export interface DebianProgram {
  readonly program: string;
  readonly package: string;
  /** Folders in which it may be besides those of the PATH. */
  readonly folders?: readonly string[];
}

/** System programs are often missing from the PATH of a user who is root all the same. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
/** Debian asks this program whether an installed service may be started. */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

/** The path of a program on this machine. */
export function findProgram({ program, folders = [] }: DebianProgram): string | undefined {
  return [...folders, ...(process.env.PATH ?? "").split(delimiter), ...SYSTEM_FOLDERS]
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/**
 * Has programs that Debian packages bring, and installs the packages where they are missing.
 *
 * @param policy - the program that Debian asks before it starts a service; ours only in tests
 */
export async function ensureDebian(
  programs: readonly DebianProgram[],
  policy = SERVICE_POLICY,
): Promise<void> {
  const packages = [
    ...new Set(programs.filter((one) => !findProgram(one)).map((one) => one.package)),
  ];
  if (packages.length === 0) {
    return;
  }
  const names = packages.join(", ");
  if (findProgram({ program: "apt-get", package: "apt" }) === undefined) {
    throw new UserError(
      `the programs of the Debian packages ${names} are not on this machine, and it has no apt-get to install them with; install them by your system's means.`,
    );
  }
  try {
    await step(`Debian packages ${names}: installing with apt-get`, () =>
      install(packages, policy),
    );
  } catch (error) {
    throw new UserError(
      `the Debian packages ${names} could not be installed: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function install(packages: readonly string[], policy: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await mustRun("apt-get", ["update", "-q"], { env });
  // etcd and containerd are services, and the tests start their own: the system's stay stopped.
  const isOurs = !existsSync(policy);
  if (isOurs) {
    await writeFile(policy, "#!/bin/sh\nexit 101\n");
    await chmod(policy, 0o755);
  }
  try {
    await mustRun("apt-get", ["install", "-yq", "--no-install-recommends", ...packages], { env });
  } finally {
    if (isOurs) {
      await rm(policy, { force: true });
    }
  }
}
