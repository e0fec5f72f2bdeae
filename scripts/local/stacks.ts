import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../components/user-error";
import { mustRun } from "../toolchain/processes";
import { SERVER_VERSION } from "../toolchain/versions";
import { LOCAL, type LocalStack, ROOT } from "./paths";

const CONFIG = join(LOCAL, "config");
const SALT = /^encryptionsalt:.*$/m;

/**
 * Makes a local stack where it is missing. Pulumi would write the salt of its secrets into the
 * stack's file in the checkout, so the stack is made from a copy of the project beside its state.
 */
export async function ensureStack(stack: LocalStack, env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(join(LOCAL, "state"), { recursive: true, mode: 0o700 });
  if (existsSync(stateFile(stack)) && existsSync(saltFile(stack))) {
    return;
  }
  mkdirSync(CONFIG, { recursive: true, mode: 0o700 });
  copyFileSync(join(ROOT, "Pulumi.yaml"), join(CONFIG, "Pulumi.yaml"));
  const config = join(CONFIG, `Pulumi.${stack}.yaml`);
  if (existsSync(stateFile(stack))) {
    // An interrupted start made the stack and kept no salt: this writes one, as `init` does.
    const words = ["config", "set", "--secret", "--non-interactive", "-C", CONFIG, "-s", stack];
    await mustRun("pulumi", [...words, "tfdc-nats:salt", "new"], { env });
  } else {
    rmSync(config, { force: true });
    await mustRun("pulumi", ["stack", "init", stack, "--non-interactive", "-C", CONFIG], { env });
  }
  const salt = SALT.exec(readFileSync(config, "utf8"))?.[0] ?? "";
  writeFileSync(saltFile(stack), `${salt}\n`, { mode: 0o600 });
}

/**
 * The stack's configuration as pulumi gets it: the file of the checkout, with the salt. It is
 * written anew each time, so that an edit of the checkout's file counts at once.
 */
export function configFile(stack: LocalStack): string {
  const text = configOf(stack);
  const path = join(CONFIG, `Pulumi.${stack}.yaml`);
  writeFileSync(path, SALT.test(text) ? text : `${text}${readFileSync(saltFile(stack), "utf8")}`);
  return path;
}

/** The version of nats-server that a stack's configuration asks for. */
export function serverVersion(stack: LocalStack): string {
  return versionIn(configOf(stack));
}

/** The version that the text of a stack's file asks for, or that of the local clusters. */
export function versionIn(config: string): string {
  return /^ +tfdc-nats:serverVersion: *["']?([\w.+-]+)/m.exec(config)?.[1] ?? SERVER_VERSION;
}

function configOf(stack: LocalStack): string {
  const path = join(ROOT, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) {
    throw new UserError(
      `${stack} has no configuration: Pulumi.${stack}.yaml is not in the checkout; bring it back with: git checkout Pulumi.${stack}.yaml`,
    );
  }
  return readFileSync(path, "utf8");
}

/** Where the file backend keeps the state of a stack. */
export function stateFile(stack: LocalStack): string {
  return join(LOCAL, "state", ".pulumi", "stacks", "tfdc-nats", `${stack}.json`);
}

function saltFile(stack: LocalStack): string {
  return join(CONFIG, `${stack}.salt`);
}
