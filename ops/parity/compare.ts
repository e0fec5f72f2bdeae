import { BUCKET } from "@tfdc/pulumi-nats/internal/jetstream/asset-kinds";
import { BUCKET_PREFIX } from "@tfdc/pulumi-nats/internal/jetstream/names";
import { show } from "@tfdc/pulumi-nats/internal/jetstream/problems";
import { canonicalText, fromWire } from "@tfdc/pulumi-nats/internal/jetstream/stream-settings";
import { unknownSettings } from "@tfdc/pulumi-nats/internal/jetstream/unknown-settings";
import { counted } from "../health/finding";
import type { ConsumerDetail } from "../observe/answers";
import type { HeldStream } from "../observe/observation";

/** One thing that two clusters do not have in common. */
export interface ParityDifference {
  readonly kind: "stream" | "bucket" | "consumer";
  /** Name of the stream or bucket; `stream > consumer` of a consumer. */
  readonly name: string;
  readonly aspect: "existence" | "configuration" | "state";
  readonly property: string;
  readonly left: string;
  readonly right: string;
}

/** What can be compared of a stream, a bucket or a consumer. */
interface Comparable {
  readonly kind: ParityDifference["kind"];
  readonly name: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly state: Readonly<Record<string, unknown>>;
}

/** Every difference between the streams, buckets and consumers of two clusters. */
export function compareClusters(
  left: readonly HeldStream[],
  right: readonly HeldStream[],
): ParityDifference[] {
  const [ours, theirs] = [comparables(left), comparables(right)];
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return keys.flatMap((key) => compareOne(ours.get(key), theirs.get(key)));
}

/** What two clusters have in common in number, for a line of summary. */
export function countComparables(streams: readonly HeldStream[]): string {
  const all = [...comparables(streams).values()];
  const number = (kind: Comparable["kind"]) => all.filter((one) => one.kind === kind).length;
  return (["stream", "bucket", "consumer"] as const)
    .map((kind) => counted(number(kind), kind))
    .join(", ");
}

function compareOne(
  left: Comparable | undefined,
  right: Comparable | undefined,
): ParityDifference[] {
  const one = left ?? right;
  if (one === undefined) {
    return [];
  }
  const { kind, name } = one;
  if (left === undefined || right === undefined) {
    const is = (there: unknown) => (there === undefined ? "absent" : "there");
    return [
      {
        kind,
        name,
        aspect: "existence",
        property: "",
        left: is(left),
        right: is(right),
      },
    ];
  }
  return (["configuration", "state"] as const).flatMap((aspect) =>
    propertiesOf(left[aspect], right[aspect])
      .filter((property) => differs(left[aspect][property], right[aspect][property]))
      .map((property) => ({
        kind,
        name,
        aspect,
        property,
        left: show(left[aspect][property]),
        right: show(right[aspect][property]),
      })),
  );
}

function propertiesOf(left: object, right: object): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])];
}

function differs(left: unknown, right: unknown): boolean {
  return canonicalText(left) !== canonicalText(right);
}

function comparables(streams: readonly HeldStream[]): ReadonlyMap<string, Comparable> {
  const all = streams.flatMap((stream) => [
    streamComparable(stream),
    ...(stream.consumer_detail ?? []).map((consumer) => consumerComparable(stream, consumer)),
  ]);
  return new Map(all.map((one) => [`${one.kind} ${one.name}`, one]));
}

function streamComparable({ name, config = {}, state }: HeldStream): Comparable {
  const settings = fromWire({ ...config, metadata: ownMetadata(config.metadata) });
  const unknown = Object.fromEntries(
    unknownSettings(config).map(({ path, value }) => [path, value]),
  );
  const isBucket = name.startsWith(BUCKET_PREFIX);
  const { messages, bytes, first_seq: firstSequence, last_seq: lastSequence } = state;
  return {
    kind: isBucket ? "bucket" : "stream",
    name: isBucket ? name.slice(BUCKET_PREFIX.length) : name,
    configuration: { ...(isBucket ? BUCKET.fromStream(settings) : settings), ...unknown },
    state: { messages, bytes, firstSequence, lastSequence },
  };
}

function consumerComparable(
  { name: stream }: HeldStream,
  { name, config = {}, delivered, ack_floor: floor, num_pending: pending }: ConsumerDetail,
): Comparable {
  const { metadata, ...rest } = config;
  return {
    kind: "consumer",
    name: `${stream} > ${name}`,
    configuration: { ...rest, metadata: ownMetadata(metadata) },
    state: {
      delivered: delivered.stream_seq,
      ackFloor: floor.stream_seq,
      pending,
    },
  };
}

/** Metadata that somebody chose; who owns an asset, and what a server notes, differs by nature. */
function ownMetadata(metadata: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries((metadata ?? {}) as object).filter(([key]) => !/^(io\.tfdc|_nats)\./.test(key)),
  );
}
