import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { disagreements } from "./agreement";
import { type Inspection, inspectArchive } from "./archive/inspect";
import { FILES, readJson, type StreamDescription } from "./layout";
import { DIGESTED, type FileSum, type Manifest } from "./manifest";

const READ = 1 << 20;

/** A backup of one stream after everything about it was checked. */
export interface CheckedBackup {
  readonly folder: string;
  /** The stream, or the folder's name where that is not known. */
  readonly stream: string;
  readonly description?: StreamDescription;
  readonly manifest?: Manifest;
  readonly inspection?: Inspection;
  /** Everything that is wrong; nothing for a backup that can be restored. */
  readonly problems: readonly string[];
}

/**
 * Checks a backup whole: digests where it has a manifest, the compression, the tar, every record,
 * and that all of it belongs together. Reads the archive once.
 */
export async function checkBackup(
  folder: string,
  onBytes: (count: number) => void = () => undefined,
): Promise<CheckedBackup> {
  const problems: string[] = [];
  const description = noted(readJson<StreamDescription>(join(folder, FILES.description)), problems);
  const hasManifest = existsSync(join(folder, FILES.manifest));
  const manifest = hasManifest
    ? noted(readJson<Manifest>(join(folder, FILES.manifest)), problems)
    : undefined;
  const archive = join(folder, FILES.archive);
  if (!existsSync(archive)) {
    problems.push(`${FILES.archive} is missing`);
    return { folder, stream: nameOf(folder, description), description, manifest, problems };
  }
  const hash = createHash("sha256");
  const inspection = await inspectArchive(digesting(archive, hash, onBytes));
  if (manifest !== undefined) {
    const isRead = inspection.problems.length === 0;
    const sums = {
      [FILES.archive]: isRead
        ? { size: statSync(archive).size, sha256: hash.digest("hex") }
        : await sumOf(archive),
      [FILES.description]: await sumOf(join(folder, FILES.description)),
    };
    problems.push(...digestProblems(manifest, sums));
  }
  problems.push(...inspection.problems, ...belonging(description, manifest, inspection));
  const stream = nameOf(folder, description);
  return { folder, stream, description, manifest, inspection, problems };
}

/** A file's bytes, summed up on their way. Who finds them broken does not read them to the end. */
async function* digesting(
  path: string,
  hash: ReturnType<typeof createHash>,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: READ });
  for await (const chunk of file as AsyncIterable<Buffer>) {
    hash.update(chunk);
    onBytes(chunk.length);
    yield chunk;
  }
}

async function sumOf(path: string): Promise<FileSum | undefined> {
  if (!existsSync(path)) {
    return undefined;
  }
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: READ })) {
    hash.update(chunk as Buffer);
  }
  return { size: statSync(path).size, sha256: hash.digest("hex") };
}

function digestProblems(
  manifest: Manifest,
  found: Readonly<Record<string, FileSum | undefined>>,
): string[] {
  return DIGESTED.flatMap((name) => {
    const [written, there] = [manifest.files?.[name], found[name]];
    if (written === undefined) {
      return [`${FILES.manifest} has no digest of ${name}`];
    }
    if (there === undefined) {
      return [];
    }
    if (written.size !== there.size) {
      return [`${name} has ${there.size} bytes, and was written with ${written.size}`];
    }
    return written.sha256 === there.sha256
      ? []
      : [`${name} is not what was written: its SHA-256 differs`];
  });
}

function belonging(
  description: StreamDescription | undefined,
  manifest: Manifest | undefined,
  inspection: Inspection,
): string[] {
  const name = description?.config?.name;
  const others = [
    [FILES.archive, inspection.stream],
    [FILES.manifest, manifest?.stream],
  ] as const;
  return [
    ...others.flatMap(([file, stream]) =>
      name === undefined || stream === undefined || stream === name
        ? []
        : [`${FILES.description} is of the stream ${name}, and ${file} of ${stream}`],
    ),
    ...(description?.state === undefined || inspection.problems.length > 0
      ? []
      : disagreements(description.state, inspection)),
  ];
}

function nameOf(folder: string, description: StreamDescription | undefined): string {
  const name = description?.config?.name;
  return typeof name === "string" ? name : basename(folder);
}

function noted<T>(value: T | string, problems: string[]): T | undefined {
  if (typeof value === "string") {
    problems.push(value);
    return undefined;
  }
  return value;
}
