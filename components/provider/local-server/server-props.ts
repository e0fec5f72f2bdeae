import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { hasUnknown, UNKNOWN } from "../../jetstream/kinds";
import { passwordProblems, renderCredentials, renderNatsConf } from "../../nats-server/nats-conf";
import {
  PASSWORD_NAMES,
  type Passwords,
  type ReloadableOptions,
  type RestartOnlyOptions,
} from "../../nats-server/server-options";
import { UserError } from "../../user-error";
import type { Properties } from "../dynamic-provider";
import { resolveSecret } from "../secrets";

/** The properties of a local server, as they stand in the state. */
export interface ServerProps {
  /** `server_name`, unique in the cluster. */
  readonly name: string;
  readonly clusterName: string;
  /** Folder of the server's files, relative to the program. */
  readonly directory: string;
  /** Monitoring addresses of all servers of the cluster, this one included. */
  readonly peers: readonly string[];
  /** `host:port` of the cluster port of all servers; none for a server alone. */
  readonly routes: readonly string[];
  /** Options whose change restarts the server. */
  readonly restartOnly: RestartOnlyOptions;
  /** Options whose change reloads the server. */
  readonly reloadable: ReloadableOptions;
  /** The passwords: references, or secrets. */
  readonly passwords: Readonly<Record<(typeof PASSWORD_NAMES)[number], unknown>>;
}

/** What is seen of a server, beside its declaration. */
export interface Observation {
  /** Whether its process runs. */
  readonly process: string;
  /** Whether the process has loaded what is declared. */
  readonly configuration: string;
  /** Fingerprint of the credentials that the server's file holds. */
  readonly credentialsFingerprint: string;
}

/** What is declared of every server. */
export const RUNNING = "running";
export const LOADED = "loaded";

/** The server's own properties among those of the resource. */
export function serverProps(properties: Properties): ServerProps {
  return properties as unknown as ServerProps;
}

/** Where a server keeps its files, as absolute paths. */
export function serverPaths({ directory }: Pick<ServerProps, "directory">) {
  const root = resolve(directory);
  return {
    root,
    conf: join(root, "nats.conf"),
    credentials: join(root, "credentials.conf"),
    pid: join(root, "nats.pid"),
    log: join(root, "nats.log"),
    store: join(root, "data"),
  };
}

/** The text of nats.conf for a server. */
export function confText(props: ServerProps): string {
  const { store, pid } = serverPaths(props);
  return renderNatsConf({
    name: props.name,
    clusterName: props.clusterName,
    size: props.peers.length,
    restartOnly: props.restartOnly,
    reloadable: props.reloadable,
    files: { storeDirectory: store, pidFile: pid, credentialsFile: "credentials.conf" },
  });
}

/** The text of the credentials file, with the passwords as they are at this moment. */
export function credentialsText(props: ServerProps): string {
  const passwords = Object.fromEntries(
    PASSWORD_NAMES.map((name) => [
      name,
      resolveSecret(`the password '${name}' of ${props.name}`, props.passwords[name]) ?? "",
    ]),
  ) as unknown as Passwords;
  const problems = passwordProblems(passwords);
  if (problems.length > 0) {
    throw new UserError(
      `the passwords of ${props.name} cannot be used: ${problems.map(({ reason }) => reason).join(". ")}.`,
    );
  }
  return renderCredentials(passwords, props.routes);
}

/**
 * A short mark that changes with any of the passwords. It is taken over all of them at once, so
 * that it gives none of them away unless all are known.
 */
export function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** The fingerprint of the declared passwords; not known before they are. */
export function declaredFingerprint(props: ServerProps): string {
  return hasUnknown(props.passwords) ? UNKNOWN : fingerprint(credentialsText(props));
}
