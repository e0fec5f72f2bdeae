import { sep } from "node:path";

/** The frames of a constructor's way to Pulumi's own, which Pulumi leaves out by their number. */
const PULUMIS_OWN = 5;

const HERE = __dirname + sep;

/**
 * Shortens what Pulumi keeps of the call stack with each resource, until the returned function is
 * called: to the line of the program that asked for it. The whole stack, with paths inside this
 * package and inside Pulumi, is 500 bytes of state for each stream, and names no line of the user's
 * first.
 *
 * Pulumi also writes down a stack for each promise that it makes, thirty for each stream, in case
 * one is never settled. Finding their lines in the sources was a quarter of the program's time, so
 * those get no frames.
 */
export function shortenTraces(): () => void {
  const previous = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, sites) => {
    // Only for what it keeps with the resource does Pulumi ask for the stack without a limit.
    if (Number.isFinite(Error.stackTraceLimit)) {
      return String(error);
    }
    const callers = sites.slice(PULUMIS_OWN);
    const asking = callers.find((site) => site.getFileName()?.startsWith(HERE) === false);
    const kept = [...sites.slice(0, PULUMIS_OWN), ...(asking === undefined ? [] : [asking])];
    return previous === undefined
      ? [String(error), ...kept.map((site) => `    at ${site}`)].join("\n")
      : previous(error, kept);
  };
  return () => {
    Error.prepareStackTrace = previous;
  };
}
