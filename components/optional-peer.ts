import { createRequire } from "node:module";
import { UserError } from "./user-error";

/**
 * Loads a package that only some of this one's resources need. A program that declares none of
 * them neither installs it nor waits for it to load.
 */
export function optionalPeer<T>(name: string, user: string): T {
  try {
    return createRequire(__filename)(name) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") {
      throw error;
    }
    throw new UserError(
      `${user} needs the package ${name}, which is not installed; add it with: npm install ${name}.`,
      { cause: error },
    );
  }
}
