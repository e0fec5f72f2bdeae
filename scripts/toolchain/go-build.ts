import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOlder } from "../../components/jetstream/versions";
import { mustRun, versionOf } from "./processes";
import { OLDEST_GO } from "./versions";

/** What to build: a package of a module at a version. */
export interface GoProgram {
  readonly module: string;
  readonly package: string;
  readonly version: string;
  readonly ldflags?: string;
  /**
   * Version under which the modules are published that the module's own go.mod replaces by folders
   * of its repository, as Kubernetes does; only a main module's replacements count to Go.
   */
  readonly replacedBy?: string;
}

/**
 * Builds a program from the Go module proxy; it is there whole or not at all. A go.mod of our own stands around it, because
 * `go install` refuses modules that carry replace lines.
 */
export async function goBuild(program: GoProgram, output: string): Promise<void> {
  await requireGo();
  const built = `${output}.${process.pid}`;
  const folder = await mkdtemp(join(tmpdir(), "tfdc-nats-build-"));
  try {
    const env = { ...process.env, GOFLAGS: "-mod=mod", CGO_ENABLED: "0" };
    const goMod = join(folder, "go.mod");
    await writeFile(goMod, `module build\n\ngo ${OLDEST_GO}\n${await replacements(program)}`);
    const target = `${program.module}${program.package}`;
    await mustRun("go", ["get", "-tool", `${target}@v${program.version}`], { cwd: folder, env });
    const ldflags = ["-s", "-w", program.ldflags ?? ""].join(" ").trim();
    const words = ["build", "-trimpath", "-ldflags", ldflags, "-o", built, target];
    await mustRun("go", words, { cwd: folder, env });
    await rename(built, output);
  } finally {
    await rm(built, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Builds a program whose source is a folder of ours and needs nothing but Go's own packages. */
export async function goBuildFolder(source: string, output: string): Promise<void> {
  await requireGo();
  const built = `${output}.${process.pid}`;
  try {
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
    const words = ["build", "-trimpath", "-ldflags", "-s -w", "-o", built, "."];
    await mustRun("go", words, { cwd: source, env });
    await rename(built, output);
  } finally {
    await rm(built, { force: true });
  }
}

/** The replace lines of a program's module, with published versions in place of its folders. */
async function replacements({ module, version, replacedBy }: GoProgram): Promise<string> {
  if (replacedBy === undefined) {
    return "";
  }
  const found = await mustRun("go", ["mod", "download", "-json", `${module}@v${version}`]);
  const { GoMod: path } = JSON.parse(found) as { GoMod: string };
  const lines = (await readFile(path, "utf8")).matchAll(/^\s*(\S+) => \.\//gm);
  return [...lines].map(([, name]) => `replace ${name} => ${name} v${replacedBy}\n`).join("");
}

async function requireGo(): Promise<void> {
  const found = await versionOf("go", "version");
  if (found === undefined) {
    throw new Error("Go is not installed");
  }
  if (isOlder(found, OLDEST_GO)) {
    throw new Error(`Go ${found} is too old, ${OLDEST_GO} or newer is needed`);
  }
}
