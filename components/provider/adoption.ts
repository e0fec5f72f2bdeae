import type { Adopt } from "../asset-options";
import type { AssetKind } from "../jetstream/asset-kinds";
import { isForeign, ownerOf, showOwner, withoutOwner } from "../jetstream/ownership";
import type { StreamSettings } from "../jetstream/stream-fields";
import { type Difference, differences } from "../jetstream/stream-settings";
import { label, listed } from "./asset-messages";
import type { ClusterLink } from "./cluster-link";

/** Why a live asset is not written: another stack owns it. `undefined` where none does. */
export function foreignReason(
  link: ClusterLink,
  kind: AssetKind,
  live: StreamSettings,
  declared: StreamSettings,
): string | undefined {
  const owner = ownerOf(live.metadata);
  return owner !== undefined && isForeign(live.metadata, declared.metadata)
    ? `the ${label(kind, declared)} of ${link.where} belongs to ${showOwner(owner)} and is left alone; declare it in one stack only, or destroy it there with deletionPolicy "retain" after removing its 'io.tfdc.*' metadata.`
    : undefined;
}

/** Why an existing asset is not taken over; `undefined` where `adopt` allows it. */
export function adoptionReason(
  link: ClusterLink,
  kind: AssetKind,
  live: StreamSettings,
  declared: StreamSettings,
  adopt: Adopt,
): string | undefined {
  const foreign = foreignReason(link, kind, live, declared);
  if (foreign !== undefined) {
    return foreign;
  }
  const isOurs = ownerOf(live.metadata) !== undefined;
  const different = adoptedDifferences(live, declared);
  if (!isOurs && adopt === "never") {
    return `the ${label(kind, declared)} exists already on ${link.where}, and adopt is "never"; set adopt: "ifEqual" to take it over, or declare another name.`;
  }
  return different.length > 0 && adopt !== "always"
    ? `the ${label(kind, declared)} exists already on ${link.where} with another configuration: ${listed(kind, different)}. Declare what is there, or set adopt: "always" to change it.`
    : undefined;
}

/** What taking an asset over would change, but for the mark of its owner. */
export function adoptedDifferences(live: StreamSettings, declared: StreamSettings): Difference[] {
  return differences(unmarked(live), unmarked(declared));
}

function unmarked(settings: StreamSettings): StreamSettings {
  return { ...settings, metadata: withoutOwner(settings.metadata) };
}
