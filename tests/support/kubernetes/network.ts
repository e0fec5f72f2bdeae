import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Instance, NODES, type NodeName, nodePlace } from "./instance";

/** The end of a node's cable on its own bridge. */
const UPLINK = "uplink";

/**
 * Makes the network of the nodes and pods: each node has a network namespace with a bridge of its
 * own, on which it has its address and its pods hang, and a cable to the bridge of this machine.
 * All of it is one segment without routes. What passes a bridge passes the node's iptables, which
 * are its own as well: this machine's stay as they are.
 */
export function makeNetwork(instance: Instance): void {
  const { bridge, gateway } = instance;
  makeBridge([], bridge, gateway, macAddress(instance, 0));
  for (const node of NODES) {
    connectNode(instance, node);
  }
}

/** The words before a command that is to run in a network namespace. */
export function within(network: string | undefined): string[] {
  return network === undefined ? [] : ["nsenter", `--net=${network}`, "--"];
}

/** Gives the pods of a node their place on its bridge; no address translation. */
export function writePodNetwork(instance: Instance, runtime: string): void {
  const { folder, name, bridge, gateway, podCidr } = instance;
  const cni = join(runtime, "cni");
  mkdirSync(cni, { recursive: true });
  writeFileSync(
    join(cni, "10-bridge.conflist"),
    JSON.stringify({
      cniVersion: "0.4.0",
      name,
      plugins: [
        {
          type: "bridge",
          bridge,
          isGateway: false,
          ipMasq: false,
          promiscMode: true,
          ipam: {
            type: "host-local",
            dataDir: join(folder, "addresses"),
            // The first ones are the nodes'.
            ranges: [[{ subnet: podCidr, gateway, rangeStart: gateway.replace(/1$/, "10") }]],
          },
        },
      ],
    }),
  );
}

function connectNode(instance: Instance, node: NodeName): void {
  const { bridge } = instance;
  const { folder, address, network, cable } = nodePlace(instance, node);
  const inside = within(network);
  mkdirSync(folder, { recursive: true });
  writeFileSync(network, "");
  run(["unshare", `--net=${network}`, "true"]);
  run([...inside, "ip", "link", "set", "lo", "up"]);
  makeBridge(inside, bridge, address, macAddress(instance, 1 + NODES.indexOf(node)));
  run(["ip", "link", "add", cable, "type", "veth", "peer", "name", UPLINK, "netns", network]);
  run(["ip", "link", "set", cable, "master", bridge, "up"]);
  run([...inside, "ip", "link", "set", UPLINK, "master", bridge, "up"]);
  // What is bridged is seen by iptables only where this is set, each network namespace its own.
  const bridged = "/proc/sys/net/bridge/bridge-nf-call-iptables";
  run([...inside, "sh", "-c", `echo 1 > ${bridged}`]);
}

/** The address is said, because a bridge takes on the lowest one of what hangs on it. */
function makeBridge(inside: string[], name: string, address: string, mac: string): void {
  run([...inside, "ip", "link", "add", name, "address", mac, "type", "bridge"]);
  run([...inside, "ip", "address", "add", `${address}/24`, "dev", name]);
  run([...inside, "ip", "link", "set", name, "up"]);
}

function macAddress({ slot }: Instance, index: number): string {
  return ["02", "d5", slot, 0, 0, index]
    .map((part) => (typeof part === "number" ? part.toString(16).padStart(2, "0") : part))
    .join(":");
}

function run(command: readonly string[]): void {
  const [program = "", ...words] = command;
  const { status, stderr, error } = spawnSync(program, words, { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${command.join(" ")}: ${error?.message ?? stderr.trim()}`);
  }
}
