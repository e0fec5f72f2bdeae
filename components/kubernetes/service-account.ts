import type { ServiceAccount } from "./manifests";
import { metadata } from "./metadata";
import { namesOf } from "./names";
import type { ColourSettings } from "./settings";

/** Who the pods are to the API server: nobody who may do anything, and without a token. */
export function serviceAccount(settings: ColourSettings): ServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(settings, namesOf(settings).serviceAccount),
    automountServiceAccountToken: false,
  };
}
