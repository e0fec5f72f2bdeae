import type { ColourSettings } from "./settings";

type Labelled = Pick<ColourSettings, "colour">;

/** The labels by which Services and the StatefulSet find their pods; they can never change. */
export function selectorLabels({ colour }: Labelled): Record<string, string> {
  return { app: "nats", cluster: colour };
}

/** The labels of every object of a colour. */
export function labels(settings: Labelled): Record<string, string> {
  return {
    ...selectorLabels(settings),
    "app.kubernetes.io/name": "nats",
    "app.kubernetes.io/instance": `nats-${settings.colour}`,
    "app.kubernetes.io/component": "server",
    "app.kubernetes.io/part-of": "tfdc",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

/**
 * The labels of pods. The version is on the StatefulSet and not here: a label of the template that
 * changes restarts the pods, and the image does that already.
 */
export function podLabels(settings: Labelled): Record<string, string> {
  return labels(settings);
}
