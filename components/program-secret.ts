import * as pulumi from "@pulumi/pulumi";
import type { SecretReference } from "./connection-args";
import { resolveSecret } from "./provider/secrets";
import { UserError } from "./user-error";

/**
 * The value behind a secret or a reference, for an object that has to hold it. It is a Pulumi
 * secret whatever it was: encrypted in the state, hidden in every diff.
 *
 * @param what - what the secret is for, as a message calls it
 */
export function programSecret(
  what: string,
  value: SecretReference | pulumi.Input<string>,
): pulumi.Output<string> {
  if (isReference(value)) {
    return pulumi.secret("config" in value ? fromConfig(what, value.config) : outside(what, value));
  }
  return pulumi.secret(value);
}

function isReference(value: SecretReference | pulumi.Input<string>): value is SecretReference {
  return (
    typeof value === "object" &&
    !pulumi.Output.isInstance(value) &&
    !(value instanceof Promise) &&
    ("config" in value || "env" in value || "file" in value)
  );
}

function outside(what: string, reference: SecretReference): string {
  return resolveSecret(what, reference) ?? "";
}

function fromConfig(what: string, key: string): pulumi.Output<string> {
  const [namespace, name] = key.includes(":") ? key.split(":", 2) : [undefined, key];
  const found = new pulumi.Config(namespace).getSecret(name ?? "");
  if (found === undefined) {
    throw new UserError(
      `${what} is to come from the stack configuration ${key}, which is not set; set it with: pulumi config set --secret ${key}.`,
    );
  }
  return found;
}
