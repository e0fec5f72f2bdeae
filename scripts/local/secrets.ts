import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PASSWORD_NAMES } from "../../components/nats-server/server-options";
import { colourOf, LOCAL, LOCAL_STACKS } from "./paths";

const PASSPHRASE = "passphrase";

/** The passphrase of the local stacks' own secrets. */
export const PASSPHRASE_FILE = join(LOCAL, PASSPHRASE);

/**
 * Makes the passphrase and the passwords that are missing; those that exist stay as they are.
 *
 * @param folder - of the local stacks
 */
export function ensureSecrets(folder = LOCAL): void {
  makeOnce(join(folder, PASSPHRASE));
  for (const stack of LOCAL_STACKS) {
    for (const name of PASSWORD_NAMES) {
      makeOnce(join(folder, "secrets", colourOf(stack), name));
    }
  }
}

function makeOnce(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) {
    writeFileSync(path, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  }
}
