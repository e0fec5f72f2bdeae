import { selectorLabels } from "./labels";
import type { Service } from "./manifests";
import { metadata, SKIP_AWAIT } from "./metadata";
import { namesOf, PORTS } from "./names";
import type { ColourSettings } from "./settings";

/** The one address that clients know: any pod that is ready. */
export function clientService(settings: ColourSettings): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(settings, namesOf(settings).clientService, SKIP_AWAIT),
    spec: clientServiceSpec(settings),
  };
}

/** What leads clients to any pod of a colour that is ready, under whatever name. */
export function clientServiceSpec(
  colour: Pick<ColourSettings, "colour">,
): NonNullable<Service["spec"]> {
  return {
    type: "ClusterIP",
    selector: selectorLabels(colour),
    ports: [{ name: "client", port: PORTS.client, targetPort: "client", appProtocol: "tcp" }],
  };
}
