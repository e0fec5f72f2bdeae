import {
  ADOPT,
  type Adopt,
  DEFAULT_ADOPT,
  DEFAULT_DELETION_POLICY,
  DELETION_POLICIES,
  DELETION_POLICY_VARIABLE,
  type DeletionPolicy,
  ON_REFUSED_CHANGE,
  POLICY_NAMES,
} from "../asset-options";
import type { ConnectionArgs, KubernetesAccess, SystemUserArgs } from "../connection-args";
import type { AssetKind, AssetProperties } from "../jetstream/asset-kinds";
import { wholeProperties } from "../jetstream/kept-properties";
import { hasUnknown } from "../jetstream/kinds";
import { type Problem, problem } from "../jetstream/problems";
import { UserError } from "../user-error";
import type { Properties } from "./dynamic-provider";

/** The state in which a live asset was seen, as the property `liveState` holds it. */
export const READ = "read";

/** The property under which a reviewer sees that the live state could not be read. */
export const LIVE_STATE = "liveState";

/** The property under which a preview says what an update deletes although it is allowed. */
export const WARNING = "warning";

/** The property that says which version the update brings first. No state holds it. */
export const SERVER_VERSION = "serverVersion";

/** Properties that say what was seen, and are declared by nobody. */
const SEEN: readonly string[] = [LIVE_STATE, WARNING];

/** What may stand beside an asset's own properties. */
export const BESIDE: readonly string[] = [
  ...POLICY_NAMES,
  "connection",
  "guarded",
  SERVER_VERSION,
  "__provider",
  ...SEEN,
];

/** The asset's own properties among those of the resource. */
export function assetProperties(kind: AssetKind, props: Properties): AssetProperties {
  const held = kind.properties.map((name) => [name, props[name]] as const);
  return wholeProperties(kind, Object.fromEntries(held) as AssetProperties);
}

/** Everything else of the resource: connection, policies, and what Pulumi keeps there itself. */
export function otherProperties(kind: AssetKind, props: Properties): Properties {
  return Object.fromEntries(
    Object.entries(props).filter(
      ([name]) => !SEEN.includes(name) && !kind.properties.includes(name),
    ),
  );
}

export function connectionOf(props: Properties): ConnectionArgs {
  return props.connection as ConnectionArgs;
}

export function adoptOf(props: Properties): Adopt {
  return (props.adopt as Adopt | undefined) ?? DEFAULT_ADOPT;
}

/** The policy of the resource, unless the environment says another one for this command. */
export function deletionPolicyOf(props: Properties): DeletionPolicy {
  return (
    forcedDeletionPolicy() ??
    (props.deletionPolicy as DeletionPolicy | undefined) ??
    DEFAULT_DELETION_POLICY
  );
}

/** The policy that the environment says for this command, if any. */
export function forcedDeletionPolicy(): DeletionPolicy | undefined {
  const forced = process.env[DELETION_POLICY_VARIABLE];
  if (forced !== undefined && forced !== "") {
    const policy = DELETION_POLICIES.find((one) => one === forced);
    if (policy === undefined) {
      throw new UserError(
        `${DELETION_POLICY_VARIABLE} is "${forced}": it must be one of ${quoted(DELETION_POLICIES)}; correct or unset it.`,
      );
    }
    return policy;
  }
  return undefined;
}

/** What is wrong with the properties that are not the asset's own. */
export function optionProblems(props: Properties): Problem[] {
  return [
    ...oneOf("adopt", props.adopt, ADOPT),
    ...oneOf("deletionPolicy", props.deletionPolicy, DELETION_POLICIES),
    ...oneOf("onRefusedChange", props.onRefusedChange, ON_REFUSED_CHANGE),
    ...dataLossProblems(props.allowDataLoss),
    ...switchProblems("acknowledgeIrreversible", props.acknowledgeIrreversible),
    ...folderProblems(props.backupDirectory),
    ...switchProblems("keepBackup", props.keepBackup),
    ...switchProblems("guarded", props.guarded),
    ...versionProblems(props[SERVER_VERSION]),
    ...connectionProblems(props.connection),
    ...systemProblems(props.connection),
  ];
}

function oneOf(property: string, value: unknown, words: readonly string[]): Problem[] {
  return value === undefined || hasUnknown(value) || words.some((word) => word === value)
    ? []
    : [problem(property, value, "no such policy", `use one of ${quoted(words)}`)];
}

function dataLossProblems(allowed: unknown): Problem[] {
  if (allowed === undefined || typeof allowed === "boolean" || hasUnknown(allowed)) {
    return [];
  }
  const { upToMessages } = (allowed ?? {}) as { readonly upToMessages?: unknown };
  return Number.isSafeInteger(upToMessages) && Number(upToMessages) >= 0
    ? []
    : [
        problem(
          "allowDataLoss",
          allowed,
          "it must be true, false, or a number of messages",
          "use { upToMessages: 1000 }",
        ),
      ];
}

function folderProblems(folder: unknown): Problem[] {
  return folder === undefined || (typeof folder === "string" && folder !== "") || hasUnknown(folder)
    ? []
    : [problem("backupDirectory", folder, "it must be the path of a folder", 'use "backups"')];
}

function versionProblems(version: unknown): Problem[] {
  return version === undefined || (typeof version === "string" && /^\d+\.\d+\.\d+/.test(version))
    ? []
    : [problem(SERVER_VERSION, version, "it must be a version of nats-server", 'use "2.10.29"')];
}

function switchProblems(property: string, value: unknown): Problem[] {
  return value === undefined || typeof value === "boolean" || hasUnknown(value)
    ? []
    : [problem(property, value, "it must be true or false", "use true or remove it")];
}

function connectionProblems(connection: unknown): Problem[] {
  if (hasUnknown(connection)) {
    return [];
  }
  const { servers, kubernetes } = (connection ?? {}) as {
    readonly servers?: unknown;
    readonly kubernetes?: unknown;
  };
  if (kubernetes !== undefined) {
    return kubernetesProblems(kubernetes as Partial<KubernetesAccess>, servers);
  }
  if (!Array.isArray(servers) || servers.length === 0) {
    const rule = "a connection needs at least one server";
    return [problem("connection.servers", servers, rule, 'use ["host:4222"]')];
  }
  return servers
    .filter((server) => typeof server !== "string" || server.trim() === "")
    .map((server) =>
      problem("connection.servers", server, "a server is host:port", 'use "host:4222"'),
    );
}

function systemProblems(connection: unknown): Problem[] {
  const { system } = (hasUnknown(connection) ? {} : (connection ?? {})) as {
    readonly system?: SystemUserArgs;
  };
  return system === undefined || system.user !== undefined || system.credsFile !== undefined
    ? []
    : [
        problem(
          "connection.system",
          // A password may stand there.
          {},
          "a user of the system account has a name or a credsFile",
          "give user and password, or credsFile",
        ),
      ];
}

function kubernetesProblems(access: Partial<KubernetesAccess>, servers: unknown): Problem[] {
  return [
    ...(servers === undefined
      ? []
      : [
          problem(
            "connection.servers",
            servers,
            "a connection goes by 'servers' or by 'kubernetes', and both are given",
            "leave one of them out",
          ),
        ]),
    ...(["namespace", "service"] as const)
      .filter((name) => typeof access[name] !== "string" || access[name] === "")
      .map((name) =>
        problem(
          `connection.kubernetes.${name}`,
          access[name],
          "the pods are found by a Service and its namespace",
          `give the ${name}`,
        ),
      ),
  ];
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(", ");
}
