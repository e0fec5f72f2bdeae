import type { StreamState } from "./answers";
import type { Inspection } from "./archive/inspect";
import { archivedMessages } from "./manifest";

/**
 * What is wrong between the state that a server told when the snapshot began, and the records that
 * came. A stream that is written to meanwhile may have lost its oldest messages and gained new ones,
 * and never lost its newest.
 */
export function disagreements(
  state: StreamState,
  inspection: Inspection,
  config: Readonly<Record<string, unknown>> = {},
): string[] {
  if (inspection.format === "arc") {
    return entryDisagreements(state, inspection, config);
  }
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

/** Settings by which a stream loses messages while it is read, without anybody deleting them. */
const LIMITS = ["max_age", "max_bytes", "max_msgs", "max_msgs_per_subject"] as const;

function losesMessages(config: Readonly<Record<string, unknown>>): boolean {
  return (
    LIMITS.some((limit) => Number(config[limit] ?? 0) > 0) ||
    (config.retention ?? "limits") !== "limits" ||
    config.allow_msg_ttl === true
  );
}

/**
 * The same of an archive of messages. It holds none that came after its state, and a limit takes messages
 * away under the server's eyes while it writes; that none is lost otherwise is seen by its end.
 */
function entryDisagreements(
  state: StreamState,
  { state: saved, records, bytes }: Inspection,
  config: Readonly<Record<string, unknown>>,
): string[] {
  const names = ["messages", "bytes", "first_seq", "last_seq"] as const;
  const other = names.find((name) => saved !== undefined && saved[name] !== state[name]);
  if (other !== undefined) {
    return [
      `it is of a stream with ${other} ${saved?.[other]}, and the server told of one with ${state[other]}`,
    ];
  }
  const found = records.live.countIn(state.first_seq, state.last_seq);
  if (found > state.messages || (found < state.messages && !losesMessages(config))) {
    const wrong = found < state.messages ? "are missing" : "are too many";
    return [`messages ${wrong}: the stream held ${state.messages}, the archive holds ${found}`];
  }
  // In memory a message takes another number of bytes.
  const isFile = (config.storage ?? "file") === "file";
  return isFile && found === state.messages && bytes !== state.bytes
    ? [
        `the messages of the stream had ${state.bytes} bytes, and those of the archive have ${bytes}`,
      ]
    : [];
}
