import { JetStreamAssets, NatsClusterComponent } from "@tfdc/pulumi-nats";

// Where the team wants a cluster of its own. This file is not part of the program: to run it, make it
// the `main` of package.json and add @pulumi/kubernetes and @pulumi/command.
export const cluster = new NatsClusterComponent("nats-orders", {
  colour: "orders",
  namespace: "orders",
  volumeSize: "20Gi",
  maxFileStore: "16GiB",
  passwords: {
    client: { config: "other-team:clientPassword" },
    provisioner: { config: "other-team:provisionerPassword" },
    system: { config: "other-team:systemPassword" },
    cluster: { config: "other-team:clusterPassword" },
  },
});

export const assets = new JetStreamAssets(
  "orders",
  {
    connection: cluster.connection,
    capacity: cluster.capacity,
    streams: { "orders.v1": { subjects: ["orders.>"], maxBytes: "1GiB", replicas: 3 } },
  },
  { dependsOn: cluster },
);
