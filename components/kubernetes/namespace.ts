import type { Namespace } from "./manifests";

/**
 * The namespace of both colours. It holds nothing of a colour, so that both stacks declare the
 * same object; it enforces the strictest of the Pod Security Standards.
 */
export function namespace(name: string): Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      labels: {
        "app.kubernetes.io/part-of": "tfdc",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
    },
  };
}
