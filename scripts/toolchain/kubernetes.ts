import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../components/user-error";
import { type DebianProgram, ensureDebian, findProgram } from "./debian";
import { type GoProgram, goBuild, goBuildFolder } from "./go-build";
import { onceIn } from "./once";
import { COREDNS_VERSION, KUBE_ROUTER_VERSION, KUBERNETES_VERSION } from "./versions";
import { firstThatWorks } from "./ways";

const CNI_FOLDERS = ["/usr/lib/cni", "/opt/cni/bin"];
const DEBIAN = {
  etcd: { program: "etcd", package: "etcd-server" },
  containerd: { program: "containerd", package: "containerd" },
  ctr: { program: "ctr", package: "containerd" },
  runc: { program: "runc", package: "runc" },
  // iproute2 has a `bridge` as well, on every PATH: the plugins are found by a name of their own.
  bridge: { program: "host-local", package: "containernetworking-plugins", folders: CNI_FOLDERS },
  iptables: { program: "iptables", package: "iptables" },
  // kube-router calls it.
  ipset: { program: "ipset", package: "ipset" },
  ip: { program: "ip", package: "iproute2" },
  nsenter: { program: "nsenter", package: "util-linux" },
  mount: { program: "mount", package: "mount" },
  openssl: { program: "openssl", package: "openssl" },
} satisfies Record<string, DebianProgram>;
const BUILT = ["kube-apiserver", "kubelet", "kube-controller-manager", "kube-scheduler"] as const;
const STAND_INS = join(__dirname, "..", "..", "tests", "support", "kubernetes", "programs");

/** Where every program of a Kubernetes of one machine is. */
export type KubernetesPrograms = Readonly<
  Record<
    (typeof BUILT)[number] | "coredns" | "kube-router" | "standIn" | keyof typeof DEBIAN,
    string
  >
>;

/** Why this machine cannot run a Kubernetes of its own; `undefined` where it can. */
export function whyNoKubernetes(): string | undefined {
  if (process.platform !== "linux") {
    return `this is ${process.platform}, and kubelet and containerd run on Linux only`;
  }
  if (process.getuid?.() !== 0) {
    return "this user is not root, and kubelet and containerd run as root only";
  }
  return undefined;
}

/** Has every program of a Kubernetes of one machine: etcd, control plane, node, names, policies. */
export async function ensureKubernetes(): Promise<KubernetesPrograms> {
  const impossible = whyNoKubernetes();
  if (impossible !== undefined) {
    throw new UserError(`no Kubernetes runs here: ${impossible}.`);
  }
  await ensureDebian(Object.values(DEBIAN));
  for (const name of BUILT) {
    await ensureBuilt(name, kubernetesProgram(name), {
      module: "k8s.io/kubernetes",
      package: `/cmd/${name}`,
      version: KUBERNETES_VERSION,
      replacedBy: KUBERNETES_VERSION.replace(/^1\./, "0."),
      ldflags: kubernetesLdflags(),
    });
  }
  await ensureBuilt("coredns", corednsProgram(), {
    module: "github.com/coredns/coredns",
    package: "",
    version: COREDNS_VERSION,
  });
  await ensureBuilt("kube-router", kubeRouterProgram(), {
    module: "github.com/cloudnativelabs/kube-router/v2",
    package: "/cmd/kube-router",
    version: KUBE_ROUTER_VERSION,
  });
  await ensureStandIn();
  return findKubernetes();
}

/** The programs that `ensureKubernetes` has made sure of. */
export function findKubernetes(): KubernetesPrograms {
  const debian = Object.entries(DEBIAN).map(([name, program]) => [name, findProgram(program)]);
  const built = BUILT.map((name) => [name, kubernetesProgram(name)]);
  const programs: Record<string, string | undefined> = {
    ...Object.fromEntries([...debian, ...built]),
    coredns: corednsProgram(),
    "kube-router": kubeRouterProgram(),
    standIn: standInProgram(),
  };
  const missing = Object.entries(programs)
    .filter(([, path]) => path === undefined || !existsSync(path))
    .map(([name]) => name);
  if (missing.length > 0) {
    throw new UserError(
      `no Kubernetes runs here yet: ${missing.join(", ")} not on this machine; 'npm run test:kubernetes' fetches them.`,
    );
  }
  return programs as KubernetesPrograms;
}

async function ensureBuilt(name: string, path: string, program: GoProgram): Promise<void> {
  if (existsSync(path)) {
    return;
  }
  const title = `${name} ${program.version}`;
  await onceIn(dirname(path), title, async () => {
    if (!existsSync(path)) {
      await firstThatWorks(
        title,
        [
          {
            title: "building it with Go, which takes minutes once",
            attempt: () => goBuild(program, path),
          },
        ],
        `Reach a Go module proxy with Go installed, or put the program at ${path}.`,
      );
    }
  });
}

/** The one small program of the images that cannot be had without a registry. */
async function ensureStandIn(): Promise<void> {
  const path = standInProgram();
  if (existsSync(path)) {
    return;
  }
  await onceIn(dirname(path), "images' stand-in", async () => {
    if (!existsSync(path)) {
      await firstThatWorks(
        "the images' stand-in",
        [{ title: "building it with Go", attempt: () => goBuildFolder(STAND_INS, path) }],
        "Install Go.",
      );
    }
  });
}

function kubernetesLdflags(): string {
  const [major, minor] = KUBERNETES_VERSION.split(".");
  return Object.entries({
    gitVersion: `v${KUBERNETES_VERSION}`,
    gitMajor: major,
    gitMinor: minor,
  })
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(" ");
}

function kubernetesProgram(name: string): string {
  return join(cache(), "kubernetes", KUBERNETES_VERSION, name);
}

function corednsProgram(): string {
  return join(cache(), "coredns", COREDNS_VERSION, "coredns");
}

function kubeRouterProgram(): string {
  return join(cache(), "kube-router", KUBE_ROUTER_VERSION, "kube-router");
}

/** Kept under the hash of its source: another checkout may have another one. */
function standInProgram(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(STAND_INS).sort()) {
    hash.update(readFileSync(join(STAND_INS, name)));
  }
  return join(cache(), "image-stand-in", hash.digest("hex").slice(0, 12), "stand-in");
}

function cache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tfdc-nats");
}
