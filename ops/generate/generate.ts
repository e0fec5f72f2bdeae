import {
  type AssetKind,
  type AssetProperties,
  BUCKET,
  BUCKET_CHOICES,
  STREAM,
} from "@tfdc/pulumi-nats/internal/jetstream/asset-kinds";
import { BUCKET_PREFIX, serverName } from "@tfdc/pulumi-nats/internal/jetstream/names";
import { withoutOwner } from "@tfdc/pulumi-nats/internal/jetstream/ownership";
import { canonicalText, fromWire } from "@tfdc/pulumi-nats/internal/jetstream/stream-settings";
import {
  showUnknown,
  unknownSettings,
} from "@tfdc/pulumi-nats/internal/jetstream/unknown-settings";

type Config = Readonly<Record<string, unknown>>;
type Declaration = Readonly<Record<string, unknown>>;

/** What runs on a server as a declaration says it: by logical name, and only what is no default. */
export interface Declared {
  readonly streams: Readonly<Record<string, Declaration>>;
  readonly buckets: Readonly<Record<string, Declaration>>;
}

/** The declarations that streams come to, the shortest that mean the same. */
export function declarationsOf(configs: readonly Config[]): Declared {
  const streams: Record<string, Declaration> = {};
  const buckets: Record<string, Declaration> = {};
  for (const config of [...configs].sort(byName)) {
    const settings = fromWire(config);
    const bucket = String(config.name).startsWith(BUCKET_PREFIX)
      ? shortest(BUCKET, BUCKET.fromStream(settings), BUCKET_CHOICES)
      : undefined;
    if (bucket !== undefined) {
      const { bucket: name, ...rest } = bucket;
      buckets[String(name)] = rest;
      continue;
    }
    const { name, ...rest } = shortest(STREAM, settings, STREAM.properties) ?? settings;
    const [logicalName, declaration] = byLogicalName(String(name), rest);
    streams[logicalName] = declaration;
  }
  return { streams, buckets };
}

/** What streams have that no declaration can say, because this release does not know it. */
export function undeclarable(configs: readonly Config[]): string[] {
  return [...configs].sort(byName).flatMap((config) => {
    const found = unknownSettings(config).map(showUnknown);
    return found.length === 0
      ? []
      : [
          `the stream '${String(config.name)}' has what this release does not know, and what is declared leaves as it is: ${found.join(", ")}`,
        ];
  });
}

/** The declarations as a module for `JetStreamAssets`. */
export function moduleText({ streams, buckets }: Declared): string {
  return [
    'import type { KeyValueSettingsArgs, Plain, StreamSettingsArgs } from "@tfdc/pulumi-nats";',
    "",
    `export const streams: Readonly<Record<string, Plain<StreamSettingsArgs>>> = ${literal(streams)};`,
    "",
    `export const buckets: Readonly<Record<string, Plain<KeyValueSettingsArgs>>> = ${literal(buckets)};`,
    "",
  ].join("\n");
}

/**
 * Leaves out every property that is understood without being said. Nothing is returned where what
 * may be said does not come to what is there: a bucket whose stream is no bucket's any more.
 */
function shortest(
  kind: AssetKind,
  properties: AssetProperties,
  sayable: readonly string[],
): AssetProperties | undefined {
  const metadata = withoutOwner(properties.metadata);
  const wanted = canonicalText(kind.toStream({ ...properties, metadata }));
  let said: Record<string, AssetProperties[string]> = Object.fromEntries(
    sayable
      .map((name) => [name, name === "metadata" ? metadata : properties[name]] as const)
      .filter(([, value]) => value !== undefined),
  );
  if (meaning(kind, said) !== wanted) {
    return undefined;
  }
  for (const name of Object.keys(said)) {
    const { [name]: _, ...without } = said;
    if (name !== kind.nameProperty && meaning(kind, without) === wanted) {
      said = without;
    }
  }
  return said;
}

function meaning(kind: AssetKind, properties: AssetProperties): string {
  return canonicalText(kind.toStream(kind.normalise(properties).properties));
}

/** A stream whose description is the name that NATS refused is declared by that name. */
function byLogicalName(name: string, declaration: Declaration): [string, Declaration] {
  const { description, ...rest } = declaration;
  return typeof description === "string" && description !== name && serverName(description) === name
    ? [description, rest]
    : [name, declaration];
}

function byName(one: Config, other: Config): number {
  return String(one.name) < String(other.name) ? -1 : 1;
}

/** A value as the program would write it. */
function literal(value: unknown, indent = ""): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[${value.map((item) => literal(item, inner)).join(", ")}]`;
  }
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  const lines = Object.entries(value).map(
    ([key, item]) => `${inner}${propertyName(key)}: ${literal(item, inner)},\n`,
  );
  return lines.length === 0 ? "{}" : `{\n${lines.join("")}${indent}}`;
}

function propertyName(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
}
