import { type Canonical, integer } from "./kinds";
import { BUCKET_PREFIX, bucketNameProblems } from "./names";
import { settingsUnknownTo, type UsedSetting, versionProblems } from "./newer-settings";
import { type Problem, problem, show } from "./problems";
import { STREAM_FIELDS, type StreamSettings } from "./stream-fields";
import { normaliseStream } from "./stream-settings";

/** The properties of an asset under the names that its users know. */
export type AssetProperties = Readonly<Record<string, Canonical | undefined>>;

/** What a user's input comes to. */
export interface NormalisedAsset {
  readonly properties: AssetProperties;
  readonly problems: readonly Problem[];
}

/** A sort of JetStream asset: how its properties stand to the fields of the stream that holds it. */
export interface AssetKind {
  /** What it is called in messages. */
  readonly title: "stream" | "bucket";
  /** The property that names it. */
  readonly nameProperty: "name" | "bucket";
  /** Every property that is compared, in the order of the field table. */
  readonly properties: readonly string[];
  /** Reads what a user wrote. */
  normalise(input: Readonly<Record<string, unknown>>): NormalisedAsset;
  /** The stream that holds an asset of these properties. */
  toStream(properties: AssetProperties): StreamSettings;
  /** The properties of an asset that this stream holds. */
  fromStream(settings: StreamSettings): AssetProperties;
  /** The public name of a field of the stream. */
  propertyOf(field: string): string;
}

/** A stream: its properties are the fields themselves. */
export const STREAM: AssetKind = {
  title: "stream",
  nameProperty: "name",
  properties: STREAM_FIELDS.map(({ name }) => name),
  normalise: (input) => {
    const { settings, problems } = normaliseStream(input);
    return { properties: settings, problems };
  },
  toStream: (properties) => pick(properties, (name) => name),
  fromStream: (settings) => settings,
  propertyOf: (field) => field,
};

/** What clients call the fields of the stream that holds a bucket. */
const BUCKET_NAMES: Readonly<Record<string, string>> = {
  name: "bucket",
  maxMsgsPerSubject: "history",
  maxAge: "ttl",
  maxMsgSize: "maxValueSize",
  subjectDeleteMarkerTtl: "limitMarkerTtl",
};

/** The properties of a bucket that a user can choose; the others follow from being a bucket. */
export const BUCKET_CHOICES: readonly string[] = [
  "bucket",
  "description",
  "history",
  "ttl",
  "maxValueSize",
  "maxBytes",
  "storage",
  "replicas",
  "compression",
  "placement",
  "republish",
  "mirror",
  "sources",
  "metadata",
  "limitMarkerTtl",
];

const HISTORY = integer({ min: 1, max: 64, absent: 1 });

const bucketProperty = (field: string): string => BUCKET_NAMES[field] ?? field;

/**
 * A key-value bucket, the stream `KV_<bucket>`. Its shape is the one that the official clients
 * give it; all of it is compared, so that an edit of the stream underneath is seen too.
 */
export const BUCKET: AssetKind = {
  title: "bucket",
  nameProperty: "bucket",
  properties: STREAM_FIELDS.map(({ name }) => bucketProperty(name)),
  normalise: normaliseBucket,
  toStream: (properties) => ({
    ...pick(properties, bucketProperty),
    name: `${BUCKET_PREFIX}${properties.bucket}`,
  }),
  fromStream: (settings) => ({
    ...Object.fromEntries(
      STREAM_FIELDS.map(({ name }) => [bucketProperty(name), settings[name]] as const),
    ),
    bucket: String(settings.name).replace(BUCKET_PREFIX, ""),
  }),
  propertyOf: bucketProperty,
};

/** The properties of an asset that a server of this version does not know, by their own names. */
export function assetVersionProblems(
  { propertyOf }: AssetKind,
  stream: StreamSettings,
  serverVersion: string,
): Problem[] {
  return renamed(versionProblems(stream, serverVersion), propertyOf);
}

