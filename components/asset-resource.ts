import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection-args";
import { DynamicResource, type Handler } from "./dynamic-resource";
import { ownedMetadata } from "./owned-metadata";
import { noteHiddenDrift } from "./refresh-note";
import { shortenTraces } from "./short-trace";

/** What a stream and a bucket have in common: the owner's mark, and what a preview warns of. */
export abstract class AssetResource extends DynamicResource {
  /**
   * What the planned update does to messages, or takes over, although it is allowed; known in a
   * preview, and gone once the update is made.
   */
  declare readonly warning: pulumi.Output<string | undefined>;

  constructor(
    type: string,
    handler: Handler,
    name: string,
    args: {
      readonly connection: ConnectionArgs;
      readonly metadata?: pulumi.Input<Record<string, pulumi.Input<string>>>;
    },
    options: pulumi.CustomResourceOptions | undefined,
  ) {
    // Around all of it: outputs that are made before and after the resource have traces as well.
    const restore = shortenTraces();
    try {
      const properties = { ...args, metadata: ownedMetadata(args), warning: undefined };
      super(type, handler, name, properties, options);
      noteHiddenDrift();
      this.warning.apply((warning) => {
        if (warning !== undefined && pulumi.runtime.isDryRun()) {
          void pulumi.log.warn(warning, this);
        }
      });
    } finally {
      restore();
    }
  }
}
