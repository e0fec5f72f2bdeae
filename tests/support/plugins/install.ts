import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import type { PulumiProject } from "../pulumi-project";

const ROOT = resolve(__dirname, "../../..");
const PLUGINS = ["kubernetes", "command"] as const;

/**
 * Has Pulumi's Kubernetes and Command plugins for the project of a test: the real ones where they
 * are on the PATH or in the plugin cache of this machine, and stand-ins of ours otherwise.
 *
 * @returns which of the plugins are stand-ins
 */
export function installPlugins({
  directory,
  env,
}: Pick<PulumiProject, "directory" | "env">): readonly string[] {
  const machine = join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
  const cache = join(env.PULUMI_HOME ?? join(directory, "home"), "plugins");
  mkdirSync(cache, { recursive: true });
  for (const entry of PLUGINS.flatMap((name) => cached(machine, name))) {
    symlinkSync(join(machine, entry), join(cache, entry));
  }
  const standIns = PLUGINS.filter((name) => !isOnPath(name) && cached(machine, name).length === 0);
  const folder = join(directory, "stand-ins");
  mkdirSync(folder);
  for (const name of standIns) {
    const path = join(folder, `pulumi-resource-${name}`);
    writeFileSync(path, launcher(bundled(name)), { mode: 0o755 });
  }
  env.PATH = [folder, env.PATH].join(delimiter);
  return standIns;
}

const bundles = new Map<string, string>();

/**
 * A stand-in as one file, made once in each run. Every command of Pulumi starts it, and to load the
 * thousand files of a Kubernetes client one by one takes longer than most of what is tested.
 */
function bundled(name: (typeof PLUGINS)[number]): string {
  const known = bundles.get(name);
  if (known !== undefined) {
    return known;
  }
  const outfile = join(ROOT, "node_modules", ".cache", "tfdc-nats", "stand-ins", `${name}.js`);
  buildSync({
    entryPoints: [join(__dirname, `${name}-provider.ts`)],
    bundle: true,
    platform: "node",
    outfile,
    logLevel: "error",
  });
  bundles.set(name, outfile);
  return outfile;
}

function launcher(provider: string): string {
  return `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(provider)} "$@"\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function isOnPath(name: string): boolean {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, `pulumi-resource-${name}`)));
}

/** The folders of a plugin in a cache: `resource-kubernetes-v4.34.2`. */
function cached(plugins: string, name: string): string[] {
  const entries = existsSync(plugins) ? readdirSync(plugins) : [];
  return entries.filter((entry) => new RegExp(`^resource-${name}-v\\d`).test(entry));
}
