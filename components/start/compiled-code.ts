import { existsSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

/** What Node has for it from 22.10 on. */
interface Cache {
  enableCompileCache?: (folder: string) => unknown;
  flushCompileCache?: () => void;
}

/** How long a process is looked at, in milliseconds. */
const LOOK = 500;
/** Share of that time in which a process that is at rest does something, at most. */
const REST = 0.2;

/**
 * Has Node keep what it compiles, for the next process, beside the packages of a project; where it
 * cannot be written, nothing is kept. A cache of the user's own (`NODE_COMPILE_CACHE`) is used
 * instead.
 *
 * @param candidates - folders of packages of which the first that holds Pulumi is the project's
 * @param process - each has its own, for they call other functions, and what is never called is
 * not compiled
 */
export function keepCompiledCode(
  candidates: readonly string[],
  process: "program" | "provider",
): void {
  const node = Module as Cache;
  const folder = cacheFolder(candidates);
  if (folder === undefined || node.enableCompileCache === undefined) {
    return;
  }
  node.enableCompileCache(join(folder, process));
  if (process === "provider") {
    // Pulumi ends a provider by a signal, of which Node keeps nothing.
    atRest(() => node.flushCompileCache?.());
  }
}

/** Where what is made again at any time is kept for a project, beside its packages. */
function cacheFolder(candidates: readonly string[]): string | undefined {
  const folder = candidates.find((one) => existsSync(join(one, "@pulumi", "pulumi")));
  return folder && join(folder, ".cache", "tfdc-nats");
}

/** Calls once, at the first rest after the first work, and keeps no process alive for it. */
function atRest(call: () => void): void {
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization < REST) {
      clearInterval(timer);
      call();
    }
  }, LOOK).unref();
}
