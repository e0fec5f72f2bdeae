import { labels, selectorLabels } from "./labels";
import type { StatefulSet } from "./manifests";
import { metadata, SKIP_AWAIT } from "./metadata";
import { namesOf } from "./names";
import { podTemplate } from "./pod-template";
import type { ColourSettings } from "./settings";

/**
 * The servers. All start at once, because JetStream elects nobody while they come one by one; a
 * new revision restarts nobody, because the roll does, in an order that Kubernetes does not know.
 */
export function statefulSet(settings: ColourSettings, restartMark: string): StatefulSet {
  const names = namesOf(settings);
  const retention = settings.volumeRetention === "retain" ? "Retain" : "Delete";
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      ...metadata(settings, names.statefulSet, SKIP_AWAIT),
      labels: { ...labels(settings), "app.kubernetes.io/version": settings.serverVersion },
    },
    spec: {
      serviceName: names.headlessService,
      replicas: settings.replicas,
      podManagementPolicy: "Parallel",
      updateStrategy: { type: settings.rollout === "guarded" ? "OnDelete" : "RollingUpdate" },
      // A server that comes back under its name finds its streams; only the end of all deletes.
      persistentVolumeClaimRetentionPolicy: { whenDeleted: retention, whenScaled: "Retain" },
      selector: { matchLabels: selectorLabels(settings) },
      template: podTemplate(settings, restartMark),
      volumeClaimTemplates: [
        {
          metadata: { name: "data", labels: selectorLabels(settings) },
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: settings.storageClass,
            resources: { requests: { storage: settings.volumeSize } },
          },
        },
      ],
    },
  };
}
