import { selectorLabels } from "./labels";
import type { NetworkPolicy } from "./manifests";
import { metadata } from "./metadata";
import { namesOf, PORTS } from "./names";
import type { ColourSettings } from "./settings";

/**
 * Who may connect: clients that carry the label, whatever their namespace; the pods of this colour
 * to each other's cluster port; monitoring to the two ports that know no login. The kubelet's
 * probes and port-forwards are not subject to it.
 */
export function networkPolicy(settings: ColourSettings): NetworkPolicy {
  const tcp = (port: number) => ({ protocol: "TCP", port });
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(settings, namesOf(settings).statefulSet),
    spec: {
      podSelector: { matchLabels: selectorLabels(settings) },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [
            { namespaceSelector: {}, podSelector: { matchLabels: { ...settings.clientLabels } } },
          ],
          ports: [tcp(PORTS.client)],
        },
        {
          from: [{ podSelector: { matchLabels: selectorLabels(settings) } }],
          ports: [tcp(PORTS.cluster)],
        },
        {
          from: [
            {
              namespaceSelector: {
                matchLabels: { "kubernetes.io/metadata.name": settings.monitoringNamespace },
              },
            },
          ],
          ports: [tcp(PORTS.monitor), tcp(PORTS.metrics)],
        },
      ],
    },
  };
}
