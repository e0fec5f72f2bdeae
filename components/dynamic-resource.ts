import * as pulumi from "@pulumi/pulumi";
import { shortenTraces } from "./short-trace";

/** The handlers that `@tfdc/pulumi-nats/provider` exports. */
export type Handler =
  | "stream"
  | "keyValue"
  | "guard"
  | "localServer"
  | "clusterShape"
  | "clusterRevision"
  | "clusterMembers"
  | "clusterCertificates";

/**
 * A resource whose provider runs in Pulumi's own `pulumi-nodejs` host. The text that stands for
 * the provider is one constant line: nothing of the program is captured in it, it differs from no
 * version to the next, and a state of a thousand streams stays small.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(
    type: string,
    handler: Handler,
    name: string,
    properties: pulumi.Inputs,
    options: pulumi.CustomResourceOptions | undefined,
  ) {
    const restore = shortenTraces();
    try {
      super(
        `pulumi-nodejs:dynamic/tfdc:${type}`,
        name,
        {
          ...properties,
          __provider: `exports.handler = () => require("@tfdc/pulumi-nats/provider").${handler};`,
        },
        options,
      );
    } finally {
      restore();
    }
  }
}
