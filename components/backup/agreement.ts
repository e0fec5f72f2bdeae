import type { StreamState } from "./answers";
import type { Inspection } from "./archive/inspect";
import { archivedMessages } from "./manifest";

/**
 * What is wrong between the state that a server told when the snapshot began, and the records that
 * came. A stream that is written to meanwhile may have lost its oldest messages and gained new ones,
 * and never lost its newest.
 */
export function disagreements(state: StreamState, inspection: Inspection): string[] {
  const { live } = inspection.records;
  const found = archivedMessages(inspection, state);
  const lastFound = live.last ?? 0;
  const problems: string[] = [];
  if (state.messages > 0 && lastFound < state.last_seq && isShort()) {
    problems.push(
      `messages are missing at its end: the stream went up to sequence ${state.last_seq}, the archive to ${lastFound}`,
    );
  } else if (found.messages < state.messages && lastFound <= state.last_seq) {
    problems.push(
      `messages are missing: the stream held ${state.messages}, the archive holds ${found.messages}`,
    );
  }
  const { consumers } = inspection;
  if (consumers.length > 0 && consumers.length > state.consumer_count) {
    problems.push(
      `it holds ${consumers.length} consumers, and the stream had ${state.consumer_count}`,
    );
  }
  return problems;

  /** The newest messages of a stream may have been deleted before, which leaves no record. */
  function isShort(): boolean {
    return found.messages < state.messages;
  }
}
