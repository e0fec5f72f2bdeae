import type { HeldStream, Observation } from "../observe/observation";

/** What a server has for streams on disk. */
export interface ServerStorage {
  readonly server: string;
  readonly used: number;
  readonly reserved: number;
  readonly most: number;
}

/** What a stream takes of it, on each server that holds it. */
export interface StreamStorage {
  readonly stream: string;
  readonly bytes: number;
  readonly messages: number;
  /** `max_bytes`; nothing where it has no limit. */
  readonly limit?: number;
  /** What its limits do when they are reached. */
  readonly discard: string;
  readonly oldest?: string;
}

export function serverStorage({ servers }: Observation): ServerStorage[] {
  return servers
    .filter(({ jsz }) => jsz !== undefined)
    .map(({ name, jsz }) => ({
      server: name,
      used: jsz?.storage ?? 0,
      reserved: jsz?.reserved_storage ?? 0,
      most: jsz?.config?.max_storage ?? 0,
    }));
}

/** The streams on disk, the largest first. */
export function streamStorage(streams: readonly HeldStream[]): StreamStorage[] {
  return streams
    .filter(({ config }) => config?.storage !== "memory")
    .map(({ name, state, config = {} }) => ({
      stream: name,
      bytes: state.bytes,
      messages: state.messages,
      ...(Number(config.max_bytes) > 0 ? { limit: Number(config.max_bytes) } : {}),
      discard: String(config.discard ?? "old"),
      ...(state.messages > 0 && state.first_ts !== undefined ? { oldest: state.first_ts } : {}),
    }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** What is wrong with it, with the streams that would give room. */
export function storageAdvice(
  cluster: string,
  streams: readonly StreamStorage[],
): string | undefined {
  const [largest] = streams;
  return largest === undefined || largest.messages === 0
    ? undefined
    : `${largest.stream} takes the most; make room with: tfdc-nats purge ${cluster} ${largest.stream} --keep ${Math.floor(largest.messages / 2)}`;
}
