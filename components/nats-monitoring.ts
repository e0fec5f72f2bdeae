import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import { checkAssets, type Declarations } from "./jetstream/assets-check";
import { type Problem, problem, within } from "./jetstream/problems";
import type { Plain } from "./jetstream-assets";
import type { KeyValueSettingsArgs } from "./key-value-args";
import {
  clusterProblems,
  type MonitoredBackup,
  type MonitoredCluster,
} from "./monitoring/monitored-cluster";
import {
  type KubernetesObject,
  type MonitoringSettings,
  monitoringObjects,
} from "./monitoring/objects";
import { optionalPeer } from "./optional-peer";
import { refuseProblems } from "./property-problems";
import { withShortTraces } from "./short-trace";
import type { StreamSettingsArgs } from "./stream-args";

/** One colour, as far as its monitoring is concerned. */
export interface MonitoredClusterArgs {
  /** Name of the colour: value of the label `color`, and of the pods' label `cluster`. */
  readonly colour: string;
  /** Name of the StatefulSet, and value of the label `nats_cluster`. @default "nats-<colour>" */
  readonly name?: string;
  /** Namespace of its pods. @default "tfdc" */
  readonly namespace?: string;
  /** Number of servers. @default 3 */
  readonly servers?: number;
  /** The declared streams, by logical name, as `JetStreamAssets` takes them. Each gets alerts. */
  readonly streams?: Readonly<Record<string, Plain<StreamSettingsArgs>>>;
  /** The declared buckets, by name. Each gets alerts. */
  readonly buckets?: Readonly<Record<string, Plain<KeyValueSettingsArgs>>>;
  /** The CronJob that backs it up, which must succeed often enough. @default none is watched */
  readonly backup?: MonitoredBackup;
}

/** Arguments of `NatsMonitoring`. They decide which rules exist, so they are plain values. */
export interface NatsMonitoringArgs {
  /** The clusters, all of them: one dashboard and one set of recording rules serve them together. */
  readonly clusters: readonly MonitoredClusterArgs[];
  /**
   * Address at which this project's docs/runbooks are read, such as
   * `"https://git.example.com/tfdc/nats/docs/runbooks"`. Every alert links to its page there.
   */
  readonly runbooks: string;
  /** Namespace of the objects; it must exist. @default "monitoring" */
  readonly namespace?: string;
  /**
   * Make PodMonitors and a PrometheusRule, for the Prometheus operator, whose CRDs must exist. If
   * not, a ConfigMap holds the same as prometheus.yml and a file of rules. @default false
   */
  readonly operator?: boolean;
  /**
   * Labels by which the operator's Prometheus chooses its objects. kube-prometheus-stack takes
   * those with `release: <name of the Helm release>` only. @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** Labels by which Grafana's sidecar finds dashboards. @default { grafana_dashboard: "1" } */
  readonly dashboardLabels?: Readonly<Record<string, string>>;
}

/**
 * The monitoring of all colours: what is scraped, what is recorded, what alerts, and the dashboard.
 * Declare it once, in a stack of its own, and not with each colour.
 */
export class NatsMonitoring extends Component {
  constructor(name: string, args: NatsMonitoringArgs, options?: pulumi.ComponentResourceOptions) {
    super("tfdc-nats:index:NatsMonitoring", name, options);
    const { settings, problems } = read(args);
    refuseProblems(`the monitoring '${name}'`, problems, this);

    withShortTraces(() => {
      for (const [suffix, object] of Object.entries(monitoringObjects(settings))) {
        this.createObject(`${name}-${suffix}`, object);
      }
    });
    this.registerOutputs({});
  }

  private createObject(name: string, object: KubernetesObject): void {
    // Loaded here, so that who imports this package for its streams needs no @pulumi/kubernetes.
    const k8s = optionalPeer<typeof kubernetes>("@pulumi/kubernetes", "NatsMonitoring");
    const { apiVersion, kind, metadata, data, spec } = object;
    if (kind === "ConfigMap") {
      new k8s.core.v1.ConfigMap(name, { metadata, data }, { parent: this });
    } else {
      const resource = { apiVersion, kind, metadata, spec };
      new k8s.apiextensions.CustomResource(name, resource, { parent: this });
    }
  }
}

interface Read {
  readonly settings: MonitoringSettings;
  readonly problems: readonly Problem[];
}

function read(args: NatsMonitoringArgs): Read {
  const clusters = args.clusters.map(readCluster);
  const settings = {
    clusters: clusters.map(({ cluster }) => cluster),
    runbooks: args.runbooks,
    namespace: args.namespace ?? "monitoring",
    operator: args.operator ?? false,
    labels: args.labels ?? {},
    dashboardLabels: args.dashboardLabels ?? { grafana_dashboard: "1" },
  };
  return {
    settings,
    problems: [
      ...(clusters.length > 0
        ? []
        : [problem("clusters", args.clusters, "there is nothing to watch", "name a cluster")]),
      ...(/^https?:\/\/\S+[^/\s]$/.test(args.runbooks)
        ? []
        : [
            problem(
              "runbooks",
              args.runbooks,
              "it must be the address of a folder, without a slash at its end",
              'use "https://git.example.com/tfdc/nats/docs/runbooks" or the like',
            ),
          ]),
      ...clusterProblems(settings.clusters),
      ...clusters.flatMap(({ problems }) => problems),
    ],
  };
}

function readCluster(args: MonitoredClusterArgs, index: number) {
  const { assets, problems } = checkAssets(
    (args.streams ?? {}) as Declarations,
    (args.buckets ?? {}) as Declarations,
  );
  const cluster: MonitoredCluster = {
    name: args.name ?? `nats-${args.colour}`,
    color: args.colour,
    namespace: args.namespace ?? "tfdc",
    servers: args.servers ?? 3,
    assets,
    ...(args.backup === undefined ? {} : { backup: args.backup }),
  };
  return { cluster, problems: within(`clusters[${index}]`, problems) };
}
