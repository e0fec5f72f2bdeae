/** Which existing asset `create` takes for its own. */
export type Adopt = "never" | "ifEqual" | "always";

/** What deleting a declaration does to the asset. */
export type DeletionPolicy = "refuseIfNotEmpty" | "delete" | "retain";

export const ADOPT: readonly Adopt[] = ["never", "ifEqual", "always"];

export const DELETION_POLICIES: readonly DeletionPolicy[] = [
  "refuseIfNotEmpty",
  "delete",
  "retain",
];

export const DEFAULT_ADOPT: Adopt = "ifEqual";

export const DEFAULT_DELETION_POLICY: DeletionPolicy = "refuseIfNotEmpty";

/**
 * Environment variable that stands for `deletionPolicy` of every asset, for one command: a
 * destroy does not run the program, so nothing else could say it.
 */
export const DELETION_POLICY_VARIABLE = "TFDC_NATS_DELETION_POLICY";

/** What becomes of a change that no update can make. */
export type OnRefusedChange = "fail" | "replaceIfEmpty" | "backupAndRecreate";

export const ON_REFUSED_CHANGE: readonly OnRefusedChange[] = [
  "fail",
  "replaceIfEmpty",
  "backupAndRecreate",
];

export const DEFAULT_ON_REFUSED_CHANGE: OnRefusedChange = "fail";

/** Where `backupAndRecreate` keeps a backup, relative to the program's folder. */
export const DEFAULT_BACKUP_DIRECTORY = ".tfdc-nats/backups";

/** How many messages an update may delete. */
export type AllowDataLoss = boolean | { readonly upToMessages: number };

/** The properties of `AssetPolicies`. */
export const POLICY_NAMES = [
  "adopt",
  "deletionPolicy",
  "onRefusedChange",
  "backupDirectory",
  "keepBackup",
  "allowDataLoss",
  "acknowledgeIrreversible",
] as const;
