import { disagreements } from "./agreement";
import type { StreamState } from "./answers";
import type { ArchiveFormat } from "./archive/formats";
import { type ArchivedFile, inspectArchive } from "./archive/inspect";
import { archivedContents, type Contents } from "./manifest";

/** What an archive comes to: no more than fits into a manifest, whatever its size. */
export interface Findings {
  readonly format: ArchiveFormat;
  /** The stream that it is of, where it says so. */
  readonly stream?: string;
  readonly files: readonly ArchivedFile[];
  /** What is wrong with the archive itself. */
  readonly problems: readonly string[];
  /** What is wrong between it and the state of the stream; nothing where that is not known. */
  readonly disagreements: readonly string[];
  /** What it holds, where the state of the stream is known. */
  readonly contents?: Contents;
}

/** Reads an archive to its end, or to where it is broken. */
export async function findingsOf(
  chunks: AsyncIterable<Buffer>,
  state: StreamState | undefined,
  config?: Readonly<Record<string, unknown>>,
): Promise<Findings> {
  const inspection = await inspectArchive(chunks);
  const { format, stream, files, problems } = inspection;
  return {
    format,
    ...(stream === undefined ? {} : { stream }),
    files,
    problems,
    disagreements: state === undefined ? [] : disagreements(state, inspection, config),
    ...(state === undefined ? {} : { contents: archivedContents(inspection, state) }),
  };
}
