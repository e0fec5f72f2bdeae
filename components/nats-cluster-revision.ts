import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesApiArgs } from "./connection-args";
import { DynamicResource } from "./dynamic-resource";

/** Arguments of `NatsClusterRevision`. */
export interface NatsClusterRevisionArgs extends KubernetesApiArgs {
  /** Namespace of the StatefulSet. */
  readonly namespace: string;
  /** Name of the StatefulSet, whose pods are replaced when they are deleted and not before. */
  readonly statefulSet: string;
  /** Mark of what is declared of the pods. */
  readonly template: string;
}

/**
 * Counts the rolls that are due because a pod is not as declared. What is declared alone does not tell:
 * a roll may have failed half way and been taken back, and a pod may have been made while somebody
 * else had edited the StatefulSet.
 */
export class NatsClusterRevision extends DynamicResource {
  declare readonly rolls: pulumi.Output<number>;

  constructor(name: string, args: NatsClusterRevisionArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "NatsClusterRevision",
      "clusterRevision",
      name,
      { ...args, rolls: undefined, due: undefined },
      options,
    );
  }
}
