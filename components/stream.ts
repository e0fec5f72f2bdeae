import type * as pulumi from "@pulumi/pulumi";
import { AssetResource } from "./asset-resource";
import type { StreamArgs } from "./stream-args";

/**
 * A JetStream stream. A configuration that was changed behind Pulumi's back shows in a preview
 * with refresh, property by property.
 */
export class Stream extends AssetResource {
  /** Name on the server. */
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: StreamArgs, options?: pulumi.CustomResourceOptions) {
    super("Stream", "stream", name, args, options);
  }
}
