import { EXPORTER_PORT, EXPORTER_PORT_NAME, exporterArguments } from "../monitoring/exporter";
import type { Container } from "./manifests";
import { PORTS } from "./names";
import { CONTAINER_SECURITY } from "./security";
import type { ColourSettings } from "./settings";

/**
 * The exporter, which turns the server's monitoring into metrics on 7777. It names servers by name:
 * their ids change at every start, and every series with them.
 */
export function exporterContainer(settings: ColourSettings): Container {
  return {
    name: "exporter",
    image: settings.exporterImage,
    imagePullPolicy: settings.imagePullPolicy,
    args: exporterArguments(`http://localhost:${PORTS.monitor}`),
    ports: [{ name: EXPORTER_PORT_NAME, containerPort: EXPORTER_PORT, protocol: "TCP" }],
    resources: settings.exporterResources,
    securityContext: CONTAINER_SECURITY,
  };
}
