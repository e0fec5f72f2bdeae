/** The steps of a rollout. */
export type RolloutAction = "roll" | "reload" | "settled";

/** Environment variable in which a step finds its plan. */
export const PLAN_VARIABLE = "TFDC_NATS_ROLLOUT";

/** What a step of a rollout is told; it holds no secret. */
export interface RolloutPlan {
  readonly namespace: string;
  readonly statefulSet: string;
  readonly colour: string;
  /** Names of the pods, which are the names of the servers. */
  readonly pods: readonly string[];
  /** Longest wait for a settled cluster. */
  readonly settleSeconds: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Subjects that every server exports once it has loaded what is declared. */
  readonly marks?: readonly string[];
}
