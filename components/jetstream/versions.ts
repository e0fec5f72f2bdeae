/** Reads the numbers of a server's version: `"2.12.8-fips"` → `[2, 12, 8]`. */
function numbers(version: string): readonly number[] {
  return (/\d+(\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
}

/** Whether a server of `version` is older than `other`. */
export function isOlder(version: string, other: string): boolean {
  const [left, right] = [numbers(version), numbers(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return false;
}

/** A range of versions that lose streams when servers are killed. */
interface Loss {
  readonly from: string;
  /** The first version without it. */
  readonly before: string;
  /** What such a server does: the predicate of a sentence. */
  readonly words: string;
  readonly remedy: string;
}

const UPDATED =
  "forgets a stream that was updated in the minute before it is killed, and deletes it half a minute after its start: its replica, or all there is where all servers are killed (nats-server#7540, fixed in 2.12.3)";

const LOSSES: readonly Loss[] = [
  {
    from: "2.10.20",
    before: "2.10.23",
    words: "can lose a whole stream when servers are killed (nats-server#6888, fixed in 2.10.23)",
    remedy: "use 2.10.29",
  },
  {
    from: "2.11.10",
    before: "2.12.0",
    words: UPDATED,
    remedy: "use 2.12.3 or newer, or 2.10.29",
  },
  { from: "2.12.1", before: "2.12.3", words: UPDATED, remedy: "use 2.12.3 or newer" },
];

/**
 * How a server of this version loses streams when servers are killed, even with three replicas;
 * `undefined` where none is known.
 *
 * @see https://github.com/nats-io/nats-server/issues/6888
 * @see https://github.com/nats-io/nats-server/pull/7540
 */
export function lossOnKill(version: string): Pick<Loss, "words" | "remedy"> | undefined {
  return LOSSES.find(({ from, before }) => !isOlder(version, from) && isOlder(version, before));
}

/**
 * Whether a server of this version may be mute after its start: what sends for its meta group and its
 * streams asks for the system account before that is noted, and has none for good. Read in 2.10.29;
 * 2.10.22 waits for it, and 2.11 hands it over. On a busy machine one of ten starts is, and none where
 * the server has one processor.
 */
export function mayStartMute(version: string): boolean {
  return !isOlder(version, "2.10.23") && isOlder(version, "2.11.0");
}
