import { spawn } from "node:child_process";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import type { ConnectionArgs } from "../../components/connection-args";
import type { RolloutAction } from "../../components/kubernetes/rollout-plan";
import type { NatsClusterComponentArgs } from "../../components/nats-cluster-args";
import { type Path, reach } from "../../components/provider/reach";
import { DeclaredCluster } from "./declared-cluster";
import type { KubernetesObject } from "./kubernetes/api";
import type { Kubernetes } from "./kubernetes/cluster";
import { describeColour } from "./kubernetes/describe-colour";

const ROOT = join(__dirname, "../..");

/** What a pod of a test asks for: six of them share two processors with everything else. */
export const SMALL = {
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "512Mi" } },
  exporterResources: { requests: { cpu: "5m", memory: "16Mi" } },
  maxMemoryStore: "256MiB",
} as const;

/** How a step ended. */
export interface StepRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A colour on the Kubernetes of the tests, whose objects are applied as `NatsClusterComponent`
 * registers them and whose steps are run as it declares them, without an engine in between.
 */
export class KubernetesColour {
  /** What resources of the colour have as outputs, where no engine works them out; by name. */
  states: Readonly<Record<string, object>> = {};
  private declared?: DeclaredCluster;

  constructor(
    readonly kubernetes: Kubernetes,
    readonly namespace: string,
    private args: Partial<NatsClusterComponentArgs> = {},
  ) {}

  /** Declares the colour, with changes that stay, and applies what is declared. */
  async apply(changes: Partial<NatsClusterComponentArgs> = {}): Promise<void> {
    this.args = { ...this.args, ...changes };
    const args = {
      ...SMALL,
      namespace: this.namespace,
      createNamespace: false,
      access: { kubeconfig: this.kubernetes.kubeconfig },
      settleTimeout: "3m",
      ...this.args,
    };
    this.declared = await DeclaredCluster.make(args, undefined, this.states);
    const objects = this.declared.registered
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .map(({ inputs }) => plain(inputs) as KubernetesObject);
    await this.kubernetes.apply(...objects.filter(({ kind }) => kind !== undefined));
  }

  /** Runs a step with what its `Command` declares. */
  step(action: RolloutAction): Promise<StepRun> {
    const { interpreter, create, environment } = this.cluster.inputsOf<{
      interpreter: string[];
      create: string;
      environment: Record<string, string>;
    }>(`nats-blue-${action}`);
    const child = spawn(process.execPath, [...interpreter.slice(1), create], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
    });
    const outputs = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        outputs[name] += chunk;
      });
    }
    return new Promise((resolve) => {
      child.once("close", (code) => resolve({ code: code ?? 1, ...outputs }));
    });
  }

  /** Applies, and runs all steps in their order. */
  async up(changes: Partial<NatsClusterComponentArgs> = {}): Promise<string> {
    await this.apply(changes);
    let shown = "";
    const declared = this.cluster.registered.map(({ name }) => name);
    const steps = (["roll", "reload", "settled"] as const).filter((action) =>
      declared.includes(`nats-blue-${action}`),
    );
    for (const action of steps) {
      const { code, stdout, stderr } = await this.step(action);
      shown += stdout;
      if (code !== 0) {
        const facts = await describeColour(this.kubernetes, this.namespace);
        throw new Error(`${action} failed: ${stderr}\n${stdout}\n${facts}`);
      }
    }
    return shown;
  }

  /** What a resource of the colour was declared with, of those whose inputs are plain. */
  inputsOf<T = Record<string, unknown>>(name: string): T {
    return plain(this.cluster.inputsOf(name)) as T;
  }

  /** How the provisioner reaches the colour. */
  get connection(): ConnectionArgs {
    return this.cluster.component.connection;
  }

  /** A connection of the applications' user, over a port-forward of the package's own. */
  async client(): Promise<{ readonly connection: NatsConnection; readonly path: Path }> {
    const path = await reach("the colour of a test", this.connection);
    const connection = await connect({
      servers: [...path.servers],
      user: "tfdc_client",
      pass: "c",
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      reconnectJitter: 0,
      ignoreClusterUpdates: true,
    });
    return { connection, path };
  }

  private get cluster(): DeclaredCluster {
    if (this.declared === undefined) {
      throw new Error("the colour is not declared yet");
    }
    return this.declared;
  }
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** A value without the marks of secrecy. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return SIGNATURE in value
    ? plain((value as unknown as { value: unknown }).value)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
