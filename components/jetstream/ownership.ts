import type { Canonical } from "./kinds";

/** Who declares an asset. It is kept in the stream's metadata, where every NATS tool shows it. */
export interface Owner {
  readonly project: string;
  readonly stack: string;
  /** The cluster it is declared for. */
  readonly colour: string;
}

const PROJECT = "io.tfdc.project";
const STACK = "io.tfdc.stack";
const COLOUR = "io.tfdc.colour";
const KEYS: readonly string[] = [PROJECT, STACK, COLOUR];

/** The metadata that marks an asset as this owner's. */
export function ownerMetadata({ project, stack, colour }: Owner): Record<string, string> {
  return { [PROJECT]: project, [STACK]: stack, [COLOUR]: colour };
}

/** The owner that metadata names, if any. */
export function ownerOf(metadata: Canonical | undefined): Owner | undefined {
  const labels = (metadata ?? {}) as Readonly<Record<string, string>>;
  const [project, stack, colour] = [labels[PROJECT], labels[STACK], labels[COLOUR]];
  return project === undefined || stack === undefined
    ? undefined
    : { project, stack, colour: colour ?? "" };
}

/** The metadata without the owner's mark. */
export function withoutOwner(metadata: Canonical | undefined): Canonical {
  return Object.fromEntries(
    Object.entries((metadata ?? {}) as Readonly<Record<string, string>>).filter(
      ([key]) => !KEYS.includes(key),
    ),
  );
}

/** Whether an asset that carries `live` may be written by whoever declares `declared`. */
export function isForeign(live: Canonical | undefined, declared: Canonical | undefined): boolean {
  const [theirs, ours] = [ownerOf(live), ownerOf(declared)];
  return (
    theirs !== undefined &&
    (ours === undefined ||
      theirs.project !== ours.project ||
      theirs.stack !== ours.stack ||
      theirs.colour !== ours.colour)
  );
}

/** An owner as a message names it. */
export function showOwner({ project, stack, colour }: Owner): string {
  return `stack '${stack}' of project '${project}'${colour === "" ? "" : `, colour '${colour}'`}`;
}
