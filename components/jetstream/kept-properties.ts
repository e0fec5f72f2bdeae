import type { AssetKind, AssetProperties } from "./asset-kinds";
import { STREAM_FIELDS } from "./stream-fields";
import { isUnused } from "./stream-settings";

/** The fields that the oldest supported server does not know. */
const NEWER = STREAM_FIELDS.filter(({ since }) => since !== undefined);

/**
 * The properties that a state holds, each of them twice: as an input and as an output. One that the
 * oldest supported server does not know is left out where it is its default and was not held before.
 * So a setting that a later server brings takes nothing from those who do not use it, and changes no
 * state; and one that differs shows both of its values, `true => false`, as any other does.
 */
export function keptProperties(
  { propertyOf }: AssetKind,
  properties: AssetProperties,
  before: Readonly<Record<string, unknown>>,
): AssetProperties {
  const unused = NEWER.flatMap((field) => {
    const name = propertyOf(field.name);
    const value = properties[name];
    const isLeft = value !== undefined && isUnused(field, value) && before[name] === undefined;
    return isLeft ? [name] : [];
  });
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !unused.includes(name)));
}

/** All properties of an asset, those among them that its state leaves out. */
export function wholeProperties(
  { propertyOf }: AssetKind,
  properties: AssetProperties,
): AssetProperties {
  const left = NEWER.flatMap(({ name, fallback }) =>
    properties[propertyOf(name)] === undefined && typeof fallback !== "function"
      ? [[propertyOf(name), fallback] as const]
      : [],
  );
  return { ...properties, ...Object.fromEntries(left) };
}
