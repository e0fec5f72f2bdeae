import type * as pulumi from "@pulumi/pulumi";
import type { KubernetesApiArgs } from "./connection-args";
import { DynamicResource } from "./dynamic-resource";
import type { SecretCertificates } from "./kubernetes/certificates";

/** Arguments of `NatsClusterCertificates`. */
export interface NatsClusterCertificatesArgs extends KubernetesApiArgs {
  /** Namespace of the Secrets. */
  readonly namespace: string;
  /** Names of the Secrets that the servers have their certificates from. */
  readonly secrets: readonly string[];
}

/** The certificates that somebody else renews: a preview sees that one is another than before. */
export class NatsClusterCertificates extends DynamicResource {
  /** What each Secret holds, by its name. */
  declare readonly certificates: pulumi.Output<SecretCertificates>;

  constructor(
    name: string,
    args: NatsClusterCertificatesArgs,
    options?: pulumi.CustomResourceOptions,
  ) {
    super(
      "NatsClusterCertificates",
      "clusterCertificates",
      name,
      { ...args, certificates: undefined, rotated: undefined },
      options,
    );
  }
}
