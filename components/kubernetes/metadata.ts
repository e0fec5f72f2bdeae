import { labels } from "./labels";
import type { ColourSettings } from "./settings";

/** The name, namespace and labels of an object of a colour. */
export function metadata(
  settings: Pick<ColourSettings, "colour" | "namespace">,
  name: string,
  annotations?: Record<string, string>,
) {
  return {
    name,
    namespace: settings.namespace,
    labels: labels(settings),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/**
 * Pulumi waits for a Service's endpoints and for a StatefulSet's pods in its own way, and for ten
 * minutes. Here the wait for a settled cluster comes after, and says what is missing.
 */
export const SKIP_AWAIT: Record<string, string> = { "pulumi.com/skipAwait": "true" };
