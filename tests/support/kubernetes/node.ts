import { spawnSync } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KubernetesPrograms } from "../../../scripts/toolchain/kubernetes";
import { mustRun } from "../../../scripts/toolchain/processes";
import { makeCgroup } from "./clean";
import type { ControlPlane } from "./control-plane";
import { Daemon } from "./daemon";
import { PAUSE_IMAGE } from "./images";
import { type Instance, type NodeName, nodePlace } from "./instance";
import { within, writePodNetwork } from "./network";

/** Every node has an address of its own, on which nobody else listens. */
const KUBELET_PORT = 10250;

/** The container runtime of a node. */
export class Containerd {
  readonly socket: string;

  private constructor(
    readonly node: NodeName,
    folder: string,
    private readonly programs: KubernetesPrograms,
  ) {
    this.socket = join(folder, "containerd.sock");
  }

  static async start(
    instance: Instance,
    node: NodeName,
    programs: KubernetesPrograms,
  ): Promise<Containerd> {
    const place = nodePlace(instance, node);
    const folder = join(place.folder, "containerd");
    const containerd = new Containerd(node, folder, programs);
    mkdirSync(folder, { recursive: true });
    writePodNetwork(instance, folder);
    const config = join(folder, "config.toml");
    writeFileSync(config, containerd.configuration(folder));
    const daemon = new Daemon(instance.folder, programs.containerd, ["--config", config], {
      name: `containerd-${node}`,
      network: place.network,
    });
    await daemon.until("answers", async () => {
      return spawnSync(programs.ctr, ["--address", containerd.socket, "version"]).status === 0;
    });
    return containerd;
  }

  /** Imports an image from its archive, as a pull from a registry would bring it. */
  async import(archive: string): Promise<void> {
    const words = ["--address", this.socket, "-n", "k8s.io", "images", "import", archive];
    await mustRun(this.programs.ctr, words);
  }

  private configuration(folder: string): string {
    // An overlay cannot lie upon an overlay, which is what a container's own files are.
    const onOverlay = spawnSync("stat", ["-f", "-c", "%T", folder], { encoding: "utf8" });
    const snapshotter = onOverlay.stdout.startsWith("overlay") ? "native" : "overlayfs";
    return `
version = 2
root = ${JSON.stringify(join(folder, "root"))}
state = ${JSON.stringify(join(folder, "state"))}
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = ${JSON.stringify(this.socket)}
[plugins."io.containerd.internal.v1.opt"]
  path = ${JSON.stringify(join(folder, "opt"))}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${JSON.stringify(PAUSE_IMAGE)}
  # Without it runc fails where root lacks the right to raise its own priority in an OOM.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${JSON.stringify(snapshotter)}
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        BinaryName = ${JSON.stringify(this.programs.runc)}
        Root = ${JSON.stringify(join(folder, "runc"))}
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${JSON.stringify(dirname(this.programs.bridge))}
    conf_dir = ${JSON.stringify(join(folder, "cni"))}
`;
  }
}

/** Starts kubelet and waits until the API server calls its node ready. */
export async function startKubelet(
  instance: Instance,
  programs: KubernetesPrograms,
  { api, authority, nodeKubeconfigs }: ControlPlane,
  { node, socket }: Containerd,
): Promise<void> {
  const { gateway } = instance;
  const { folder, address, cgroup, network } = nodePlace(instance, node);
  makeCgroup(cgroup);
  const root = join(folder, "kubelet");
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "resolv.conf"), "");
  const configuration = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address,
    port: KUBELET_PORT,
    healthzPort: 0,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority.certificate },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    evictionHard: {
      "memory.available": "50Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
    },
    imageGCHighThresholdPercent: 100,
    oomScoreAdj: 0,
    clusterDNS: [gateway],
    clusterDomain: "cluster.local",
    resolvConf: join(root, "resolv.conf"),
    makeIPTablesUtilChains: false,
    podLogsDir: join(folder, "pod-logs"),
    volumePluginDir: join(root, "volume-plugins"),
    // A changed ConfigMap reaches its pods within seconds; a minute is the default.
    syncFrequency: "10s",
    nodeStatusUpdateFrequency: "4s",
    eventRecordQPS: 0,
    registryPullQPS: 0,
  };
  const config = join(root, "config.json");
  writeFileSync(config, JSON.stringify(configuration, null, 2));
  const words = [
    ...[`--config=${config}`, `--kubeconfig=${nodeKubeconfigs.get(node)}`],
    ...[`--hostname-override=${node}`, `--node-ip=${address}`, `--root-dir=${root}`],
    ...[`--cert-dir=${join(root, "pki")}`, `--node-labels=topology.kubernetes.io/zone=${node}`],
  ];
  const kubelet = new Daemon(instance.folder, programs.kubelet, words, {
    name: `kubelet-${node}`,
    network,
  });
  await kubelet.until(
    "its node is ready",
    async () => {
      const found = await api.request<NodeStatus>("GET", `/api/v1/nodes/${node}`);
      return found.status.conditions.some((one) => one.type === "Ready" && one.status === "True");
    },
    90_000,
  );
}

/** Starts what enforces network policies on a node, and waits until its rules are there. */
export async function startPolicyController(
  instance: Instance,
  programs: KubernetesPrograms,
  { kubeconfig }: ControlPlane,
  node: NodeName,
): Promise<void> {
  const { network } = nodePlace(instance, node);
  const words = [
    ...[`--kubeconfig=${kubeconfig}`, `--service-cluster-ip-range=${instance.serviceCidr}`],
    ...["--run-firewall=true", "--run-router=false", "--run-service-proxy=false"],
    ...["--enable-cni=false", "--v=1"],
  ];
  const controller = new Daemon(instance.folder, programs["kube-router"], words, {
    name: `kube-router-${node}`,
    env: { NODE_NAME: node },
    network,
  });
  const [nsenter = "", ...inside] = within(network);
  await controller.until("has made its rules", async () => {
    const rules = [...inside, programs.iptables, "-S", "KUBE-NWPLCY-DEFAULT"];
    return spawnSync(nsenter, rules).status === 0;
  });
}

interface NodeStatus {
  readonly status: { readonly conditions: readonly { type: string; status: string }[] };
}

/** Starts the name server of the pods, on this machine's address of their network. */
export async function startDns(
  { folder, gateway }: Instance,
  programs: KubernetesPrograms,
  { kubeconfig }: ControlPlane,
): Promise<void> {
  const corefile = join(folder, "Corefile");
  writeFileSync(
    corefile,
    `cluster.local:53 {
  bind ${gateway}
  errors
  kubernetes cluster.local {
    kubeconfig ${kubeconfig}
    ttl 0
  }
}
.:53 {
  bind ${gateway}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`,
  );
  const coredns = new Daemon(folder, programs.coredns, ["-conf", corefile]);
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([gateway]);
  await coredns.until("resolves a Service", async () => {
    const found = await resolver.resolve4("kubernetes.default.svc.cluster.local");
    return found.length > 0;
  });
}
