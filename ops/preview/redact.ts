import { isSecret, pathKeys } from "./property-diff";

const HIDDEN = "[hidden]";
const SECRET_KEY =
  /pass(word|phrase)?s?$|secrets?$|tokens?$|credentials?$|seeds?$|private_?-?key|api_?-?key|stringData$/i;
/** Inside of what is named like a secret, these say where it is kept and not what it is. */
const REFERENCES: readonly string[] = ["file", "config", "env", "environment", "secretName"];
const LOGIN_IN_URL = /(\w+:\/\/)[^/@\s"']+@/g;

/**
 * A value as a comment may show it. Pulumi writes `[secret]` for what it knows to be one; this also
 * hides what is only named like one, for a preview may have been made with --show-secrets.
 */
export function withoutSecrets(value: unknown, path: string, type: string): unknown {
  const keys = pathKeys(path);
  const isOfSecret =
    type === "kubernetes:core/v1:Secret" && /^(data|stringData)$/.test(keys[0] ?? "");
  return hide(value, keys.at(-1) ?? "", isOfSecret || keys.some((key) => SECRET_KEY.test(key)));
}

/** A text with the logins of its addresses hidden. */
export function withoutLogins(text: string): string {
  return text.replace(LOGIN_IN_URL, `$1${HIDDEN}@`);
}

function hide(value: unknown, key: string, isInside: boolean): unknown {
  const isInSecret = isInside || SECRET_KEY.test(key);
  if (isSecret(value)) {
    return "[secret]";
  }
  if (Array.isArray(value)) {
    return value.map((one) => hide(one, key, isInSecret));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, hide(one, name, isInSecret)]),
    );
  }
  if (typeof value === "string") {
    return isInSecret && !REFERENCES.includes(key) ? HIDDEN : withoutLogins(value);
  }
  return value;
}
