/** Property values, as the engine sends them: JSON, with secrets and unknowns marked. */
export type Value = unknown;
export type Properties = Readonly<Record<string, Value>>;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What stands for a value that is known only after an update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isMap(value: Value): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value): value is { readonly value: Value } {
  return isMap(value) && value[SIGNATURE] === SECRET;
}

export function asSecret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** A value without its marks of secrecy, at every depth. */
export function plain<T = Properties>(value: Value): T {
  if (isSecret(value)) {
    return plain(value.value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => plain(item)) as T;
  }
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)])) as T;
  }
  return value as T;
}

export function hasUnknown(value: Value): boolean {
  return (
    value === UNKNOWN ||
    (Array.isArray(value) && value.some(hasUnknown)) ||
    (isMap(value) && Object.values(value).some(hasUnknown))
  );
}

export function hasSecret(value: Value): boolean {
  return (
    isSecret(value) ||
    (Array.isArray(value) && value.some(hasSecret)) ||
    (isMap(value) && Object.values(value).some(hasSecret))
  );
}

/** Marks as secret what the inputs mark: a list with one secret in it is one secret. */
export function withSecretsOf(inputs: Value, value: Value): Value {
  if (isSecret(inputs) || (Array.isArray(inputs) && hasSecret(inputs))) {
    return value === undefined ? undefined : asSecret(value);
  }
  if (!isMap(inputs) || !isMap(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withSecretsOf(inputs[key], item)]),
  );
}
