import { POLICY_NAMES } from "../asset-options";
import {
  type AssetKind,
  type AssetProperties,
  assetVersionProblems,
  BUCKET,
  STREAM,
} from "./asset-kinds";
import { type Capacity, capacityTable, type Plan, planCapacity, reservedBytes } from "./capacity";
import { serverName } from "./names";
import { type Problem, problem, show, within } from "./problems";
import type { StreamSettings } from "./stream-fields";
import { collide } from "./subjects";
import { formatSize } from "./units";
import { unknownProperties } from "./unknown-properties";

/** A declared asset, by the name its declaration gives it. */
export type Declarations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One asset of a declaration, read and ready to be made. */
export interface Asset {
  readonly kind: AssetKind;
  /** The name in the declaration, such as `metrics.v1`. */
  readonly logicalName: string;
  /** Where it stands in the declaration, such as `streams["metrics.v1"]`. */
  readonly path: string;
  /** What the user wrote, with the names that the server knows. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly properties: AssetProperties;
  /** The stream that holds it. */
  readonly stream: StreamSettings;
}

/** Everything that a declaration comes to. */
export interface CheckedAssets {
  readonly assets: readonly Asset[];
  readonly problems: readonly Problem[];
}

/** The cluster that is to hold the assets, as far as it is known before it answers. */
export interface DeclaredCluster extends Capacity {
  readonly serverVersion: string;
}

/** Checks all streams and buckets of one cluster together, before anything is made. */
export function checkAssets(
  streams: Declarations,
  buckets: Declarations,
  cluster?: DeclaredCluster,
): CheckedAssets {
  const read = [
    ...Object.entries(streams).map(([name, input]) => readStream(name, input, streams)),
    ...Object.entries(buckets).map(([name, input]) => readBucket(name, input)),
  ];
  const assets = read.map(({ asset }) => inheritDirect(asset, read));
  const problems = read.flatMap((one) => one.problems);
  return {
    assets,
    problems: [
      ...problems,
      ...nameCollisions(assets),
      ...subjectCollisions(assets),
      ...(cluster === undefined ? [] : clusterProblems(assets, cluster)),
    ],
  };
}

interface Read {
  readonly asset: Asset;
  readonly problems: readonly Problem[];
}

function readStream(
  logicalName: string,
  input: Readonly<Record<string, unknown>>,
  streams: Declarations,
): Read {
  const name = input.name ?? serverName(logicalName);
  const isMapped = input.name === undefined && name !== logicalName;
  return readAsset(STREAM, `streams[${JSON.stringify(logicalName)}]`, logicalName, {
    ...input,
    name,
    // The logical name stays readable on the server, for people who look there.
    description: input.description ?? (isMapped ? logicalName : undefined),
    mirror: withServerName(input.mirror, streams),
    sources: Array.isArray(input.sources)
      ? input.sources.map((source: unknown) => withServerName(source, streams))
      : input.sources,
  });
}

function readBucket(logicalName: string, input: Readonly<Record<string, unknown>>): Read {
  return readAsset(BUCKET, `buckets[${JSON.stringify(logicalName)}]`, logicalName, {
    ...input,
    bucket: input.bucket ?? logicalName,
  });
}

function readAsset(
  kind: AssetKind,
  path: string,
  logicalName: string,
  input: Readonly<Record<string, unknown>>,
): Read {
  const { properties, problems } = kind.normalise(input);
  return {
    asset: { kind, logicalName, path, input, properties, stream: kind.toStream(properties) },
    problems: within(path, [...problems, ...unknownProperties(kind, input, POLICY_NAMES)]),
  };
}

/** A mirror or source that names a declared stream by its logical name means that stream. */
function withServerName(source: unknown, streams: Declarations): unknown {
  if (source === null || typeof source !== "object") {
    return source;
  }
  const { name } = source as { readonly name?: unknown };
  return typeof name === "string" && streams[name] !== undefined
    ? { ...source, name: streams[name]?.name ?? serverName(name) }
    : source;
}

/** The server copies a mirror's `mirrorDirect` from its origin: known here if both are declared. */
function inheritDirect(asset: Asset, read: readonly Read[]): Asset {
  const { mirror, mirrorDirect } = asset.stream;
  if (mirror === undefined || mirrorDirect !== undefined) {
    return asset;
  }
  const { name } = mirror as { readonly name?: unknown };
  const origin = read.find((one) => one.asset.stream.name === name)?.asset.stream;
  const inherited = origin === undefined ? {} : { mirrorDirect: origin.allowDirect };
  return {
    ...asset,
    input: { ...asset.input, ...inherited },
    properties: { ...asset.properties, ...inherited },
    stream: { ...asset.stream, ...inherited },
  };
}

