import { spawnSync } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kubernetes } from "./cluster";
import { within } from "./network";
import type { Pod } from "./objects";

const LINES = 30;
const TIMEOUT = 3_000;

interface Routez {
  readonly routes: readonly { remote_name?: string; account?: string; subscriptions: number }[];
}

/**
 * What a failed test cannot be asked for afterwards: of every pod of a colour its last words, what
 * it says of its health, who it has routes to, and what its name resolves to; the last words of
 * the name server; how the pods reach each other.
 */
export async function describeColour(kubernetes: Kubernetes, namespace: string): Promise<string> {
  const pods = await kubernetes.pods(namespace, "app=nats");
  const told = await Promise.all(pods.map((pod) => describeServer(kubernetes, namespace, pod)));
  return [
    ...told,
    `--- CoreDNS\n${tail(readFileSync(join(kubernetes.folder, "logs", "coredns.log"), "utf8"))}`,
    `--- network\n${network(kubernetes)}`,
  ].join("\n");
}

async function describeServer(
  kubernetes: Kubernetes,
  namespace: string,
  { metadata: { name, uid }, spec: { nodeName }, status: { podIP } }: Pod,
): Promise<string> {
  const host = `${name}.nats-blue.${namespace}.svc.cluster.local`;
  const ask = (path: string) => askServer(kubernetes, namespace, name, path);
  const [resolved, health, routes, log] = await Promise.all([
    lookUp(kubernetes.nameServer, host),
    orWhy(() => ask("/healthz")),
    orWhy(async () => routesOf(JSON.parse(await ask("/routez")) as Routez)),
    orWhy(() => kubernetes.logs(namespace, name, "nats")),
  ]);
  return [
    `--- ${name} ${uid} on ${nodeName} at ${podIP}, ${host} is ${resolved}`,
    `/healthz: ${health.trim()}`,
    `routes: ${routes}`,
    tail(log),
  ].join("\n");
}

/** Over a port-forward, which no network policy stops. */
async function askServer(
  kubernetes: Kubernetes,
  namespace: string,
  pod: string,
  path: string,
): Promise<string> {
  const forward = await kubernetes.forward(namespace, pod, 8222);
  try {
    const url = `http://127.0.0.1:${forward.port}${path}`;
    return await (await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) })).text();
  } finally {
    await forward.close();
  }
}

function routesOf({ routes }: Routez): string {
  const all = routes.map(({ remote_name, account, subscriptions }) => {
    return `${remote_name}${account === undefined ? "" : ` for ${account}`} (${subscriptions})`;
  });
  return all.join(", ") || "none";
}

function lookUp(server: string, host: string): Promise<string> {
  const resolver = new Resolver({ timeout: TIMEOUT, tries: 1 });
  resolver.setServers([server]);
  return orWhy(async () => (await resolver.resolve4(host)).join(" "));
}

function network({ nameServer, networks }: Kubernetes): string {
  const words = [
    ["ip", "address", "show", "to", nameServer],
    ["ip", "neighbour", "show"],
    ["iptables", "-S", "FORWARD"],
    ...networks.map((one) => [...within(one), "iptables", "-S", "KUBE-ROUTER-FORWARD"]),
  ];
  return words
    .map(([program = "", ...rest]) => {
      const { stdout, stderr, error } = spawnSync(program, rest, { encoding: "utf8" });
      return `${program} ${rest.join(" ")}\n${error?.message ?? `${stdout}${stderr}`}`;
    })
    .join("");
}

function tail(text: string): string {
  return text.trim().split("\n").slice(-LINES).join("\n");
}

async function orWhy(tell: () => Promise<string>): Promise<string> {
  try {
    return await tell();
  } catch (error) {
    return `not known: ${(error as Error).message}`;
  }
}
