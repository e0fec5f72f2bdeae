import type { ConfigMap } from "./manifests";
import { metadata } from "./metadata";
import { CONFIG_FILE, namesOf } from "./names";
import type { ColourSettings } from "./settings";

/** nats.conf, which holds no secret. */
export function configMap(settings: ColourSettings, natsConf: string): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(settings, namesOf(settings).configMap),
    data: { [CONFIG_FILE]: natsConf },
  };
}
