import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection-args";
import { ownerMetadata } from "./jetstream/ownership";

/** The metadata of an asset, with the mark of the stack that declares it. */
export function ownedMetadata(args: {
  readonly connection: ConnectionArgs;
  readonly metadata?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}): pulumi.Output<Record<string, string>> {
  const owner = ownerMetadata({
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    colour: args.connection.cluster ?? "",
  });
  return pulumi.output(args.metadata ?? {}).apply((metadata) => ({ ...metadata, ...owner }));
}
