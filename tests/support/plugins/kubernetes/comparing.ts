import type { Kind } from "../provider-server";
import { isMap, type Properties, UNKNOWN, type Value } from "../values";

/**
 * A live value cut to what inputs of this shape say of it: what the cluster adds is not compared.
 * A list is kept to its end, so that an element that somebody added is seen.
 */
export function prune(live: Value, shape: Value): Value {
  if (isMap(live) && isMap(shape)) {
    return Object.fromEntries(
      Object.entries(shape)
        .filter(([key]) => live[key] !== undefined)
        .map(([key, value]) => [key, prune(live[key], value)]),
    );
  }
  if (Array.isArray(live) && Array.isArray(shape)) {
    return live.map((item, index) => (index < shape.length ? prune(item, shape[index]) : item));
  }
  return live;
}

/** Inputs as the API server would write them; what it does not give back stays as it is. */
export function overlay(inputs: Value, served: Value): Value {
  if (isMap(inputs) && isMap(served)) {
    return Object.fromEntries(
      Object.entries(inputs).map(([key, value]) => [
        key,
        key in served ? overlay(value, served[key]) : value,
      ]),
    );
  }
  if (Array.isArray(inputs) && Array.isArray(served) && inputs.length === served.length) {
    return inputs.map((item, index) => overlay(item, served[index]));
  }
  return served;
}

/** Every property in which two objects differ, by its path: `spec.ports[0].port`. */
export function differences(old: Properties, now: Properties): Map<string, Kind> {
  const found = new Map<string, Kind>();
  compare("", old, now, found);
  return found;
}

function compare(path: string, old: Value, now: Value, found: Map<string, Kind>): void {
  if (isMap(old) && isMap(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      compare(join(path, key), old[key], now[key], found);
    }
  } else if (Array.isArray(old) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index += 1) {
      compare(`${path}[${index}]`, old[index], now[index], found);
    }
  } else if (isAbsent(now)) {
    if (!isAbsent(old)) {
      found.set(path, "DELETE");
    }
  } else if (isAbsent(old)) {
    found.set(path, "ADD");
  } else if (now === UNKNOWN || old !== now) {
    found.set(path, "UPDATE");
  }
}

/** The API server leaves out what is empty. */
function isAbsent(value: Value): boolean {
  return (
    value === undefined ||
    value === null ||
    (isMap(value) && Object.keys(value).length === 0) ||
    (Array.isArray(value) && value.length === 0)
  );
}

function join(path: string, key: string): string {
  if (/[."[\]]/.test(key)) {
    return `${path}["${key.replaceAll('"', '\\"')}"]`;
  }
  return path === "" ? key : `${path}.${key}`;
}
