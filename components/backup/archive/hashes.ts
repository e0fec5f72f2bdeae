import { createHash } from "node:crypto";

/** HighwayHash as nats-server sums up what it stores, keyed by the name of what is stored. */
export type KeyedHash = (...parts: readonly Uint8Array[]) => Buffer;

// The compiled variant takes a fifth of the native one's time for short records.
const load = async () => (await import("highwayhasher")).WasmHighwayHash.loadModule();

let creator: ReturnType<typeof load> | undefined;

/** The hash for one name: of a stream, `stream/consumer`, or `stream-block`. */
export async function hashFor(name: string): Promise<KeyedHash> {
  creator ??= load();
  const hashes = await creator;
  const key = createHash("sha256").update(name).digest();
  return (...parts) => {
    const hash = hashes.create(key);
    for (const part of parts) {
      hash.append(part);
    }
    return Buffer.from(hash.finalize64());
  };
}
