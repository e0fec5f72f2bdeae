import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource";
import type { ClusterShape } from "./kubernetes/shape";

/**
 * The number of servers and their volumes, which Kubernetes would change by making everything
 * anew: a preview refuses here what would cost streams, and an update grows volumes in place.
 */
export class NatsClusterShape extends DynamicResource {
  constructor(name: string, shape: ClusterShape, options?: pulumi.CustomResourceOptions) {
    super("NatsClusterShape", "clusterShape", name, { ...shape }, options);
  }
}
