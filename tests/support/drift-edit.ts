import type { Canonical } from "../../components/jetstream/kinds";
import { STREAM_FIELDS } from "../../components/jetstream/stream-fields";
import { isOlder } from "../../components/jetstream/versions";
import type { Refusal, Wire } from "./drift-raw";

/** A refusal of servers older than `before`, or of all. */
export interface Refused extends Refusal {
  readonly before?: string;
}

/** A property before and after `up`, as a person reads it. */
export type Shown = readonly [live: Canonical | undefined, declared: Canonical | undefined];

/** An edit behind Pulumi's back of one field of a live stream, and what a preview says of it. */
export interface DriftEdit {
  /** Row of the field table. */
  readonly field: string;
  /** Tells the edits of one field apart. */
  readonly variant?: string;
  /** What is declared, where it matters. */
  readonly declared?: Wire;
  /** The edit on the wire, or how it follows from the live configuration. */
  readonly edit: Wire | ((live: Wire) => Wire);
  /** Every property that the preview shows, and no other. */
  readonly shows: Readonly<Record<string, Shown>>;
  /** The exact places inside the properties, where one line more would mislead. */
  readonly paths?: readonly string[];
  /** Why nobody can make this edit by an update: the stream is deleted and created anew. */
  readonly refusesEdit?: Refused;
  /** Why `up` cannot take it back. */
  readonly refusesRestore?: Refused;
}

/** What the server says of a configuration that it does not take. */
export function invalid(says: string, before?: string): Refused {
  return { code: 10052, says, ...(before === undefined ? {} : { before }) };
}

/** What the server says of every change of a mirror. */
export function mirrorFixed(before?: string): Refused {
  const says = "stream mirror configuration can not be updated";
  return { code: 10055, says, ...(before === undefined ? {} : { before }) };
}

/** An edit of one field that shows as that property alone. */
export function edit(
  field: string,
  change: DriftEdit["edit"],
  shown: Shown,
  rest: Partial<DriftEdit> = {},
): DriftEdit {
  return { field, edit: change, shows: { [field]: shown }, ...rest };
}

/** The last part of the name of what an edit is made on. */
export function nameOf({ field, variant }: DriftEdit): string {
  return variant === undefined ? field : `${field}-${variant}`;
}

/** The edits of fields that a server of this version knows. */
export function knownTo(version: string, edits: readonly DriftEdit[]): DriftEdit[] {
  const known = new Set(fieldsOf(version));
  return edits.filter(({ field }) => known.has(field));
}

/** The rows of the field table that a server of this version knows. */
export function fieldsOf(version: string): string[] {
  return STREAM_FIELDS.filter(({ since }) => since === undefined || !isOlder(version, since)).map(
    ({ name }) => name,
  );
}

/** The refusal, if a server of this version refuses. */
export function refusalOn(version: string, refused: Refused | undefined): Refusal | undefined {
  return refused === undefined ||
    (refused.before !== undefined && !isOlder(version, refused.before))
    ? undefined
    : { code: refused.code, says: refused.says };
}

/** The change on the wire that an edit comes to. */
export function changeOf({ edit: change }: DriftEdit, live: Wire): Wire {
  return typeof change === "function" ? change(live) : change;
}
