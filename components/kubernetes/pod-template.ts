import { exporterContainer } from "./exporter-container";
import { podLabels, selectorLabels } from "./labels";
import type { PodTemplateSpec, TopologySpreadConstraint, Volume } from "./manifests";
import { namesOf } from "./names";
import { natsContainer } from "./nats-container";
import { POD_SECURITY } from "./security";
import type { ColourSettings } from "./settings";

/** Annotation of pods: the part of nats.conf that only a restart applies, as a mark. */
export const RESTART_MARK = "tfdc.io/restart-only-configuration";

/**
 * The pod of one server.
 *
 * @param restartMark - mark of what only a restart applies: a change makes a new revision of the
 *   pods, so that a roll knows which ones are left to restart, however often it was interrupted
 */
export function podTemplate(settings: ColourSettings, restartMark: string): PodTemplateSpec {
  return {
    metadata: { labels: podLabels(settings), annotations: { [RESTART_MARK]: restartMark } },
    spec: {
      serviceAccountName: namesOf(settings).serviceAccount,
      automountServiceAccountToken: false,
      // The variables of every Service of the namespace would meet those of nats.conf.
      enableServiceLinks: false,
      terminationGracePeriodSeconds: settings.gracePeriodSeconds,
      securityContext: POD_SECURITY,
      topologySpreadConstraints: spread(settings),
      ...(settings.imagePullSecrets.length === 0
        ? {}
        : { imagePullSecrets: [...settings.imagePullSecrets] }),
      ...(Object.keys(settings.nodeSelector).length === 0
        ? {}
        : { nodeSelector: { ...settings.nodeSelector } }),
      ...(settings.tolerations.length === 0 ? {} : { tolerations: [...settings.tolerations] }),
      ...(settings.priorityClassName === undefined
        ? {}
        : { priorityClassName: settings.priorityClassName }),
      containers: [natsContainer(settings), exporterContainer(settings)],
      volumes: volumes(settings),
    },
  };
}

/** One server a node: two on one node would both go with it, and the majority with them. */
function spread(settings: ColourSettings): TopologySpreadConstraint[] {
  const constraint = (topologyKey: string, whenUnsatisfiable: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: { matchLabels: selectorLabels(settings) },
  });
  const hosts = settings.spread === "required" ? "DoNotSchedule" : "ScheduleAnyway";
  return [
    constraint("kubernetes.io/hostname", hosts),
    constraint("topology.kubernetes.io/zone", "ScheduleAnyway"),
  ];
}

/** Readable for the group that the server runs in. */
const SECRET_MODE = 0o440;

function volumes(settings: ColourSettings): Volume[] {
  const names = namesOf(settings);
  return [
    { name: "config-volume", configMap: { name: names.configMap } },
    { name: "credentials", secret: { secretName: names.credentials, defaultMode: SECRET_MODE } },
    { name: "pid", emptyDir: {} },
    ...(["clients", "routes"] as const).flatMap((kind) => {
      const secretName = settings.tls[kind]?.secretName;
      return secretName === undefined
        ? []
        : [{ name: `tls-${kind}`, secret: { secretName, defaultMode: SECRET_MODE } }];
    }),
  ];
}
