import * as pulumi from "@pulumi/pulumi";
import { NatsClusterComponent } from "../../components/nats-cluster";
import type { NatsClusterComponentArgs } from "../../components/nats-cluster-args";
import { type Registration, recordRegistrations, resolved } from "./registrations";

/** The labels of every object of colour blue, and those by which its pods are found. */
export const LABELS = {
  app: "nats",
  cluster: "blue",
  "app.kubernetes.io/name": "nats",
  "app.kubernetes.io/instance": "nats-blue",
  "app.kubernetes.io/component": "server",
  "app.kubernetes.io/part-of": "tfdc",
  "app.kubernetes.io/managed-by": "pulumi",
};
export const SELECTOR = { app: "nats", cluster: "blue" };
export const SKIP_AWAIT = { "pulumi.com/skipAwait": "true" };

/** The least that a colour needs. */
export const ARGS: NatsClusterComponentArgs = {
  colour: "blue",
  passwords: { client: "c", provisioner: "p", system: "s", cluster: "r" },
};

/** A `NatsClusterComponent`, and everything that it registered. */
export class DeclaredCluster {
  private constructor(
    readonly component: NatsClusterComponent,
    readonly registered: readonly Registration[],
  ) {}

  /**
   * @param options - made once registrations are recorded, because a provider is one as well
   * @param states - what resources have as outputs besides their inputs, by name
   */
  static async make(
    args: Partial<NatsClusterComponentArgs> = {},
    options: () => pulumi.ComponentResourceOptions = () => ({}),
    states: Readonly<Record<string, object>> = {},
  ): Promise<DeclaredCluster> {
    const registered = await recordRegistrations("tfdc-nats", "blue", states);
    const component = new NatsClusterComponent("nats-blue", { ...ARGS, ...args }, options());
    await resolved(component.ready);
    await pulumi.runtime.disconnect();
    return new DeclaredCluster(component, registered);
  }

  /** Names of the resources in the order of their names, with their types. */
  get names(): (readonly [string, string])[] {
    return this.registered
      .map(({ name, type }) => [name, type] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1));
  }

  /** Inputs of the resource of this name. */
  inputsOf<T = Record<string, unknown>>(name: string): T {
    const found = this.registered.find((one) => one.name === name);
    if (found === undefined) {
      throw new Error(`no resource '${name}' was registered`);
    }
    return found.inputs as T;
  }
}
