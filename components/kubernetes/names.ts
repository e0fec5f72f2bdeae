/** The ports of every pod, as the reference document has them. */
export const PORTS = { client: 4222, cluster: 6222, monitor: 8222, metrics: 7777 } as const;

export const CONFIG_DIRECTORY = "/etc/nats-config";
export const CREDENTIALS_DIRECTORY = "/etc/nats-credentials";
export const TLS_DIRECTORY = "/etc/nats-tls";
export const PID_FILE = "/var/run/nats/nats.pid";
export const CREDENTIALS_FILE = "credentials.conf";
export const CONFIG_FILE = "nats.conf";
export const CONTAINER = "nats";

/** Names of the objects of a colour. */
export interface ObjectNames {
  /** Of the StatefulSet, the headless Service, the ServiceAccount, and the start of every pod's. */
  readonly statefulSet: string;
  readonly headlessService: string;
  readonly clientService: string;
  readonly configMap: string;
  /** Secret that the servers read. */
  readonly credentials: string;
  /** Secret that the applications read: `url`, `user`, `password`. */
  readonly login: string;
  readonly serviceAccount: string;
  /** CronJob that makes backups, where one is declared. */
  readonly backupCronJob: string;
}

export function namesOf({ colour }: { readonly colour: string }): ObjectNames {
  const name = `nats-${colour}`;
  return {
    statefulSet: name,
    headlessService: name,
    clientService: `${name}-client`,
    configMap: `${name}-config`,
    credentials: `${name}-credentials`,
    login: `${name}-login`,
    serviceAccount: name,
    backupCronJob: `nats-backup-${colour}`,
  };
}

/** Where a colour stands, as far as names go. */
export interface Place {
  readonly colour: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly clusterDomain: string;
}

/** Names of the pods, which are the names of the servers. */
export function podNames({ colour, replicas }: Pick<Place, "colour" | "replicas">): string[] {
  return Array.from({ length: replicas }, (_, index) => `nats-${colour}-${index}`);
}

/** DNS names of the pods, through the headless Service. */
export function podHosts(place: Place): string[] {
  const service = namesOf(place).headlessService;
  return podNames(place).map((pod) => `${pod}.${service}.${domainOf(place)}`);
}

/** DNS name of the Service for clients. */
export function clientHost(place: Place): string {
  return `${namesOf(place).clientService}.${domainOf(place)}`;
}

/** DNS name of the headless Service: all pods, ready or not. */
export function headlessHost(place: Place): string {
  return `${namesOf(place).headlessService}.${domainOf(place)}`;
}

function domainOf({ namespace, clusterDomain }: Place): string {
  return `${namespace}.svc.${clusterDomain}`;
}
