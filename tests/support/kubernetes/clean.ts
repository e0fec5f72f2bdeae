import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Instance, NODES, nodePlace } from "./instance";

/** The programs of an instance; whatever else names its folder is somebody who looks at it. */
const PROGRAMS = [
  "kubelet",
  "kube-router",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "coredns",
  "etcd",
  "containerd",
  "containerd-shim-runc-v2",
  "runc",
];
const CGROUPS = "/sys/fs/cgroup";
const NETWORK_RESULTS = "/var/lib/cni/results";
const LOG_LINKS = "/var/log/containers";
/** What kubelet and the bridge plugin set on this machine without asking. */
const SYSCTLS = [
  "net/ipv4/ip_forward",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

/** Where kubelet listens for device plugins: the one place of it that no flag moves. */
const DEVICE_PLUGINS = "/var/lib/kubelet/device-plugins";

interface Machine {
  readonly sysctls: Readonly<Record<string, string>>;
  readonly hasDevicePlugins: boolean;
}

/** Writes down what the machine has before a Kubernetes changes it: another one may have already. */
export function rememberMachine(instance: Instance): void {
  const { folder } = instance;
  const earlier = others(instance)
    .map((one) => read(join(one, "machine.json")))
    .find((text) => text !== "");
  if (earlier !== undefined) {
    writeFileSync(join(folder, "machine.json"), earlier);
    return;
  }
  const sysctls = Object.fromEntries(
    SYSCTLS.filter((name) => existsSync(`/proc/sys/${name}`)).map((name) => [
      name,
      readFileSync(`/proc/sys/${name}`, "utf8").trim(),
    ]),
  );
  const hasDevicePlugins = existsSync(DEVICE_PLUGINS);
  writeFileSync(join(folder, "machine.json"), JSON.stringify({ sysctls, hasDevicePlugins }));
}

/** Leaves no trace of an instance, whatever state it is in; a second time does nothing. */
export function clean(instance: Instance): void {
  endProcesses(instance);
  removeShimSockets(instance);
  unmountAll(instance.folder);
  for (const link of [instance.bridge, ...NODES.map((node) => nodePlace(instance, node).cable)]) {
    spawnSync("ip", ["link", "delete", link], { stdio: "ignore" });
  }
  removeCgroups(instance);
  removeStrays(instance);
  restoreMachine(instance);
  rmSync(instance.folder, { recursive: true, force: true });
}

/** Makes a cgroup below an instance's own, in every hierarchy that the machine has. */
export function makeCgroup(cgroup: string): void {
  const isUnified = existsSync(join(CGROUPS, "cgroup.controllers"));
  const hierarchies = isUnified
    ? [CGROUPS]
    : readdirSync(CGROUPS, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== "unified")
        .map((entry) => join(CGROUPS, entry.name));
  for (const hierarchy of hierarchies) {
    let path = hierarchy;
    for (const part of cgroup.split("/")) {
      path = join(path, part);
      mkdirSync(path, { recursive: true });
      inheritCpus(path);
    }
  }
}

/** A new cpuset of cgroups v1 has no cpus and takes no process before it has. */
function inheritCpus(path: string): void {
  for (const name of ["cpuset.mems", "cpuset.cpus"]) {
    const inherited = read(join(dirname(path), name));
    if (inherited !== "" && read(join(path, name)).trim() === "") {
      writeFileSync(join(path, name), inherited);
    }
  }
}

function endProcesses(instance: Instance): void {
  // One that is about to start another one may win once: until nobody is left.
  for (let pids = processesOf(instance); pids.length > 0; pids = processesOf(instance)) {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

function processesOf(instance: Instance): number[] {
  const daemons = readdirSync("/proc").filter(
    (entry) => /^\d+$/.test(entry) && belongs(Number(entry), instance.folder),
  );
  const contained = cgroupsOf(instance).flatMap((folder) =>
    read(join(folder, "cgroup.procs")).split("\n"),
  );
  return [...new Set([...daemons, ...contained].filter(Boolean).map(Number))].filter(isRunning);
}

function belongs(pid: number, folder: string): boolean {
  const words = read(`/proc/${pid}/cmdline`).split("\0");
  return (
    PROGRAMS.includes(basename(words[0] ?? "")) && words.some((word) => word.includes(`${folder}/`))
  );
}

/** A process that has ended and waits to be buried cannot be ended again. */
function isRunning(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== "" && stat.charAt(stat.lastIndexOf(")") + 2) !== "Z";
}

/** Shims listen in a folder of the system, under names that only their own notes tell. */
function removeShimSockets({ folder }: Instance): void {
  for (const node of list(join(folder, "nodes"))) {
    const state = join(folder, "nodes", node, "containerd", "state");
    const tasks = join(state, "io.containerd.runtime.v2.task", "k8s.io");
    for (const task of list(tasks)) {
      const address = read(join(tasks, task, "address")).trim();
      if (address.startsWith("unix://")) {
        rmSync(address.slice("unix://".length), { force: true });
      }
    }
  }
}

function unmountAll(folder: string): void {
  const mounts = read("/proc/self/mountinfo")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((path) => path === folder || path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) {
    spawnSync("umount", ["-l", path.replaceAll("\\040", " ")], { stdio: "ignore" });
  }
}

function cgroupsOf({ cgroup }: Instance): string[] {
  const roots = [CGROUPS, ...list(CGROUPS).map((name) => join(CGROUPS, name))];
  return roots.map((root) => join(root, cgroup)).flatMap(foldersUnder);
}

/** A folder and all below it, the deepest first. */
function foldersUnder(folder: string): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...inner.flatMap((entry) => foldersUnder(join(folder, entry.name))), folder];
}

function removeCgroups(instance: Instance): void {
  for (const folder of cgroupsOf(instance)) {
    removeIfEmpty(folder);
  }
}

/** What kubelet and the network plugins keep in folders of the system. */
function removeStrays(instance: Instance): void {
  const { folder } = instance;
  for (const link of list(LOG_LINKS)) {
    if (readLink(join(LOG_LINKS, link)).startsWith(`${folder}/`)) {
      rmSync(join(LOG_LINKS, link), { force: true });
    }
  }
  for (const result of list(NETWORK_RESULTS)) {
    if (read(join(NETWORK_RESULTS, result)).includes(`${folder}/`)) {
      rmSync(join(NETWORK_RESULTS, result), { force: true });
    }
  }
  for (const path of [
    LOG_LINKS,
    NETWORK_RESULTS,
    "/var/lib/cni",
    "/run/containerd/s",
    "/run/containerd",
  ]) {
    removeIfEmpty(path);
  }
}

/** The last one to go puts everything back. */
function restoreMachine(instance: Instance): void {
  const text = read(join(instance.folder, "machine.json"));
  if (text === "" || others(instance).length > 0) {
    return;
  }
  const { sysctls, hasDevicePlugins } = JSON.parse(text) as Machine;
  for (const [name, value] of Object.entries(sysctls)) {
    if (read(`/proc/sys/${name}`).trim() !== value) {
      writeFileSync(`/proc/sys/${name}`, value);
    }
  }
  if (!hasDevicePlugins) {
    rmSync(DEVICE_PLUGINS, { recursive: true, force: true });
    removeIfEmpty(dirname(DEVICE_PLUGINS));
  }
}

/** The folders of the other instances on this machine. */
function others({ folder }: Instance): string[] {
  const parent = dirname(folder);
  return list(parent)
    .filter((name) => name.startsWith("tfdc-kubernetes-"))
    .map((name) => join(parent, name))
    .filter((path) => path !== folder);
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not empty, or not there: somebody else's, or nobody's.
  }
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
