import type { Container, VolumeMount } from "./manifests";
import { goMemoryLimitOf } from "./memory-limit";
import {
  CONFIG_DIRECTORY,
  CONFIG_FILE,
  CONTAINER,
  CREDENTIALS_DIRECTORY,
  PID_FILE,
  PORTS,
  TLS_DIRECTORY,
} from "./names";
import { PROBES } from "./probes";
import { CONTAINER_SECURITY } from "./security";
import type { ColourSettings } from "./settings";

/** The server. */
export function natsContainer(settings: ColourSettings): Container {
  const goMemoryLimit = goMemoryLimitOf(settings.resources);
  return {
    name: CONTAINER,
    image: settings.image,
    imagePullPolicy: settings.imagePullPolicy,
    args: ["--config", `${CONFIG_DIRECTORY}/${CONFIG_FILE}`],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "SERVER_NAME", value: "$(POD_NAME)" },
      ...(goMemoryLimit === undefined ? [] : [{ name: "GOMEMLIMIT", value: goMemoryLimit }]),
    ],
    ports: [
      { name: "client", containerPort: PORTS.client, protocol: "TCP" },
      { name: "cluster", containerPort: PORTS.cluster, protocol: "TCP" },
      { name: "monitor", containerPort: PORTS.monitor, protocol: "TCP" },
    ],
    resources: settings.resources,
    ...PROBES,
    // The kubelet's SIGTERM comes right after, and a server that is a lame duck ignores it.
    lifecycle: { preStop: { exec: { command: ["nats-server", "--signal", `ldm=${PID_FILE}`] } } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: volumeMounts(settings),
  };
}

function volumeMounts({ tls }: ColourSettings): VolumeMount[] {
  return [
    { name: "config-volume", mountPath: CONFIG_DIRECTORY, readOnly: true },
    { name: "credentials", mountPath: CREDENTIALS_DIRECTORY, readOnly: true },
    { name: "pid", mountPath: "/var/run/nats" },
    { name: "data", mountPath: "/data" },
    ...(["clients", "routes"] as const)
      .filter((kind) => tls[kind] !== undefined)
      .map((kind) => ({
        name: `tls-${kind}`,
        mountPath: `${TLS_DIRECTORY}/${kind}`,
        readOnly: true,
      })),
  ];
}
