import type { StreamSettings } from "./stream-fields";
import { type Difference, differences, fromWire } from "./stream-settings";

/** A stream as one server holds it. */
export interface HeldStream {
  readonly name: string;
  /** When the stream was made, which all its replicas say alike. */
  readonly created: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What one server holds, of all its accounts. */
export interface ServerStreams {
  readonly server: string;
  readonly streams: readonly HeldStream[];
}

/** A server that holds something else than the leader of a stream says. */
export interface Disagreement {
  readonly server: string;
  /** What it has otherwise; `undefined` where it does not have the stream at all. */
  readonly differences: readonly Difference[] | undefined;
}

/** The servers of a stream as its leader names them; none for a server on its own. */
export function replicaServers(
  cluster:
    | { readonly leader?: string; readonly replicas?: readonly { readonly name: string }[] }
    | undefined,
): string[] {
  return [cluster?.leader, ...(cluster?.replicas ?? []).map(({ name }) => name)].filter(
    (name): name is string => name !== undefined && name !== "",
  );
}

/**
 * Which of a stream's servers hold something else than it is meant to be. The time of its creation
 * tells it from streams of other accounts that have the same name. A server that has restored or
 * recovered a stream may say another time, so one that is all that was written counts as well.
 *
 * @param servers - those of the stream; the answers of others do not count
 */
export function disagreements(
  declared: StreamSettings,
  created: string,
  servers: readonly string[],
  answers: readonly ServerStreams[],
): Disagreement[] {
  return answers
    .filter(({ server }) => servers.includes(server))
    .flatMap(({ server, streams }): Disagreement[] => {
      const namesakes = streams.filter(({ name }) => name === declared.name);
      if (namesakes.some((one) => against(one, declared).length === 0)) {
        return [];
      }
      const held = namesakes.find((one) => isSame(one, created));
      return [{ server, differences: held === undefined ? undefined : against(held, declared) }];
    })
    .sort((left, right) => (left.server < right.server ? -1 : 1));
}

function against({ config }: HeldStream, declared: StreamSettings): readonly Difference[] {
  return config === undefined ? [] : differences(fromWire(config), declared);
}

function isSame(held: HeldStream, created: string): boolean {
  return held.created === created || Date.parse(held.created) === Date.parse(created);
}
