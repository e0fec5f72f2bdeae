import { UserError } from "@tfdc/pulumi-nats/internal/user-error";

/** The user ended the command; what it has begun is cleaned up first. */
export class Interrupted extends UserError {
  constructor(what: string) {
    super(`${what} was interrupted; nothing of it is left.`);
    this.name = "Interrupted";
  }
}

/**
 * Runs work that a first Ctrl-C ends in order. A second one ends the process at once.
 *
 * @param what - as the message calls it: `the backup of blue`
 */
export async function interruptible<T>(
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const onSignal = () => {
    process.stderr.write("\nInterrupted: cleaning up ...\n");
    abort.abort(new Interrupted(what));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, onSignal);
  }
  try {
    return await work(abort.signal);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
