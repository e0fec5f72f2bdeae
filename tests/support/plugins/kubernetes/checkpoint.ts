import type { KubernetesObject } from "../../kubernetes/api";
import { asSecret, isMap, type Properties, plain, withSecretsOf } from "../values";

const INPUTS = "__inputs";
const API_VERSION = "__initialApiVersion";
const FIELD_MANAGER = "__fieldManager";

/** What the state holds of an object: what is live, and the inputs that made it so. */
export interface Checkpoint {
  readonly live: KubernetesObject;
  readonly inputs: KubernetesObject;
  readonly fieldManager: string | undefined;
}

/** @param marked - the inputs with their marks of secrecy, which the live object gets as well */
export function writeCheckpoint(
  { live, inputs, fieldManager }: Checkpoint,
  marked: Properties,
): Properties {
  const { managedFields: _, ...metadata } = live.metadata ?? {};
  return {
    ...(hidden(live, withSecretsOf(marked, { ...live, metadata })) as Properties),
    [INPUTS]: hidden(inputs, withSecretsOf(marked, inputs)),
    [API_VERSION]: inputs.apiVersion,
    [FIELD_MANAGER]: fieldManager,
  };
}

export function readCheckpoint(properties: Properties): Checkpoint {
  const all = plain(properties);
  const { [INPUTS]: inputs, [API_VERSION]: _, [FIELD_MANAGER]: fieldManager, ...live } = all;
  return {
    live: live as KubernetesObject,
    inputs: (inputs ?? {}) as KubernetesObject,
    fieldManager: fieldManager as string | undefined,
  };
}

/** The content of a Secret is secret, whoever says what of it. */
export function hidden(object: KubernetesObject, properties: unknown): unknown {
  if (object.kind !== "Secret" || !isMap(properties)) {
    return properties;
  }
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      key,
      key === "data" || key === "stringData" ? asSecret(value) : value,
    ]),
  );
}
