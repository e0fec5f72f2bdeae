import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_DELETION_POLICY, type DeletionPolicy } from "./asset-options";
import type { ClusterCapacity, ConnectionArgs } from "./connection-args";
import { DynamicResource } from "./dynamic-resource";

/** Arguments of a `JetStreamGuard`. */
export interface JetStreamGuardArgs {
  /** How the cluster is reached. The same as that of the assets. */
  readonly connection: ConnectionArgs;
  /** The guarded assets: the names of their streams on the server, each with its policy. */
  readonly assets: Readonly<Record<string, DeletionPolicy | undefined>>;
  /**
   * What the servers offer. With it, a preview refuses what does not fit beside the streams that
   * are there already, and a cluster with other servers. @default unknown, not checked
   */
  readonly capacity?: ClusterCapacity;
}

/**
 * Watches over assets that say `guarded: true`. Registered after them (`dependsOn`), it refuses at
 * preview all that is wrong with any of them at once, while the preview still shows every
 * property; and because it is deleted before them, a destroy is refused before one of them is gone.
 * It stands for no object of a server.
 */
export class JetStreamGuard extends DynamicResource {
  /** Streams of the cluster that no code declares: those without an owner's mark, by name. */
  declare readonly unmanaged: pulumi.Output<string[] | undefined>;
  /**
   * Settings of declared streams that a newer server has and this release does not know, one text a
   * stream. No update touches them, and no diff shows them.
   */
  declare readonly unknownSettings: pulumi.Output<string[] | undefined>;
  /** In a preview, what to know of a change of nats-server's version. */
  declare readonly versionChange: pulumi.Output<string | undefined>;

  constructor(name: string, args: JetStreamGuardArgs, options?: pulumi.CustomResourceOptions) {
    const assets = Object.fromEntries(
      Object.entries(args.assets).map(([stream, policy]) => [
        stream,
        policy ?? DEFAULT_DELETION_POLICY,
      ]),
    );
    super(
      "JetStreamGuard",
      "guard",
      name,
      {
        connection: args.connection,
        assets,
        capacity: offered(args.capacity),
        unmanaged: undefined,
        unknownSettings: undefined,
        versionChange: undefined,
      },
      options,
    );
    this.warn(this.versionChange, (note) => note);
    this.warn(this.unknownSettings, (found) =>
      found.length > 0 ? strangeWarning(found) : undefined,
    );
    this.warn(this.unmanaged, (found) => (found.length > 0 ? warningOf(found) : undefined));
  }

  /** Says in a preview what was found, where there is something to say of it. */
  private warn<T>(found: pulumi.Output<T | undefined>, words: (found: T) => string | undefined) {
    found.apply((value) => {
      const text = value === undefined ? undefined : words(value as T);
      if (text !== undefined && pulumi.runtime.isDryRun()) {
        void pulumi.log.warn(text, this);
      }
    });
  }
}

/** What the servers offer. Who upgrades them is the assets' to know. */
function offered(capacity: ClusterCapacity | undefined): ClusterCapacity | undefined {
  const { upgradedFirst: _theirs, ...rest } = capacity ?? {};
  return capacity === undefined ? undefined : (rest as ClusterCapacity);
}

function strangeWarning(found: readonly string[]): string {
  const [shown, rest] = [found.slice(0, 10).join("; "), found.length - 10];
  return `the servers are newer than this release of @tfdc/pulumi-nats, and streams have settings that it does not know: ${shown}${rest > 0 ? `; and ${rest} more streams` : ""}. They stay as they are, and previews do not show them: use a release that knows them.`;
}

function warningOf(found: readonly string[]): string {
  const shown = found.slice(0, 10).join(", ");
  const rest = found.length > 10 ? ` and ${found.length - 10} more` : "";
  return found.length === 1
    ? `one stream of the cluster is declared by no code: ${shown}. Declare it, which takes an equal one over, or delete it.`
    : `${found.length} streams of the cluster are declared by no code: ${shown}${rest}. Declare them, which takes equal ones over, or delete them.`;
}
