import { readFileSync } from "node:fs";
import { UserError } from "../user-error";
import { fromStackConfig } from "./stack-config";

/**
 * The secret behind a value: the value itself, or what a reference to the stack's configuration,
 * the environment or a file leads to at this moment.
 *
 * @param what - what the secret is for, as a message calls it
 */
export function resolveSecret(what: string, value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value === "string") {
    return value;
  }
  const reference = value as Readonly<Record<string, unknown>>;
  if (typeof reference.config === "string") {
    return found(
      what,
      `the stack configuration ${reference.config}`,
      fromStackConfig(reference.config),
      {
        remedy: `set it with: pulumi config set --secret ${reference.config}`,
      },
    );
  }
  if (typeof reference.env === "string") {
    return found(what, `the environment variable ${reference.env}`, process.env[reference.env], {
      remedy: `export ${reference.env} before running pulumi`,
    });
  }
  if (typeof reference.file === "string") {
    return fromFile(what, reference.file);
  }
  throw new UserError(
    `${what} is no secret reference: it must be a secret, { config: key }, { env: name } or { file: path }.`,
  );
}

function found(
  what: string,
  where: string,
  value: string | undefined,
  { remedy }: { readonly remedy: string },
): string {
  if (value === undefined || value === "") {
    throw new UserError(`${what} is to come from ${where}, which is not set; ${remedy}.`);
  }
  return value;
}

function fromFile(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `${what} is to come from the file '${path}', which cannot be read (${reason}); write it there, readable for you alone, or change the reference.`,
    );
  }
}
