import type { KubernetesObject } from "../../kubernetes/api";
import { hasUnknown, isMap, type Properties } from "../values";

/** Seconds that pulumi-kubernetes waits for an object. */
const DEFAULT_TIMEOUT = 600;
export const AUTONAMED = "pulumi.com/autonamed";

export function isAutonamed({ metadata }: KubernetesObject): boolean {
  const { annotations } = metadata ?? {};
  return isMap(annotations) && annotations[AUTONAMED] === "true";
}

/** A patch takes part in an object that may be there already, and lets go of it in the end. */
export function isPatch(urn: string): boolean {
  return (urn.split("::")[2] ?? "").endsWith("Patch");
}

/** A Secret's `stringData` is written only: what is kept and compared is `data`. */
export function withEncodedData(object: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = object;
  if (object.kind !== "Secret" || !isMap(stringData) || hasUnknown(stringData)) {
    return object;
  }
  const encoded = Object.fromEntries(
    Object.entries(stringData).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString("base64"),
    ]),
  );
  return { ...rest, data: { ...(rest.data as object | undefined), ...encoded } };
}

export function withEncodedSecrets(news: Properties): Properties {
  return news.stringData === undefined ? news : { ...news, data: news.data ?? news.stringData };
}

export function timeoutOf({ metadata }: KubernetesObject, seconds: number): number {
  const annotations = metadata?.annotations as Record<string, string> | undefined;
  return seconds || Number(annotations?.["pulumi.com/timeoutSeconds"]) || DEFAULT_TIMEOUT;
}

export function idOf({ metadata = {} }: KubernetesObject): string {
  return [metadata.namespace, metadata.name].filter(Boolean).join("/");
}

/** What `get` and `import` know of an object: its type token and its id. */
export function objectOf(urn: string, id: string): KubernetesObject {
  const [, group = "", kind] = (urn.split("::")[2] ?? "").split("$").at(-1)?.split(":") ?? [];
  const [namespace, name] = id.includes("/") ? id.split("/") : [undefined, id];
  const apiVersion = group.replace(/^core\//, "");
  return { apiVersion, kind, metadata: { name, namespace } };
}

export function asInputs(live: KubernetesObject): KubernetesObject {
  const { status: _, metadata, ...rest } = live;
  const { name, namespace, labels, annotations } = metadata ?? {};
  return { ...rest, metadata: { name, namespace, labels, annotations } };
}
