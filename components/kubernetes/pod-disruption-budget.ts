import { selectorLabels } from "./labels";
import type { PodDisruptionBudget } from "./manifests";
import { metadata } from "./metadata";
import { namesOf } from "./names";
import type { ColourSettings } from "./settings";

/** Whoever drains nodes takes one server at a time: two of three keep every stream writable. */
export function podDisruptionBudget(settings: ColourSettings): PodDisruptionBudget {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(settings, namesOf(settings).statefulSet),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(settings) } },
  };
}
