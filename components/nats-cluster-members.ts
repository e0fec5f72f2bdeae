import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs, KubernetesApiArgs } from "./connection-args";
import { DynamicResource } from "./dynamic-resource";

/** The StatefulSet whose pods the servers are. */
export interface MembersHome extends KubernetesApiArgs {
  readonly namespace: string;
  readonly statefulSet: string;
}

/** Arguments of `NatsClusterMembers`. */
export interface NatsClusterMembersArgs {
  /** How the cluster is reached, with a user of the system account. */
  readonly connection: ConnectionArgs;
  /** Names of the servers. */
  readonly servers: readonly string[];
  /** Where they run, so that one that has left can be ended. */
  readonly home: MembersHome;
  /** How many seconds nothing may get better while servers leave. */
  readonly stallSeconds: number;
}

/**
 * The servers of a cluster. Registered before what runs them, it lets those leave that are declared
 * no more: a preview tells what has to move, and refuses what could not; an update moves it, ends
 * the servers one by one, and has the others forget them.
 */
export class NatsClusterMembers extends DynamicResource {
  constructor(name: string, args: NatsClusterMembersArgs, options?: pulumi.CustomResourceOptions) {
    super("NatsClusterMembers", "clusterMembers", name, { ...args, moves: undefined }, options);
  }
}
