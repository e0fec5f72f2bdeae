import { type Problem, problem } from "./problems";

const MAX_NAME_LENGTH = 255;

/** Prefix of the stream that holds a key-value bucket. */
export const BUCKET_PREFIX = "KV_";

/**
 * The name a stream has on the server for the name it has in a declaration. NATS refuses dots,
 * wildcards, spaces and slashes in stream names: `metrics.v1` is `metrics_v1` there.
 */
export function serverName(logicalName: string): string {
  return logicalName.replace(/[.*>\s/\\]/g, "_");
}

/** What is wrong with a stream's name, as the server and its file system see it. */
export function streamNameProblems(property: string, name: string): Problem[] {
  if (name === "") {
    return [problem(property, name, "a stream needs a name", `use "metrics_v1" or the like`)];
  }
  if (serverName(name) !== name) {
    return [
      problem(
        property,
        name,
        "a stream name cannot contain '.', '*', '>', '/', '\\' or white space",
        `use "${serverName(name)}"`,
      ),
    ];
  }
  const length = Buffer.byteLength(name);
  if (length > MAX_NAME_LENGTH) {
    return [
      problem(
        property,
        name,
        `a stream name has at most ${MAX_NAME_LENGTH} bytes, this one has ${length}`,
        "shorten it",
      ),
    ];
  }
  return [];
}

/** What is wrong with a bucket's name: clients accept letters, digits, `-` and `_` only. */
export function bucketNameProblems(property: string, name: string): Problem[] {
  if (/^[A-Za-z0-9_-]+$/.test(name)) {
    return streamNameProblems(property, `${BUCKET_PREFIX}${name}`);
  }
  const mapped = name.replace(/[^A-Za-z0-9_-]/g, "_") || "workers_v1";
  return [
    problem(
      property,
      name,
      "a bucket name has letters, digits, '-' and '_' only",
      `use "${mapped}"`,
    ),
  ];
}
