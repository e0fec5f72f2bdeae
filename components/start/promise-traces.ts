import { OF_PULUMI } from "./of-pulumi";

type Prepare = ((error: Error, sites: NodeJS.CallSite[]) => unknown) | undefined;

/** Whether a stack is one that Pulumi notes for a promise, in case it is never settled. */
export function isOfPromise([first]: readonly NodeJS.CallSite[]): boolean {
  return (
    first?.getFunctionName() === "debuggablePromise" && OF_PULUMI.test(first.getFileName() ?? "")
  );
}

/** A stack as text, as it would be without us. */
export function traceOf(error: Error, sites: NodeJS.CallSite[], previous: Prepare): unknown {
  return previous === undefined
    ? [String(error), ...sites.map((site) => `    at ${site}`)].join("\n")
    : previous(error, sites);
}

/**
 * Has Pulumi's promises noted without a stack in all of a program: it prints them only where
 * PULUMI_DEBUG_PROMISE_LEAKS asks for it, and to find their lines in the sources is a tenth of a
 * small program's time. What finds those lines may be set before or afterwards, or for a while.
 */
export function leaveOutTracesOfPromises(): void {
  if (process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
    return;
  }
  let current = withoutPromises(Error.prepareStackTrace);
  Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    enumerable: true,
    get: () => current,
    // Whoever sets another one for a while puts back what it has read.
    set: (one: Prepare) => {
      current = isOurs(one) ? one : withoutPromises(one);
    },
  });
}

const OURS = new WeakSet<NonNullable<Prepare>>();

function isOurs(one: Prepare): one is NonNullable<Prepare> {
  return one !== undefined && OURS.has(one);
}

function withoutPromises(previous: Prepare): NonNullable<Prepare> {
  const one: Prepare = (error, sites) =>
    isOfPromise(sites) ? String(error) : traceOf(error, sites, previous);
  OURS.add(one);
  return one;
}
