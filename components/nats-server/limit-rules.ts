import { type Problem, problem } from "../jetstream/problems";
import { formatSize, parseDuration, parseSize } from "../jetstream/units";

/** The limits of a server as they are declared, whatever runs it. */
export interface DeclaredLimits {
  readonly maxFileStore: string;
  readonly maxMemoryStore: string;
  readonly maxPayload: string;
  readonly maxPending: string;
  readonly maxConnections: number;
  readonly maxSubscriptions: number;
  readonly writeDeadline: string;
  readonly pingInterval: string;
}

const SIZES = ["maxFileStore", "maxMemoryStore", "maxPayload", "maxPending"] as const;
const DURATIONS = ["writeDeadline", "pingInterval"] as const;
const COUNTS = ["maxConnections", "maxSubscriptions"] as const;

/** Everything that is wrong with the limits of a server. */
export function limitProblems(limits: DeclaredLimits): Problem[] {
  return [
    ...SIZES.filter((property) => !(parseSize(limits[property]) ?? 0n)).map((property) =>
      problem(property, limits[property], "it must be a size", 'use "10MiB" or the like'),
    ),
    ...DURATIONS.flatMap((property) => durationProblems(property, limits[property])),
    ...COUNTS.filter(
      (property) => !(Number.isInteger(limits[property]) && limits[property] > 0),
    ).map((property) =>
      problem(property, limits[property], "it must be a whole number from 1", "use 10000"),
    ),
    ...payloadProblems(limits),
  ];
}

/** A duration of nothing is none. */
export function durationProblems(property: string, value: string): Problem[] {
  return (parseDuration(value) ?? 0n)
    ? []
    : [problem(property, value, "it must be a duration", 'use "10s" or the like')];
}

/** The server refuses to start with a message that may not wait for anybody. */
function payloadProblems({ maxPayload, maxPending }: DeclaredLimits): Problem[] {
  const [payload, pending] = [parseSize(maxPayload), parseSize(maxPending)];
  return payload === undefined || pending === undefined || payload <= pending
    ? []
    : [
        problem(
          "maxPayload",
          maxPayload,
          `a message must fit what may wait for a client (maxPending, ${formatSize(pending)})`,
          `use ${formatSize(pending)} or less`,
        ),
      ];
}
