import { JetStreamAssets, LocalNatsCluster, NatsClusterComponent } from "@tfdc/pulumi-nats";
import { monitoring } from "./monitoring";
import { readMonitoringConfig, readStackConfig, type StackConfig } from "./stack-config";
import { buckets, streams } from "./topology";

const monitored = readMonitoringConfig();
module.exports = monitored === undefined ? colourOutputs(readStackConfig()) : monitoring(monitored);

/** Makes a colour: its servers, and what is declared to live on them. */
function colourOutputs(config: StackConfig) {
  const { colour, localDirectory } = config;
  const cluster = config.target === "local" ? localCluster(config) : kubernetesCluster(config);
  const assets = new JetStreamAssets(
    colour,
    { connection: cluster.connection, capacity: cluster.capacity, streams, buckets },
    { dependsOn: cluster },
  );
  return {
    colour,
    ...(cluster instanceof LocalNatsCluster
      ? {
          servers: cluster.servers,
          monitoring: cluster.monitoring,
          passwordFile: `${localDirectory}/secrets/${colour}/client`,
        }
      : {
          clientUrl: cluster.clientUrl,
          podHosts: cluster.podHosts,
          loginSecret: cluster.loginSecret,
          ready: cluster.ready,
        }),
    streams: Object.values(assets.streams).map(({ name }) => name),
    buckets: Object.values(assets.buckets).map(({ bucket }) => bucket),
    user: "tfdc_client",
  };
}

function localCluster(options: StackConfig): LocalNatsCluster {
  const { colour, localDirectory } = options;
  const secret = (name: string) => ({ file: `${localDirectory}/secrets/${colour}/${name}` });
  return new LocalNatsCluster(`nats-${colour}`, {
    ...options,
    directory: `${localDirectory}/nats/${colour}`,
    passwords: {
      client: secret("client"),
      provisioner: secret("provisioner"),
      system: secret("system"),
      cluster: secret("cluster"),
    },
  });
}

function kubernetesCluster(options: StackConfig): NatsClusterComponent {
  return new NatsClusterComponent(`nats-${options.colour}`, {
    ...options.kubernetes,
    colour: options.colour,
    serverVersion: options.serverVersion,
    maxFileStore: options.maxFileStore,
    maxMemoryStore: options.maxMemoryStore,
    writeDeadline: options.writeDeadline,
    passwords: {
      client: { config: "tfdc-nats:clientPassword" },
      provisioner: { config: "tfdc-nats:provisionerPassword" },
      system: { config: "tfdc-nats:systemPassword" },
      cluster: { config: "tfdc-nats:clusterPassword" },
    },
  });
}