function nameCollisions(assets: readonly Asset[]): Problem[] {
  return assets.flatMap((asset, index) => {
    const twin = assets.slice(0, index).find((one) => one.stream.name === asset.stream.name);
    return twin === undefined
      ? []
      : [
          problem(
            asset.path,
            asset.stream.name,
            `${twin.path} has the same name on the server`,
            "rename one of the two",
          ),
        ];
  });
}

function subjectCollisions(assets: readonly Asset[]): Problem[] {
  const problems: Problem[] = [];
  for (const [index, asset] of assets.entries()) {
    for (const other of assets.slice(0, index)) {
      const [mine, theirs] = overlapping(subjectsOf(asset), subjectsOf(other)) ?? [];
      if (mine !== undefined) {
        const rule = `${other.path} listens on ${show(theirs)}, and no message may enter two streams`;
        problems.push(
          problem(
            `${asset.path}.subjects`,
            mine,
            rule,
            "make the subjects of one of them narrower",
          ),
        );
      }
    }
    problems.push(...republishCollisions(asset, assets));
  }
  return problems;
}

function republishCollisions(asset: Asset, assets: readonly Asset[]): Problem[] {
  const { destination } = (asset.stream.republish ?? {}) as { readonly destination?: string };
  if (destination === undefined) {
    return [];
  }
  const target = toPattern(destination);
  return assets
    .filter((other) => other !== asset && overlapping([target], subjectsOf(other)) !== undefined)
    .map((other) =>
      problem(
        `${asset.path}.republish.destination`,
        destination,
        `${other.path} listens there and would store every message a second time`,
        "republish elsewhere, or declare one of the two on its own with Stream",
      ),
    );
}

/** A republish target as a subject: `x.{{wildcard(1)}}` and `x.$1` can become any token. */
function toPattern(destination: string): string {
  return destination
    .split(".")
    .map((token) => (/^(\$\d+|\{\{.*\}\})$/.test(token) ? "*" : token))
    .join(".");
}

function subjectsOf({ stream }: Asset): readonly string[] {
  return Array.isArray(stream.subjects) ? (stream.subjects as string[]) : [];
}

function overlapping(
  mine: readonly string[],
  theirs: readonly string[],
): readonly [string, string] | undefined {
  return mine
    .flatMap((one) => theirs.map((other) => [one, other] as const))
    .find(([one, other]) => collide(one, other));
}

function clusterProblems(assets: readonly Asset[], cluster: DeclaredCluster): Problem[] {
  const count = cluster.servers.length;
  const problems = assets.flatMap(({ path, stream, kind }) => [
    ...(Number(stream.replicas) > count
      ? [
          problem(
            `${path}.replicas`,
            stream.replicas,
            `the cluster has ${count} ${count === 1 ? "server" : "servers"}`,
            `use ${count} or fewer`,
          ),
        ]
      : []),
    ...within(path, assetVersionProblems(kind, stream, cluster.serverVersion)),
  ]);
  const streams = assets.map(({ stream }) => stream);
  return [
    ...problems,
    ...planCapacity(streams, cluster)
      .filter((plan) => !plan.fits)
      .map((plan) => capacityProblem(plan, assets)),
  ];
}

function capacityProblem(plan: Plan, assets: readonly Asset[]): Problem {
  const limitName = plan.storage === "file" ? "maxFileStore" : "maxMemoryStore";
  const needed = largest(plan.reservations.map(({ reserved }) => reserved));
  const limit = plan.reservations[0]?.limit ?? 0n;
  const biggest = assets
    .filter(({ stream }) => stream.storage === plan.storage && reservedBytes(stream) > 0n)
    .sort((a, b) => (reservedBytes(a.stream) < reservedBytes(b.stream) ? 1 : -1))
    .slice(0, 3)
    .map(({ logicalName, stream }) => `${logicalName} ${stream.maxBytes} x ${stream.replicas}`);
  return {
    property: limitName,
    reason: [
      `'${limitName}' is ${show(formatSize(limit))}: the declared streams reserve up to ${formatSize(needed)} on a server, and a server reserves maxBytes in full for every replica it holds`,
      capacityTable(plan),
      `  largest: ${biggest.join(", ")}`,
      `  1. lower maxBytes, so that they add up to ${formatSize(limit)} or less on each server`,
      `  2. raise ${limitName} to ${formatSize(needed)} or more${plan.storage === "file" ? `, on a volume of ${formatSize(volumeFor(needed))} or more` : ""}`,
      "  3. keep fewer replicas, or spread the streams over more servers",
    ].join("\n"),
  };
}

function largest(values: readonly bigint[]): bigint {
  return [...values].sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
}

/** A volume needs room beside max_file_store: Raft logs, compaction, and the server's overshoot. */
function volumeFor(fileStore: bigint): bigint {
  const gibibyte = 1n << 30n;
  const wanted = (fileStore * 120n) / 100n;
  return ((wanted + gibibyte - 1n) / gibibyte) * gibibyte;
}
