import { strict as assert } from "node:assert";
import { DeclaredCluster, LABELS, SELECTOR, SKIP_AWAIT } from "../../support/declared-cluster";

describe("the objects of NatsClusterComponent", () => {
  let cluster: DeclaredCluster;

  before(async () => {
    cluster = await DeclaredCluster.make();
  });

  it("are a namespace for both colours that enforces the restricted profile and belongs to none", () => {
    assert.deepEqual(cluster.inputsOf("nats-blue-namespace"), {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        labels: {
          "app.kubernetes.io/part-of": "tfdc",
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
        name: "tfdc",
      },
    });
  });

  it("are a service account without a token", () => {
    assert.deepEqual(cluster.inputsOf("nats-blue-service-account"), {
      apiVersion: "v1",
      automountServiceAccountToken: false,
      kind: "ServiceAccount",
      metadata: { labels: LABELS, name: "nats-blue", namespace: "tfdc" },
    });
  });

  it("are a service for clients, with nothing but the client port", () => {
    assert.deepEqual(cluster.inputsOf("nats-blue-client"), {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        annotations: SKIP_AWAIT,
        labels: LABELS,
        name: "nats-blue-client",
        namespace: "tfdc",
      },
      spec: {
        ports: [{ appProtocol: "tcp", name: "client", port: 4222, targetPort: "client" }],
        selector: SELECTOR,
        type: "ClusterIP",
      },
    });
  });

  it("are a headless service that names pods before they are ready", () => {
    assert.deepEqual(cluster.inputsOf("nats-blue-headless"), {
      apiVersion: "v1",
      kind: "Service",
      metadata: { annotations: SKIP_AWAIT, labels: LABELS, name: "nats-blue", namespace: "tfdc" },
      spec: {
        clusterIP: "None",
        ports: [
          { appProtocol: "tcp", name: "client", port: 4222, targetPort: "client" },
          { appProtocol: "tcp", name: "cluster", port: 6222, targetPort: "cluster" },
          { appProtocol: "http", name: "monitor", port: 8222, targetPort: "monitor" },
          { appProtocol: "http", name: "metrics", port: 7777, targetPort: "metrics" },
        ],
        publishNotReadyAddresses: true,
        selector: SELECTOR,
      },
    });
  });

  it("are a disruption budget that gives up one server at a time", () => {
    assert.deepEqual(cluster.inputsOf("nats-blue-disruption-budget"), {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { labels: LABELS, name: "nats-blue", namespace: "tfdc" },
      spec: { maxUnavailable: 1, selector: { matchLabels: SELECTOR } },
    });
  });

  it("are a network policy: clients by label, routes within the colour, monitoring from its namespace", () => {
    assert.deepEqual(cluster.inputsOf("nats-blue-network-policy"), {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { labels: LABELS, name: "nats-blue", namespace: "tfdc" },
      spec: {
        ingress: [
          {
            from: [
              {
                namespaceSelector: {},
                podSelector: { matchLabels: { "tfdc.io/nats-client": "true" } },
              },
            ],
            ports: [{ port: 4222, protocol: "TCP" }],
          },
          {
            from: [{ podSelector: { matchLabels: SELECTOR } }],
            ports: [{ port: 6222, protocol: "TCP" }],
          },
          {
            from: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
              },
            ],
            ports: [
              { port: 8222, protocol: "TCP" },
              { port: 7777, protocol: "TCP" },
            ],
          },
        ],
        podSelector: { matchLabels: SELECTOR },
        policyTypes: ["Ingress"],
      },
    });
  });
});
