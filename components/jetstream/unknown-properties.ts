import type { AssetKind } from "./asset-kinds";
import type { Problem } from "./problems";
import { STREAM_FIELDS } from "./stream-fields";

/**
 * Properties that no asset of this kind has. Left alone, a misspelt limit would be no limit at all,
 * without a word: only TypeScript's own check sees it, and not every program has that. What was
 * given is not shown: it may be a password that belongs elsewhere.
 *
 * @param others - properties that may stand there beside the asset's own
 */
export function unknownProperties(
  kind: AssetKind,
  input: Readonly<Record<string, unknown>>,
  others: readonly string[],
): Problem[] {
  const known = [...kind.properties, ...others];
  return Object.keys(input)
    .filter((name) => input[name] !== undefined && !known.includes(name))
    .map((name) => {
      const meant = meantBy(kind, name, known);
      const remedy = meant === undefined ? "correct or remove it" : `use '${meant}'`;
      return {
        property: name,
        reason: `'${name}' is not known: a ${kind.title} has no such property; ${remedy}`,
      };
    });
}

/** The property that a name stands for: written otherwise, or the server's or the stream's word for it. */
function meantBy(kind: AssetKind, name: string, known: readonly string[]): string | undefined {
  const field = STREAM_FIELDS.find(
    (one) => plain(one.wire) === plain(name) || plain(one.name) === plain(name),
  );
  return field === undefined
    ? known.find((one) => plain(one) === plain(name))
    : kind.propertyOf(field.name);
}

function plain(name: string): string {
  return name.replace(/[_-]/g, "").toLowerCase();
}
