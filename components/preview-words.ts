/**
 * What the warnings of a preview are about, for whoever sorts them: each is made and known again here.
 */

/** What is said of assets that are shown as new and could not be compared with what is there. */
const UNASKED =
  "This preview shows what is declared, and could compare nothing with what is there; the update will do that first.";

/** A loss of messages. */
export function lossWords(number: string, all: number): string {
  return `deletes ${number} of ${all} ${all === 1 ? "message" : "messages"} at once`;
}

/** Whether a warning says that messages go. */
export function tellsLoss(warning: string): boolean {
  return /\bdeletes (up to )?\d+ of \d+ messages? at once\b/.test(warning);
}

/** @param reason - why the cluster cannot be asked */
export function unaskedWords(reason: string): string {
  return `${reason}. ${UNASKED}`;
}

/** Why the cluster could not be asked, where a warning says that. */
export function reasonUnasked(warning: string): string | undefined {
  return warning.endsWith(`. ${UNASKED}`) ? warning.slice(0, -UNASKED.length - 2) : undefined;
}
