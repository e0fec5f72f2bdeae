import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import type { KubernetesPrograms } from "../../../scripts/toolchain/kubernetes";
import { freePorts } from "../free-ports";
import { KubernetesApi } from "./api";
import { Authority, type Certificate, signingKey } from "./certificates";
import { Daemon } from "./daemon";
import { type Instance, NODES, type NodeName } from "./instance";

/** Who may do what: the tests everything, and each kubelet what concerns its node. */
const USERS = [
  { name: "admin", user: "admin", group: "system:masters" },
  ...NODES.map((name) => ({ name, user: `system:node:${name}`, group: "system:nodes" })),
].map((user) => ({ ...user, token: `token-of-${user.name}` }));

/** An API server with all that stands behind it. */
export interface ControlPlane {
  readonly authority: Authority;
  readonly kubeconfig: string;
  readonly nodeKubeconfigs: ReadonlyMap<NodeName, string>;
  readonly api: KubernetesApi;
}

/** Starts etcd, the API server, the controllers and the scheduler, on free ports. */
export async function startControlPlane(
  instance: Instance,
  programs: KubernetesPrograms,
): Promise<ControlPlane> {
  const { folder } = instance;
  const pki = join(folder, "pki");
  mkdirSync(pki, { recursive: true });
  const authority = new Authority(pki);
  const hosts = [instance.gateway, "localhost", "kubernetes.default.svc"];
  const certificate = authority.issue("apiserver", "/O=system:masters/CN=kube-apiserver", hosts);
  const serviceAccounts = signingKey(join(pki, "service-accounts.key"));
  const [etcdPort = 0, peerPort = 0, apiPort = 0, controllers = 0, scheduler = 0] =
    await freePorts(5);
  await startEtcd(folder, programs.etcd, etcdPort, peerPort);

  const tokens = USERS.map(({ token, user, group }) => `${token},${user},${user},"${group}"`);
  writeFileSync(join(pki, "tokens.csv"), `${tokens.join("\n")}\n`, { mode: 0o600 });
  const server = new Daemon(
    folder,
    programs["kube-apiserver"],
    apiServerFlags(instance, { certificate, authority, etcdPort, apiPort, serviceAccounts }),
  );
  const kubeconfig = writeKubeconfig(instance, "admin", authority, apiPort);
  const api = new KubernetesApi(loadKubeconfig(kubeconfig));
  await server.until("answers /readyz", async () => {
    const answer = await api.request<string>("GET", "/readyz");
    return answer === "ok";
  });
  new Daemon(folder, programs["kube-controller-manager"], [
    ...[`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--bind-address=127.0.0.1"],
    ...[`--secure-port=${controllers}`, `--root-ca-file=${authority.certificate}`],
    `--service-account-private-key-file=${serviceAccounts}`,
    // Nothing here waits for minutes: a node that is gone, or a pod that is, is seen at once.
    ...["--node-monitor-grace-period=20s", "--allocate-node-cidrs=false"],
    ...[`--cert-dir=${pki}`, `--flex-volume-plugin-dir=${join(folder, "volume-plugins")}`],
  ]);
  new Daemon(folder, programs["kube-scheduler"], [
    ...[`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--bind-address=127.0.0.1"],
    ...[`--secure-port=${scheduler}`, `--cert-dir=${pki}`],
  ]);
  const nodeKubeconfigs = new Map(
    NODES.map((node) => [node, writeKubeconfig(instance, node, authority, apiPort)]),
  );
  return { authority, kubeconfig, nodeKubeconfigs, api };
}

export function loadKubeconfig(path: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
}

async function startEtcd(
  folder: string,
  program: string,
  port: number,
  peerPort: number,
): Promise<void> {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const etcd = new Daemon(
    folder,
    program,
    [
      ...["--name", "etcd", "--data-dir", join(folder, "etcd")],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster", `etcd=${peer}`, "--log-level", "warn"],
      // Two cores full of tests can starve it for longer than its usual tenth of a second.
      ...["--heartbeat-interval", "500", "--election-timeout", "5000"],
    ],
    { env: { ETCD_UNSUPPORTED_ARCH: process.arch } },
  );
  await etcd.until("answers /health", async () => (await fetch(`${client}/health`)).ok);
}

function apiServerFlags(
  { folder, gateway, serviceCidr }: Instance,
  options: {
    certificate: Certificate;
    authority: Certificate;
    etcdPort: number;
    apiPort: number;
    serviceAccounts: string;
  },
): string[] {
  const { certificate, authority, etcdPort, apiPort, serviceAccounts } = options;
  return [
    ...[`--etcd-servers=http://127.0.0.1:${etcdPort}`, `--bind-address=${gateway}`],
    ...[`--secure-port=${apiPort}`, `--advertise-address=${gateway}`],
    ...[`--tls-cert-file=${certificate.certificate}`, `--tls-private-key-file=${certificate.key}`],
    ...[`--client-ca-file=${authority.certificate}`, `--cert-dir=${join(folder, "pki")}`],
    `--kubelet-client-certificate=${certificate.certificate}`,
    `--kubelet-client-key=${certificate.key}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--token-auth-file=${join(folder, "pki", "tokens.csv")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${serviceAccounts}`,
    `--service-account-signing-key-file=${serviceAccounts}`,
    ...["--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"],
    ...["--allow-privileged=true", "--endpoint-reconciler-type=none"],
    ...[`--service-cluster-ip-range=${serviceCidr}`, "--profiling=false"],
  ];
}

function writeKubeconfig(
  { folder, gateway }: Instance,
  user: string,
  authority: Certificate,
  port: number,
): string {
  const path = join(folder, `${user}.kubeconfig`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "tests",
    clusters: [
      {
        name: "tests",
        cluster: {
          server: `https://${gateway}:${port}`,
          "certificate-authority-data": readFileSync(authority.certificate).toString("base64"),
        },
      },
    ],
    users: [{ name: user, user: { token: USERS.find(({ name }) => name === user)?.token } }],
    contexts: [{ name: "tests", context: { cluster: "tests", user, namespace: "default" } }],
  };
  writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 });
  return path;
}
