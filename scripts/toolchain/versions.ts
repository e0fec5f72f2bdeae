import { isOlder } from "../../components/jetstream/versions";

/** The Pulumi command line that the project runs and tests with. */
export const PULUMI_VERSION = "3.250.0";

/** The last language host that can be had as a Go module; it serves newer command lines too. */
export const LANGUAGE_HOST_VERSION = "3.68.0";

/** The nats-server that the local clusters run. */
export const SERVER_VERSION = "2.10.29";

/** The nats-servers that the tests run besides. */
export const TEST_SERVER_VERSIONS: readonly string[] = ["2.10.22", "2.11.17", "2.12.15", "2.15.3"];

/** The Kubernetes of the tests; from 1.35 on kubelet refuses the cgroups v1 of older machines. */
export const KUBERNETES_VERSION = "1.34.4";

/** The name server of the tests' Kubernetes, the one that Kubernetes 1.34 comes with. */
export const COREDNS_VERSION = "1.12.4";

/** What enforces network policies on the tests' Kubernetes. */
export const KUBE_ROUTER_VERSION = "2.1.0";

/** The oldest Go that builds what cannot be downloaded. */
export const OLDEST_GO = "1.24";

/** The Prometheus that the tests run; a newer one of the same major does as well. */
export const PROMETHEUS_VERSION = "2.42.0";

/** The exporter whose metrics the catalogue names. */
export const EXPORTER_VERSION = "0.20.1";

/** Whether a nats-server on this machine stands in for the wanted one: same series, no older patch. */
export function serverFits(found: string, wanted: string): boolean {
  const series = (version: string) => version.split(".").slice(0, 2).join(".");
  return series(found) === series(wanted) && !isOlder(found, wanted);
}

/** Whether a Pulumi command line on this machine will do: same major, no older than ours. */
export function pulumiFits(found: string): boolean {
  return found.split(".")[0] === PULUMI_VERSION.split(".")[0] && !isOlder(found, PULUMI_VERSION);
}

/** The `nats` command line: tests exchange backups with it, and its checks must agree with the alerts. */
export const NATS_CLI_VERSION = "0.5.1";

/** Whether a Prometheus on this machine will do: same major, no older than ours. */
export function prometheusFits(found: string): boolean {
  return (
    found.split(".")[0] === PROMETHEUS_VERSION.split(".")[0] && !isOlder(found, PROMETHEUS_VERSION)
  );
}

/** The linter that the workflows of GitHub Actions must pass. */
export const ACTIONLINT_VERSION = "1.7.12";
