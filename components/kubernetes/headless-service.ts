import { selectorLabels } from "./labels";
import type { Service } from "./manifests";
import { metadata, SKIP_AWAIT } from "./metadata";
import { namesOf, PORTS } from "./names";
import type { ColourSettings } from "./settings";

/**
 * The names of the pods. Servers look each other up before they are ready, because they are ready
 * only when they have found each other.
 */
export function headlessService(settings: ColourSettings): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(settings, namesOf(settings).headlessService, SKIP_AWAIT),
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: selectorLabels(settings),
      ports: [
        { name: "client", port: PORTS.client, targetPort: "client", appProtocol: "tcp" },
        { name: "cluster", port: PORTS.cluster, targetPort: "cluster", appProtocol: "tcp" },
        { name: "monitor", port: PORTS.monitor, targetPort: "monitor", appProtocol: "http" },
        { name: "metrics", port: PORTS.metrics, targetPort: "metrics", appProtocol: "http" },
      ],
    },
  };
}
