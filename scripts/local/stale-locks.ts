import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../components/provider/local-server/server-process";
import { UserError } from "../../components/user-error";
import { LOCAL, type LocalStack } from "./paths";

/** A lock as pulumi's file backend writes it. */
export interface Lock {
  readonly pid: number;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Where the file backend keeps the locks of a stack. */
export function lockFolder(stack: LocalStack): string {
  return join(LOCAL, "state", ".pulumi", "locks", "organization", "tfdc-nats", stack);
}

/**
 * Removes the locks of pulumi processes that are dead, as a kill leaves them behind, and says so.
 *
 * @param say - told what was removed
 * @returns the locks that are held
 */
export function clearStaleLocks(
  folder: string,
  stack: string,
  say: (line: string) => void,
): readonly Lock[] {
  const held: Lock[] = [];
  for (const path of lockFiles(folder)) {
    const lock = JSON.parse(readFileSync(path, "utf8")) as Lock;
    if (lock.hostname === hostname() && !commandLine(lock.pid)?.includes("pulumi")) {
      rmSync(path);
      // The backend keeps the content type of each file beside it.
      rmSync(`${path}.attrs`, { force: true });
      say(`${stack}: the last pulumi (pid ${lock.pid}) was ended halfway; its lock is removed`);
    } else {
      held.push(lock);
    }
  }
  return held;
}

/** Refuses a stack that another pulumi holds, and names who it is. */
export function refuseHeld(held: readonly Lock[], stack: string): void {
  const [lock] = held;
  if (lock === undefined) {
    return;
  }
  const remedy =
    lock.hostname === hostname()
      ? "wait until it has ended, or end it and run this again"
      : `if it does not run any more, remove its lock with: npm run local -- cancel -s ${stack} --yes`;
  throw new UserError(
    `${stack} is being changed by another pulumi (pid ${lock.pid} on ${lock.hostname}, since ${lock.timestamp}); ${remedy}.`,
  );
}

function lockFiles(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
}
