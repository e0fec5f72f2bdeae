import { sizeRule } from "../jetstream/departure";
import type { Problem } from "../jetstream/problems";
import { parseQuantity } from "./quantity";

/** What of a colour is bound to its volumes and to its raft groups. */
export interface ClusterShape {
  readonly namespace: string;
  readonly statefulSet: string;
  readonly replicas: number;
  /** Kubernetes quantity, such as `200Gi`. */
  readonly volumeSize: string;
  readonly storageClass: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

const OTHER_COLOUR = "make the other colour with it and move the streams there";

/** Why a colour cannot go from one shape to another; empty where it can. */
export function shapeProblems(old: Partial<ClusterShape>, now: ClusterShape): Problem[] {
  return [
    ...(old.storageClass === undefined || old.storageClass === now.storageClass
      ? []
      : [
          step("storageClass", old.storageClass, now.storageClass, {
            rule: "a volume keeps the class that it was made with",
          }),
        ]),
    ...volumeProblems(old.volumeSize ?? now.volumeSize, now.volumeSize),
    ...replicaProblems(old.replicas ?? now.replicas, now.replicas),
  ];
}

/** Whether the volumes have to grow. */
export function isGrowth(old: ClusterShape, now: ClusterShape): boolean {
  return (parseQuantity(now.volumeSize) ?? 0n) > (parseQuantity(old.volumeSize) ?? 0n);
}

function volumeProblems(before: string, after: string): Problem[] {
  return (parseQuantity(after) ?? 0n) >= (parseQuantity(before) ?? 0n)
    ? []
    : [step("volumeSize", before, after, { rule: "a volume can grow and never shrink" })];
}

function replicaProblems(before: number, after: number): Problem[] {
  const rule = sizeRule(before, after);
  return rule === undefined ? [] : [step("replicas", before, after, { rule })];
}

function step(
  property: keyof ClusterShape,
  before: string | number,
  after: string | number,
  { rule }: { readonly rule: string },
): Problem {
  return {
    property,
    reason: `'${property}' goes from ${before} to ${after}: ${rule}; ${OTHER_COLOUR}`,
  };
}