/** The same without what is wrong with it: each by its own name, with its value. */
export function assetUnknownSettings(
  { propertyOf }: AssetKind,
  stream: StreamSettings,
  serverVersion: string,
): UsedSetting[] {
  return settingsUnknownTo(serverVersion, stream).map((one) => ({
    ...one,
    property: propertyOf(one.property),
  }));
}

function pick(properties: AssetProperties, nameOf: (field: string) => string): StreamSettings {
  return Object.fromEntries(STREAM_FIELDS.map(({ name }) => [name, properties[nameOf(name)]]));
}

function normaliseBucket(input: Readonly<Record<string, unknown>>): NormalisedAsset {
  const bucket = typeof input.bucket === "string" ? input.bucket : "";
  const history = HISTORY.parse("history", input.history ?? 1);
  const { settings, problems } = normaliseStream({
    ...Object.fromEntries(
      STREAM_FIELDS.filter(({ name }) => BUCKET_CHOICES.includes(bucketProperty(name))).map(
        ({ name }) => [name, input[bucketProperty(name)]],
      ),
    ),
    name: `${BUCKET_PREFIX}${bucket}`,
    subjects: input.mirror === undefined ? [`$KV.${bucket}.>`] : undefined,
    maxMsgsPerSubject: history.value ?? 1,
    discard: "new",
    allowRollup: true,
    denyDelete: true,
    allowDirect: true,
    mirror: bucketSource(input.mirror, undefined),
    sources: Array.isArray(input.sources)
      ? input.sources.map((source: unknown) => bucketSource(source, bucket))
      : input.sources,
  });
  const named = bucketNameProblems("bucket", bucket);
  // The stream's name and subject follow from the bucket's: its own problem says it better.
  const rest = named.length > 0 ? problems.filter(({ property }) => !follows(property)) : problems;
  return {
    properties: BUCKET.fromStream(settings),
    problems: [
      ...named,
      ...history.problems,
      ...renamed(rest, bucketProperty),
      ...strangers(input),
    ],
  };
}

/**
 * A bucket is mirrored or sourced by the stream that holds it; a source's keys are moved under
 * this bucket's prefix, as the official clients do.
 */
function bucketSource(source: unknown, bucket: string | undefined): unknown {
  if (source === null || typeof source !== "object") {
    return source;
  }
  const given = source as Readonly<Record<string, unknown>>;
  const origin = String(given.name ?? "").replace(/^KV_/, "");
  const isSame = given.external !== undefined && origin === bucket;
  const transforms =
    bucket === undefined || isSame || given.subjectTransforms !== undefined
      ? {}
      : {
          subjectTransforms: [{ source: `$KV.${origin}.>`, destination: `$KV.${bucket}.>` }],
        };
  return { ...given, name: `${BUCKET_PREFIX}${origin}`, ...transforms };
}

function follows(property: string): boolean {
  return property === "name" || property === "subjects";
}

function renamed(problems: readonly Problem[], nameOf: (field: string) => string): Problem[] {
  return problems.map(({ property, reason }) => {
    const name = nameOf(property);
    return { property: name, reason: reason.replace(`'${property}'`, `'${name}'`) };
  });
}

/** Fields of a stream that a bucket decides by itself. */
function strangers(input: Readonly<Record<string, unknown>>): Problem[] {
  return STREAM_FIELDS.filter(({ name }) => {
    const property = bucketProperty(name);
    return !BUCKET_CHOICES.includes(property) && isStranger(name, input);
  }).map(({ name }) =>
    problem(
      name,
      input[name],
      `a key-value bucket decides it by itself (${show(FIXED[name] ?? "its default")})`,
      "remove it, or declare a Stream",
    ),
  );
}

const FIXED: Readonly<Record<string, string>> = {
  subjects: "$KV.<bucket>.>",
  discard: "new",
  allowRollup: "true",
  denyDelete: "true",
  allowDirect: "true",
};

function isStranger(field: string, input: Readonly<Record<string, unknown>>): boolean {
  return input[field] !== undefined && input[field] !== null;
}
