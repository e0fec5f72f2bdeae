import * as pulumi from "@pulumi/pulumi";
import { JetStreamAssets, type JetStreamAssetsArgs } from "@tfdc/pulumi-nats";
import type { JetStreamArgs } from "./arguments";

/**
 * All streams and buckets of one cluster, declared together and checked together: what
 * `JetStreamAssets` of `@tfdc/pulumi-nats` is in TypeScript.
 */
export class JetStream extends pulumi.ComponentResource {
  /** Names of the streams on the servers, by logical name. */
  readonly streams: pulumi.Output<Record<string, string>>;
  /** Streams of the cluster that no code declares. */
  readonly unmanaged: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: JetStreamArgs, options?: pulumi.ComponentResourceOptions) {
    super("nats:index:JetStream", name, args, options);
    // The same properties in wider types; JetStreamAssets names at preview what does not fit.
    const settings = args as unknown as JetStreamAssetsArgs;
    const assets = new JetStreamAssets(name, settings, { parent: this });
    const names = Object.entries(assets.streams).map(
      ([key, stream]) => [key, stream.name] as const,
    );
    this.streams = pulumi.output(Object.fromEntries(names));
    this.unmanaged = assets.guard.unmanaged;
    this.registerOutputs({ streams: this.streams, unmanaged: this.unmanaged });
  }
}
