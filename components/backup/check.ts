import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ARCHIVES, type ArchiveFormat, MAGIC } from "./archive/formats";
import { find } from "./find";
import type { Findings } from "./findings";
import { archivesIn, FILES, readJson, type StreamDescription } from "./layout";
import { type Contents, type FileSum, isAsWritten, type Manifest } from "./manifest";

const READ = 1 << 20;

/** A backup of one stream after everything about it was checked. */
export interface CheckedBackup {
  readonly folder: string;
  /** The stream, or the folder's name where that is not known. */
  readonly stream: string;
  readonly description?: StreamDescription;
  readonly manifest?: Manifest;
  readonly contents?: Contents;
  /** The file of its archive, and what is in it; nothing where it is missing. */
  readonly archive?: string;
  readonly format?: ArchiveFormat;
  /** Everything that is wrong; nothing for a backup that can be restored. */
  readonly problems: readonly string[];
}

/** How a backup is checked. */
export interface CheckOptions {
  /** Reads every record again, also where the manifest's digests say that nothing has changed. */
  readonly isThorough?: boolean;
  readonly onBytes?: (count: number) => void;
}

/**
 * Checks a backup. One whose digests are those of its manifest is what was written, and every record
 * was checked then. Any other one is checked whole: the compression, the tar, every record, and that
 * all of it belongs together.
 */
export async function checkBackup(
  folder: string,
  { isThorough = false, onBytes = () => undefined }: CheckOptions = {},
): Promise<CheckedBackup> {
  const problems: string[] = [];
  const description = noted(readJson<StreamDescription>(join(folder, FILES.description)), problems);
  const hasManifest = existsSync(join(folder, FILES.manifest));
  const manifest = hasManifest
    ? noted(readJson<Manifest>(join(folder, FILES.manifest)), problems)
    : undefined;
  if (manifest !== undefined && isAsWritten(manifest) === false) {
    problems.push(`${FILES.manifest} is not what was written: its own SHA-256 differs`);
  }
  const found = { folder, stream: nameOf(folder, description), description, manifest };
  const [name, second] = archivesIn(folder);
  if (name === undefined) {
    const written = Object.values(ARCHIVES).find((one) => manifest?.files?.[one] !== undefined);
    problems.push(`${written ?? ARCHIVES.tar} is missing`);
    return { ...found, problems };
  }
  if (second !== undefined) {
    problems.push(`it holds both ${name} and ${second}: one of them is of another backup`);
    return { ...found, problems };
  }
  const archive = join(folder, name);
  const named = name === ARCHIVES.arc ? "arc" : "tar";
  let sums: Sums | undefined;
  if (!isThorough && manifest?.sum !== undefined && problems.length === 0) {
    sums = await sumsOf(folder, name, await sumOf(archive, onBytes));
    if (digestProblems(manifest, sums).length === 0) {
      // Who writes a manifest names the archive by what is in it.
      return {
        ...found,
        archive,
        format: named,
        contents: manifest,
        problems: belonging(name, description, manifest),
      };
    }
  }
  const hash = createHash("sha256");
  const findings = await find(
    digesting(archive, hash, onBytes),
    description?.state,
    description?.config,
  );
  if (manifest !== undefined) {
    const isRead = findings.problems.length === 0;
    const read = () =>
      isRead ? { size: statSync(archive).size, sha256: hash.digest("hex") } : sumOf(archive);
    sums ??= await sumsOf(folder, name, await read());
    problems.push(...digestProblems(manifest, sums));
  }
  const { contents, format } = findings;
  if (named === "arc" && format !== "arc" && findings.problems.length > 0) {
    problems.push(`${name} does not begin with ${MAGIC}`);
  }
  problems.push(...findings.problems, ...belonging(name, description, manifest, findings));
  return { ...found, archive, format, contents, problems };
}

/** The digests of the files as they are now; of one that is missing there is none. */
type Sums = Readonly<Record<string, FileSum | undefined>>;

async function sumsOf(folder: string, name: string, archive: FileSum | undefined): Promise<Sums> {
  return {
    [FILES.description]: await sumOf(join(folder, FILES.description)),
    [name]: archive,
  };
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

async function sumOf(
  path: string,
  onBytes: (count: number) => void = () => undefined,
): Promise<FileSum | undefined> {
  if (!existsSync(path)) {
    return undefined;
  }
  const hash = createHash("sha256");
  for await (const _ of digesting(path, hash, onBytes)) {
    // Only its digest is wanted.
  }
  return { size: statSync(path).size, sha256: hash.digest("hex") };
}

function digestProblems(manifest: Manifest, found: Sums): string[] {
  return Object.keys(found).flatMap((name) => {
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
  archive: string,
  description: StreamDescription | undefined,
  manifest: Manifest | undefined,
  findings?: Findings,
): string[] {
  const name = description?.config?.name;
  const others = [
    [archive, findings?.stream],
    [FILES.manifest, manifest?.stream],
  ] as const;
  return [
    ...others.flatMap(([file, stream]) =>
      name === undefined || stream === undefined || stream === name
        ? []
        : [`${FILES.description} is of the stream ${name}, and ${file} of ${stream}`],
    ),
    ...(findings === undefined || findings.problems.length > 0 ? [] : findings.disagreements),
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
