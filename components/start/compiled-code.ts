import { existsSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";

/** What Node has for it from 22.10 on. */
interface Cache {
  enableCompileCache?: (folder: string) => unknown;
  flushCompileCache?: () => void;
}

/** When what was compiled is kept: a provider has answered its first calls by then, and lives on. */
const KEPT_AFTER = 1500;

/**
 * Has Node keep what it compiles, for the next process, beside the packages of a project; where it
 * cannot be written, nothing is kept. A cache of the user's own (`NODE_COMPILE_CACHE`) is used
 * instead.
 *
 * @param candidates - folders of packages of which the first that holds Pulumi is the project's
 */
export function keepCompiledCode(candidates: readonly string[]): void {
  const node = Module as Cache;
  const folder = candidates.find((one) => existsSync(join(one, "@pulumi", "pulumi")));
  if (folder === undefined || node.enableCompileCache === undefined) {
    return;
  }
  node.enableCompileCache(join(folder, ".cache", "tfdc-nats", "compiled"));
  // Pulumi ends a provider by a signal, of which Node keeps nothing.
  setTimeout(() => node.flushCompileCache?.(), KEPT_AFTER).unref();
}
