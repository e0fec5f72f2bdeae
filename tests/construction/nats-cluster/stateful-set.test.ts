import { strict as assert } from "node:assert";
import { DeclaredCluster, LABELS, SELECTOR, SKIP_AWAIT } from "../../support/declared-cluster";

describe("the StatefulSet of NatsClusterComponent", () => {
  it("is the reference document's, with what a production cluster needs besides", async () => {
    const cluster = await DeclaredCluster.make();
    assert.deepEqual(cluster.inputsOf("nats-blue-stateful-set"), {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: {
        annotations: SKIP_AWAIT,
        labels: {
          app: "nats",
          "app.kubernetes.io/component": "server",
          "app.kubernetes.io/instance": "nats-blue",
          "app.kubernetes.io/managed-by": "pulumi",
          "app.kubernetes.io/name": "nats",
          "app.kubernetes.io/part-of": "tfdc",
          "app.kubernetes.io/version": "2.10.29",
          cluster: "blue",
        },
        name: "nats-blue",
        namespace: "tfdc",
      },
      spec: {
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        podManagementPolicy: "Parallel",
        replicas: 3,
        selector: { matchLabels: SELECTOR },
        serviceName: "nats-blue",
        template: {
          metadata: {
            annotations: {
              "tfdc.io/declared-template": "7b4852f9c3f7f0df",
              "tfdc.io/restart-only-configuration": "f9440607046ad796",
            },
            labels: LABELS,
          },
          spec: {
            automountServiceAccountToken: false,
            containers: [
              {
                args: ["--config", "/etc/nats-config/nats.conf"],
                env: [
                  { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                  { name: "SERVER_NAME", value: "$(POD_NAME)" },
                  { name: "GOMEMLIMIT", value: "3276MiB" },
                ],
                image: "nats:2.10.29",
                imagePullPolicy: "IfNotPresent",
                lifecycle: {
                  preStop: {
                    exec: { command: ["nats-server", "--signal", "ldm=/var/run/nats/nats.pid"] },
                  },
                },
                livenessProbe: {
                  failureThreshold: 3,
                  httpGet: { path: "/healthz?js-enabled-only=true", port: "monitor" },
                  periodSeconds: 30,
                  successThreshold: 1,
                  timeoutSeconds: 5,
                },
                name: "nats",
                ports: [
                  { containerPort: 4222, name: "client", protocol: "TCP" },
                  { containerPort: 6222, name: "cluster", protocol: "TCP" },
                  { containerPort: 8222, name: "monitor", protocol: "TCP" },
                ],
                readinessProbe: {
                  failureThreshold: 3,
                  httpGet: { path: "/healthz?js-server-only=true", port: "monitor" },
                  periodSeconds: 10,
                  successThreshold: 1,
                  timeoutSeconds: 5,
                },
                resources: {
                  limits: { cpu: "2000m", memory: "4Gi" },
                  requests: { cpu: "1000m", memory: "2Gi" },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  readOnlyRootFilesystem: true,
                },
                startupProbe: {
                  failureThreshold: 450,
                  httpGet: { path: "/healthz", port: "monitor" },
                  periodSeconds: 2,
                  successThreshold: 1,
                  timeoutSeconds: 5,
                },
                volumeMounts: [
                  { mountPath: "/etc/nats-config", name: "config-volume", readOnly: true },
                  { mountPath: "/etc/nats-credentials", name: "credentials", readOnly: true },
                  { mountPath: "/var/run/nats", name: "pid" },
                  { mountPath: "/data", name: "data" },
                ],
              },
              {
                args: [
                  "-port=7777",
                  "-healthz",
                  "-varz",
                  "-connz",
                  "-jsz=all",
                  "-prefix=nats",
                  "-use_internal_server_name",
                  "http://localhost:8222",
                ],
                image: "natsio/prometheus-nats-exporter:0.20.1",
                imagePullPolicy: "IfNotPresent",
                name: "exporter",
                ports: [{ containerPort: 7777, name: "metrics", protocol: "TCP" }],
                resources: {
                  limits: { cpu: "200m", memory: "128Mi" },
                  requests: { cpu: "10m", memory: "32Mi" },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  readOnlyRootFilesystem: true,
                },
              },
            ],
            enableServiceLinks: false,
            securityContext: {
              fsGroup: 1000,
              fsGroupChangePolicy: "OnRootMismatch",
              runAsGroup: 1000,
              runAsNonRoot: true,
              runAsUser: 1000,
              seccompProfile: { type: "RuntimeDefault" },
            },
            serviceAccountName: "nats-blue",
            terminationGracePeriodSeconds: 60,
            topologySpreadConstraints: [
              {
                labelSelector: { matchLabels: SELECTOR },
                maxSkew: 1,
                topologyKey: "kubernetes.io/hostname",
                whenUnsatisfiable: "DoNotSchedule",
              },
              {
                labelSelector: { matchLabels: SELECTOR },
                maxSkew: 1,
                topologyKey: "topology.kubernetes.io/zone",
                whenUnsatisfiable: "ScheduleAnyway",
              },
            ],
            volumes: [
              { configMap: { name: "nats-blue-config" }, name: "config-volume" },
              {
                name: "credentials",
                secret: { defaultMode: 288, secretName: "nats-blue-credentials" },
              },
              { emptyDir: {}, name: "pid" },
            ],
          },
        },
        updateStrategy: { type: "OnDelete" },
        volumeClaimTemplates: [
          {
            metadata: { labels: SELECTOR, name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "200Gi" } },
              storageClassName: "fast-ssd",
            },
          },
        ],
      },
    });
  });
});
