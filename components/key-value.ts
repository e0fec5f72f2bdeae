import * as pulumi from "@pulumi/pulumi";
import { AssetResource } from "./asset-resource";
import { BUCKET_PREFIX } from "./jetstream/names";
import type { KeyValueArgs } from "./key-value-args";

/**
 * A key-value bucket, with all of the stream underneath. A configuration that was changed behind
 * Pulumi's back shows in a preview with refresh, property by property.
 */
export class KeyValue extends AssetResource {
  /** Name of the bucket. */
  declare readonly bucket: pulumi.Output<string>;

  constructor(name: string, args: KeyValueArgs, options?: pulumi.CustomResourceOptions) {
    super("KeyValue", "keyValue", name, args, options);
  }

  /** Name of the stream that holds the bucket. */
  get streamName(): pulumi.Output<string> {
    return pulumi.interpolate`${BUCKET_PREFIX}${this.bucket}`;
  }
}
