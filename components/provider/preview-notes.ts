import type { ConnectionArgs } from "../connection-args";
import type { AssetKind } from "../jetstream/asset-kinds";
import type { StreamSettings } from "../jetstream/stream-fields";
import { canonicalText } from "../jetstream/stream-settings";

/** What a check of this process found out about one asset, for the guard that is checked last. */
export interface Note {
  readonly kind: AssetKind;
  /** What is declared, as far as it is known. */
  readonly declared: StreamSettings;
  /** Why it is not made or changed. */
  readonly reasons: readonly string[];
}

const notes = new Map<string, Note>();

/** Keeps what was found out about an asset; the last check of an asset counts. */
export function takeNote(connection: ConnectionArgs, note: Note): void {
  notes.set(keyOf(connection, String(note.declared.name)), note);
}

/** What was found out about the asset that this stream holds, if it was checked in this process. */
export function noteOf(connection: ConnectionArgs, stream: string): Note | undefined {
  return notes.get(keyOf(connection, stream));
}

function keyOf(connection: ConnectionArgs, stream: string): string {
  return `${canonicalText(connection)} ${stream}`;
}
