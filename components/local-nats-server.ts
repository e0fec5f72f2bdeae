import type * as pulumi from "@pulumi/pulumi";
import type { SecretReference } from "./connection-args";
import { DynamicResource } from "./dynamic-resource";
import type {
  PASSWORD_NAMES,
  ReloadableOptions,
  RestartOnlyOptions,
} from "./nats-server/server-options";

/** The passwords of a local cluster: references (kept out of the state) or Pulumi secrets. */
export type PasswordArgs = Readonly<
  Record<(typeof PASSWORD_NAMES)[number], SecretReference | pulumi.Input<string>>
>;

/** Arguments of a `LocalNatsServer`. */
export interface LocalNatsServerArgs {
  /** `server_name`, unique in the cluster. */
  readonly name: string;
  /** Name of the cluster. */
  readonly clusterName: string;
  /** Folder of the server's files, relative to the program. */
  readonly directory: string;
  /** Monitoring addresses of all servers of the cluster, this one included. */
  readonly peers: readonly string[];
  /** `host:port` of the cluster port of all servers; none for a server alone. */
  readonly routes: readonly string[];
  /** What a change of restarts the server, one at a time, as a lame duck. */
  readonly restartOnly: RestartOnlyOptions;
  /** What a change of reloads the server. */
  readonly reloadable: ReloadableOptions;
  /** The passwords of the cluster. */
  readonly passwords: PasswordArgs;
}

/**
 * One nats-server process of this machine. It outlives the command that started it; a process
 * that is gone, a foreign one on its port and an edited nats.conf show as drift.
 */
export class LocalNatsServer extends DynamicResource {
  /** `"running"`, or in a preview what was found instead. */
  declare readonly process: pulumi.Output<string>;

  constructor(name: string, args: LocalNatsServerArgs, options?: pulumi.CustomResourceOptions) {
    super("LocalNatsServer", "localServer", name, { ...args, process: undefined }, options);
  }
}
