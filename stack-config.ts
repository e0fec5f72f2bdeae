import * as pulumi from "@pulumi/pulumi";
import type { NatsClusterComponentArgs, NatsMonitoringArgs } from "@tfdc/pulumi-nats";

/** What the configuration of a stack says, read and checked in one place. */
export interface StackConfig {
  /** Where the colour lives: `local` (processes of this machine) or `kubernetes`. */
  readonly target: "local" | "kubernetes";
  /** Name of the colour, which is the name of its cluster and of its JetStream domain. */
  readonly colour: string;
  /** Folder of the local servers and secrets, relative to the program. @default ".local" */
  readonly localDirectory: string;
  /** First of the consecutive ports of the local servers. */
  readonly clientPort?: number;
  readonly monitoringPort?: number;
  readonly clusterPort?: number;
  /** Version of nats-server. @default the component's */
  readonly serverVersion?: string;
  /** `max_file_store` of each server. @default the component's */
  readonly maxFileStore?: string;
  /** `max_memory_store` of each server. @default the component's */
  readonly maxMemoryStore?: string;
  /** Longest time a server waits for a slow client. @default the component's */
  readonly writeDeadline?: string;
  /** What only a colour on Kubernetes knows. */
  readonly kubernetes: Pick<
    NatsClusterComponentArgs,
    | "access"
    | "backup"
    | "clusterDomain"
    | "durability"
    | "exporterResources"
    | "image"
    | "maxPayload"
    | "namespace"
    | "replicas"
    | "resources"
    | "rollout"
    | "servers"
    | "settleTimeout"
    | "storageClass"
    | "tls"
    | "volumeRetention"
    | "volumeSize"
  >;
}

/** Reads the configuration of the stack; what is missing or malformed is said in one sentence. */
export function readStackConfig(): StackConfig {
  const config = new pulumi.Config();
  const target = config.get("target");
  if (target !== "local" && target !== "kubernetes") {
    throw new pulumi.RunError(
      `'tfdc-nats:target' is ${JSON.stringify(target ?? "")}: a colour lives on "local" or "kubernetes"; set it with: pulumi config set tfdc-nats:target local`,
    );
  }
  const colour = config.get("colour");
  if (colour === undefined || !/^[a-z][a-z0-9-]*$/.test(colour)) {
    throw new pulumi.RunError(
      `'tfdc-nats:colour' is ${JSON.stringify(colour ?? "")}: a colour is lower-case letters, digits and '-'; set it with: pulumi config set tfdc-nats:colour blue`,
    );
  }
  return {
    target,
    colour,
    localDirectory: config.get("localDirectory") ?? ".local",
    clientPort: config.getNumber("clientPort"),
    monitoringPort: config.getNumber("monitoringPort"),
    clusterPort: config.getNumber("clusterPort"),
    serverVersion: config.get("serverVersion"),
    maxFileStore: config.get("maxFileStore"),
    maxMemoryStore: config.get("maxMemoryStore"),
    writeDeadline: config.get("writeDeadline"),
    kubernetes: readKubernetes(config),
  };
}

/** What the configuration of the stack says that watches all colours. */
export type MonitoringConfig = Pick<
  NatsMonitoringArgs,
  "runbooks" | "namespace" | "operator" | "labels"
> & {
  /** The colours that it watches. */
  readonly colours: readonly string[];
  /** Namespace of their pods. @default the component's */
  readonly podNamespace?: string;
  /** Servers of each. @default the component's */
  readonly servers?: number;
  /** Age from which the last good backup of each is too old. @default nobody watches over them */
  readonly backupMaxAge?: string;
};

/** Reads the configuration of a stack whose target is `monitoring`; of any other there is none. */
export function readMonitoringConfig(): MonitoringConfig | undefined {
  const config = new pulumi.Config();
  if (config.get("target") !== "monitoring") {
    return undefined;
  }
  return {
    colours: config.getObject<string[]>("colours") ?? ["blue", "green"],
    runbooks: config.get("runbooks") ?? "",
    namespace: config.get("monitoringNamespace"),
    operator: config.getBoolean("operator"),
    labels: config.getObject<Record<string, string>>("prometheusLabels"),
    podNamespace: config.get("namespace"),
    servers: config.getNumber("replicas"),
    backupMaxAge: config.get("backupMaxAge"),
  };
}

/** Values that the component refuses are refused there, all at once. */
function readKubernetes(config: pulumi.Config): StackConfig["kubernetes"] {
  type Args = NatsClusterComponentArgs;
  return {
    access: { kubeconfig: config.get("kubeconfig"), context: config.get("context") },
    namespace: config.get("namespace"),
    replicas: config.getNumber("replicas"),
    image: config.get("image"),
    storageClass: config.get("storageClass"),
    volumeSize: config.get("volumeSize"),
    volumeRetention: config.get("volumeRetention") as Args["volumeRetention"],
    maxPayload: config.get("maxPayload"),
    durability: config.get("durability") as Args["durability"],
    resources: config.getObject<Args["resources"]>("resources"),
    exporterResources: config.getObject<Args["resources"]>("exporterResources"),
    tls: config.getObject<Args["tls"]>("tls"),
    rollout: config.get("rollout") as Args["rollout"],
    settleTimeout: config.get("settleTimeout"),
    clusterDomain: config.get("clusterDomain"),
    servers: config.getObject<Args["servers"]>("servers"),
    backup: config.getObject<Args["backup"]>("backup"),
  };
}
