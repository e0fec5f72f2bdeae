import assert from "node:assert/strict";
import { eventually } from "../support/eventually";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { TOOLS_IMAGE } from "../support/kubernetes/images";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { STORAGE_CLASS } from "../support/kubernetes/volumes";

describe("the Kubernetes of the tests", function () {
  this.timeout(180_000);
  let cluster: Kubernetes;
  let namespace: string;

  before(async () => {
    cluster = await sharedKubernetes();
    namespace = await cluster.namespace("harness");
  });

  it("has three nodes, each in a zone of its own", async () => {
    const { items } = await cluster.api.request<{
      items: { metadata: { labels: Record<string, string> } }[];
    }>("GET", "/api/v1/nodes");
    const zones = items.map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]);
    assert.deepEqual(zones, ["node-0", "node-1", "node-2"]);
  });

  it("runs the pods of a StatefulSet on claims of the storage class, each with a name of its own", async () => {
    await cluster.apply(...statefulSet(namespace, "plain", 2));
    const pods = await cluster.waitReady(namespace, "app=plain", 2);
    const [first] = pods;
    const found = await cluster.exec(namespace, "plain-0", "main", [
      "/stand-in",
      "lookup",
      "plain-0.plain",
    ]);
    assert.deepEqual(found, { code: 0, stdout: `${first?.status.podIP}\n`, stderr: "" });
    // A pod is ready before DNS knows it.
    const both = await eventually(
      () => cluster.exec(namespace, "plain-1", "main", ["/stand-in", "lookup", "plain"]),
      ({ stdout }) => stdout.trim().split(" ").length === 2,
    );
    assert.deepEqual(
      both.stdout.trim().split(" ").sort(),
      pods.map(({ status }) => status.podIP).sort(),
    );
    const claims = await cluster.list<{ status: { phase: string } }>(
      "v1",
      "PersistentVolumeClaim",
      namespace,
    );
    assert.deepEqual(
      claims.map(({ status }) => status.phase),
      ["Bound", "Bound"],
    );
  });

  it("grows a volume with its claim", async () => {
    const claim = {
      kind: "PersistentVolumeClaim",
      metadata: { name: "data-plain-0", namespace },
    };
    await cluster.edit(claim, { spec: { resources: { requests: { storage: "300Gi" } } } });
    await until("the claim has grown", async () => {
      const found = await cluster.get<{ status: { capacity: { storage: string } } }>(claim);
      return found?.status.capacity.storage === "300Gi";
    });
  });

  it("moves an evicted pod with its volume to another node, and keeps it waiting where there is none", async () => {
    const [before] = await cluster.pods(namespace, "app=plain");
    const { nodeName = "node-0" } = before?.spec ?? {};
    await cluster.cordon([nodeName]);
    await cluster.evict(namespace, "plain-0");
    await until("the pod is back", async () => {
      const [pod] = await cluster.pods(namespace, "app=plain");
      return pod?.spec.nodeName !== undefined && pod.spec.nodeName !== nodeName;
    });
    await cluster.waitReady(namespace, "app=plain", 2);
    await cluster.cordon();
    try {
      await cluster.evict(namespace, "plain-0");
      await until("the pod waits for a node", async () => {
        const events = await cluster.events(namespace, "plain-0");
        return events.some(({ message }) => message.includes("3 node(s) were unschedulable"));
      });
    } finally {
      await cluster.uncordon();
    }
    const [now] = await cluster.waitReady(namespace, "app=plain", 2);
    assert.notEqual(now?.metadata.uid, before?.metadata.uid);
  });

  it("refuses an object with a field that Kubernetes does not know", async () => {
    const [, set] = statefulSet(namespace, "strict", 1);
    const misspelt = { ...set, spec: { ...set?.spec, replicaz: 1 } };
    await assert.rejects(cluster.apply(misspelt), {
      name: "ApiError",
      message: /strict decoding error: unknown field "spec.replicaz"|field not declared in schema/,
    });
  });

  it("refuses a pod that a restricted namespace forbids, and a pod beyond a quota", async () => {
    const strict = await cluster.namespace("harness-strict", {
      restricted: true,
      quota: { pods: "1" },
    });
    const pod = (name: string, securityContext: object) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: strict },
      spec: {
        containers: [{ name: "main", image: TOOLS_IMAGE, args: ["pause"], securityContext }],
      },
    });
    const restricted = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    };
    await assert.rejects(cluster.apply(pod("loose", {})), /violates PodSecurity "restricted/);
    await cluster.apply(pod("tight", restricted));
    await until("the pod runs", async () => {
      return (await cluster.pods(strict))[0]?.status.phase === "Running";
    });
    await assert.rejects(cluster.apply(pod("second", restricted)), /exceeded quota: tests/);
    await cluster.deletePod(strict, "tight", 0);
  });

  it("removes the volume with its claim, and keeps one whose policy says so", async () => {
    await cluster.delete({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "plain", namespace },
    });
    const claim = (name: string) => {
      return { kind: "PersistentVolumeClaim", metadata: { name, namespace } };
    };
    const volumeOf = async (name: string) => {
      const found = await cluster.get<{ spec: { volumeName: string } }>(claim(name));
      return { kind: "PersistentVolume", metadata: { name: found?.spec.volumeName ?? "" } };
    };
    const [gone, kept] = [await volumeOf("data-plain-0"), await volumeOf("data-plain-1")];
    await cluster.edit(kept, { spec: { persistentVolumeReclaimPolicy: "Retain" } });
    await cluster.delete(claim("data-plain-0"));
    await cluster.delete(claim("data-plain-1"));
    await until("the volume is gone", async () => (await cluster.get(gone)) === undefined);
    await until("the other one is released", async () => {
      const found = await cluster.get<{ status: { phase: string } }>(kept);
      return found?.status.phase === "Released";
    });
  });
});

function statefulSet(namespace: string, name: string, replicas: number) {
  const labels = { app: name };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { clusterIP: "None", selector: labels, ports: [{ name: "any", port: 7777 }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name, namespace },
      spec: {
        serviceName: name,
        replicas,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: "main",
                image: TOOLS_IMAGE,
                args: ["exporter"],
                readinessProbe: { httpGet: { path: "/metrics", port: 7777 }, periodSeconds: 1 },
                volumeMounts: [{ name: "data", mountPath: "/data" }],
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              storageClassName: STORAGE_CLASS,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "200Gi" } },
            },
          },
        ],
      },
    },
  ];
}
