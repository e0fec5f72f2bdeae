import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clean } from "./clean";

/** So many tests may have a Kubernetes of their own at once on one machine. */
const SLOTS = 16;
/** A folder that nobody has signed yet is being made right now, unless it is older than this. */
const SIGNED_WITHIN = 30_000;

/** The nodes: a server of a colour wants one of its own, and each is in a zone of its own. */
export const NODES = ["node-0", "node-1", "node-2"] as const;

export type NodeName = (typeof NODES)[number];

/** The place of one Kubernetes on this machine: nothing of it is shared with another one. */
export interface Instance {
  readonly slot: number;
  readonly folder: string;
  readonly name: string;
  /** The bridge that the pods hang on, and the address of this machine on it. */
  readonly bridge: string;
  readonly gateway: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The cgroup in which every container runs. */
  readonly cgroup: string;
}

/** Where a node of an instance lives: its folder, cgroup, address and network namespace. */
export function nodePlace(instance: Instance, node: NodeName) {
  const folder = join(instance.folder, "nodes", node);
  return {
    folder,
    address: instance.gateway.replace(/1$/, String(2 + NODES.indexOf(node))),
    cgroup: join(instance.cgroup, node),
    network: join(folder, "network"),
    /** The end of its cable on this machine's bridge. */
    cable: `${instance.bridge}n${NODES.indexOf(node)}`,
  };
}

/** The instance that a folder belongs to. */
export function instanceIn(folder: string): Instance {
  const slot = Number(folder.split("-").at(-1));
  const name = `tfdc-kubernetes-${slot}`;
  return {
    slot,
    folder,
    name,
    bridge: `tfdc${slot}`,
    gateway: `10.213.${slot}.1`,
    podCidr: `10.213.${slot}.0/24`,
    serviceCidr: `10.214.${slot}.0/24`,
    cgroup: name,
  };
}

/** Takes a free place; what a killed test run has left there is cleared away first. */
export function claimInstance(): Instance {
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const instance = instanceIn(join(tmpdir(), `tfdc-kubernetes-${slot}`));
    if (isLeft(instance.folder)) {
      clean(instance);
    }
    try {
      mkdirSync(instance.folder, { mode: 0o755 });
      sign(instance.folder, "owner", process.pid);
      return instance;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
  }
  throw new Error(
    `${SLOTS} Kubernetes run on this machine already (${tmpdir()}/tfdc-kubernetes-*)`,
  );
}

/** Writes down which process uses a folder; a pid alone may be somebody else's later. */
export function sign(folder: string, role: "owner" | "keeper", pid: number): void {
  writeFileSync(join(folder, role), JSON.stringify({ pid, since: startOf(pid) }));
}

function isLeft(folder: string): boolean {
  try {
    const age = Date.now() - statSync(folder).mtimeMs;
    const signatures = ["owner", "keeper"].flatMap((role) => read(join(folder, role)));
    return signatures.length === 0
      ? age > SIGNED_WITHIN
      : signatures.every(({ pid, since }) => startOf(pid) !== since);
  } catch {
    return false;
  }
}

function read(path: string): { pid: number; since: string }[] {
  try {
    return [JSON.parse(readFileSync(path, "utf8"))];
  } catch {
    return [];
  }
}

/** When a process was started, in the kernel's own count; `undefined` where there is none. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
