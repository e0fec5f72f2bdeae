/** The steps of a rollout. */
export type RolloutAction = "roll" | "reload" | "settled";

/** Environment variable in which a step finds its plan. */
export const PLAN_VARIABLE = "TFDC_NATS_ROLLOUT";

/** A certificate that every server has to show on a port. */
export interface PlannedCertificate {
  readonly port: number;
  readonly secretName: string;
  readonly expires: string;
  readonly fingerprint: string;
  /** Tells one `ca.crt` from the next. */
  readonly authority: string;
}

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
  /** What the Secrets with certificates hold, which every server shows once it has loaded it. */
  readonly certificates?: readonly PlannedCertificate[];
}
