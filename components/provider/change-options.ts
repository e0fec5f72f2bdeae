import {
  type AllowDataLoss,
  DEFAULT_BACKUP_DIRECTORY,
  DEFAULT_ON_REFUSED_CHANGE,
  type OnRefusedChange,
} from "../asset-options";
import { SERVER_VERSION } from "./asset-inputs";
import type { Properties } from "./dynamic-provider";

/** What the user allows of a change. */
export interface ChangeOptions {
  readonly allowDataLoss: AllowDataLoss;
  readonly acknowledgeIrreversible: boolean;
  readonly onRefusedChange: OnRefusedChange;
  /** Where `backupAndRecreate` keeps its backup, and whether it stays when all is well. */
  readonly backupDirectory: string;
  readonly keepBackup: boolean;
  /** Version of the servers by then; the one that answers where nothing is said. */
  readonly serverVersion?: string;
}

/** The same, as a resource has it. */
export function changeOptionsOf(props: Properties): ChangeOptions {
  return {
    allowDataLoss: (props.allowDataLoss as AllowDataLoss | undefined) ?? false,
    acknowledgeIrreversible: props.acknowledgeIrreversible === true,
    onRefusedChange:
      (props.onRefusedChange as OnRefusedChange | undefined) ?? DEFAULT_ON_REFUSED_CHANGE,
    backupDirectory: (props.backupDirectory as string | undefined) ?? DEFAULT_BACKUP_DIRECTORY,
    keepBackup: props.keepBackup === true,
    serverVersion: props[SERVER_VERSION] as string | undefined,
  };
}
