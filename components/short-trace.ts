import { sep } from "node:path";
import { isOfPromise, traceOf } from "./start/promise-traces";

/** The frames of a constructor's way to Pulumi's own, which Pulumi leaves out by their number. */
const PULUMIS_OWN = 5;
/** What stands for each of them: where they are is nowhere shown, and takes long to find out. */
const OWN = Array.from({ length: PULUMIS_OWN }, () => "    at Pulumi");

const HERE = __dirname + sep;

let isShortening = false;

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
  if (isShortening) {
    return () => {};
  }
  isShortening = true;
  const previous = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, sites) => {
    if (isOfPromise(sites)) {
      return String(error);
    }
    // Only for what it keeps with the resource does Pulumi ask for the stack without a limit.
    if (Number.isFinite(Error.stackTraceLimit)) {
      return traceOf(error, sites, previous);
    }
    const callers = sites.slice(PULUMIS_OWN);
    const asking = callers.find((site) => site.getFileName()?.startsWith(HERE) === false);
    const kept = asking === undefined ? "" : String(traceOf(error, [asking], previous));
    return [String(error), ...OWN, ...kept.split("\n").slice(1)].join("\n");
  };
  return () => {
    isShortening = false;
    Error.prepareStackTrace = previous;
  };
}

/** Does work that makes resources, with what Pulumi keeps of their call stacks shortened. */
export function withShortTraces<T>(work: () => T): T {
  const restore = shortenTraces();
  try {
    return work();
  } finally {
    restore();
  }
}
