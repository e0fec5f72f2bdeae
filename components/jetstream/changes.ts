import { STREAM_FIELDS, type StreamSettings } from "./stream-fields";
import { type Difference, differences } from "./stream-settings";
import type { UpdateMeaning } from "./update-rules";
import { isOlder } from "./versions";

/** One change that an update would make to a running stream. */
export interface Change extends Difference {
  readonly meaning: UpdateMeaning;
  /** The server's own words, where it refuses. */
  readonly refusal?: string;
  /** What would have it take the change, where something would. */
  readonly remedy?: string;
}

/**
 * With what a sealed stream takes no update at all, in the server's words: a seal switches off what these
 * switch on, and each update is judged as if the user had asked for both.
 */
const AGAINST_A_SEAL = [
  {
    isUsed: ({ allowMsgSchedules }: StreamSettings) => allowMsgSchedules === true,
    words: { refusal: "message scheduling cannot use discard new" },
  },
  {
    isUsed: ({ subjectDeleteMarkerTtl: marker = "none" }: StreamSettings) => marker !== "none",
    words: {
      refusal: "stream configuration update can not cancel deny purge",
      remedy:
        "replace subjectDeleteMarkerTtl, with which a sealed stream takes no update, by allowMsgTtl: true",
    },
  },
] as const;

/** What an update from the live settings to the declared ones means, change by change. */
export function changesBetween(
  live: StreamSettings,
  declared: StreamSettings,
  serverVersion: string,
): Change[] {
  const rows = new Map(STREAM_FIELDS.map((field) => [field.name, field]));
  const sealed =
    live.sealed === true && declared.sealed === true
      ? AGAINST_A_SEAL.find(({ isUsed }) => isUsed(declared))
      : undefined;
  return differences(live, declared).flatMap((difference): Change[] => {
    const field = rows.get(difference.property);
    if (field === undefined) {
      return [];
    }
    const meaning = field.onUpdate(difference.live, difference.declared, serverVersion);
    if (sealed !== undefined && !(meaning === "refused" && field.refusal !== undefined)) {
      return [{ ...difference, meaning: "refused", ...sealed.words }];
    }
    const { refusal } = field;
    return [{ ...difference, meaning, ...(refusal === undefined ? {} : { refusal }) }];
  });
}

/** The changes that no update can make. A name is none of them: another name is another stream. */
export function refusedChanges(changes: readonly Change[]): Change[] {
  return withoutImplied(unmakeableChanges(changes));
}

/** The same, and those that another one of them implies. */
export function unmakeableChanges(changes: readonly Change[]): Change[] {
  return changes.filter(({ meaning, refusal }) => meaning === "refused" && refusal !== undefined);
}

/** The changes that a server takes, and that mean nothing to a stream that exists: `firstSeq`. */
export function idleChanges(changes: readonly Change[]): Change[] {
  return changes.filter(
    ({ meaning, refusal, property }) =>
      meaning === "refused" && refusal === undefined && property !== "name",
  );
}

/** From here on a stream that moves takes no other retention with it. */
const MOVES_ALONE = "2.15.0";

/**
 * The properties that no single update may change together: a server refuses one that moves a stream
 * and changes the number of its replicas, or since 2.15 its retention. Leaving a placement out moves
 * nothing. None where one update does.
 */
export function apartFromMove(
  live: StreamSettings,
  declared: StreamSettings,
  serverVersion: string,
): string[] {
  const changed = differences(live, declared).map(({ property }) => property);
  const apart = ["replicas", ...(isOlder(serverVersion, MOVES_ALONE) ? [] : ["retention"])];
  return declared.placement !== undefined && changed.includes("placement")
    ? apart.filter((property) => changed.includes(property))
    : [];
}

/**
 * The settings of an update in between, where one update is not enough. Fewer replicas are easier to
 * move, and more of them are best made where they are to be.
 */
export function stepBetween(
  live: StreamSettings,
  declared: StreamSettings,
  serverVersion: string,
): StreamSettings | undefined {
  const apart = apartFromMove(live, declared, serverVersion);
  if (apart.length === 0) {
    return undefined;
  }
  return Number(declared.replicas) > Number(live.replicas)
    ? { ...declared, ...Object.fromEntries(apart.map((property) => [property, live[property]])) }
    : { ...declared, placement: live.placement };
}

/** The changes that no later update can take back. */
export function irreversibleChanges(changes: readonly Change[]): Change[] {
  return withoutImplied(changes.filter(({ meaning }) => meaning === "one-way"));
}

/** A seal denies deletes and purges by itself: then it alone is to be answered for. */
function withoutImplied(changes: readonly Change[]): Change[] {
  const isSealed = changes.some(({ property }) => property === "sealed");
  return changes.filter(({ property }) => !isSealed || !/^deny(Delete|Purge)$/.test(property));
}
