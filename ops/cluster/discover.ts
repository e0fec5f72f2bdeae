import type { ConnectionArgs } from "@tfdc/pulumi-nats/internal/connection-args";
import { UsageError } from "../usage-error";
import type { Cluster } from "./cluster";
import { clusterOfStack } from "./from-stack";
import { clusterOfContext } from "./nats-context";
import type { ClusterOptions } from "./options";
import { isLocalStack, projectRoot, readStack, stackSecrets } from "./pulumi-stack";

/** The colours that are meant where none is named. */
export const COLOURS: readonly string[] = ["blue", "green"];

/**
 * The clusters that a command line means: stacks, one context, one list of servers, or colours.
 * A colour is its local stack where this machine has one, and the stack of its own name otherwise.
 *
 * @param colours - words of the command line; where nothing is named at all, both colours
 */
export function findClusters(options: ClusterOptions, colours: readonly string[] = []): Cluster[] {
  const { stack: stacks = [], context, server } = options;
  const ways = [stacks.length > 0 && "--stack", context && "--context", server && "--server"];
  const named = [...ways, colours.length > 0 && colours.join(" ")].filter(Boolean);
  if (named.length > 1) {
    throw new UsageError(
      `${named.join(" and ")} name different clusters; name them in one way only.`,
    );
  }
  if (server !== undefined) {
    return [clusterOfServers(server, options)];
  }
  if (context !== undefined) {
    return [{ ...clusterOfContext(context), monitoring: list(options.monitoring) }];
  }
  const root = requireRoot();
  const names = stackNames(root, stacks, colours);
  return names.map((name) => openStack(root, name));
}

/** The cluster of a stack of the program in this folder. */
export function openStack(root: string, stack: string): Cluster {
  return clusterOfStack(root, stack, readStack(root, stack), stackSecrets(root, stack));
}

/** The folder of the program; without it there are no stacks. */
export function requireRoot(): string {
  const root = projectRoot();
  if (root === undefined) {
    throw new UsageError(
      "there is no Pulumi project here (no Pulumi.yaml in this folder or above); change into the checkout, or name the servers with --server, or a context of the nats command line with --context.",
    );
  }
  return root;
}

/** The stacks that are meant: named ones, those of colours, or those of both colours. */
export function stackNames(
  root: string,
  stacks: readonly string[],
  colours: readonly string[],
): string[] {
  const words = colours.length > 0 ? colours : COLOURS;
  const names = stacks.length > 0 ? stacks : words.map((colour) => stackOfColour(root, colour));
  return [...new Set(names)];
}

/** The one cluster that a command line means. */
export function findCluster(options: ClusterOptions, colour?: string): Cluster {
  const clusters = findClusters(options, colour === undefined ? [] : [colour]);
  const [cluster] = clusters;
  if (cluster === undefined || clusters.length > 1) {
    throw new UsageError(
      "this command works on one cluster; name it: blue or green, -s <stack>, --server or --context.",
    );
  }
  return cluster;
}

function stackOfColour(root: string, colour: string): string {
  if (isLocalStack(root, `local-${colour}`)) {
    return `local-${colour}`;
  }
  return colour;
}

function clusterOfServers(server: string, options: ClusterOptions): Cluster {
  const servers = list(server).map((address) => address.replace(/^nats:\/\//, ""));
  const connection: ConnectionArgs = {
    servers,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options["password-file"] === undefined
      ? {}
      : { password: { file: options["password-file"] } }),
    ...(options.creds === undefined ? {} : { credsFile: options.creds }),
    ...(options["tls-ca"] === undefined ? {} : { tls: { caFile: options["tls-ca"] } }),
  };
  const { "system-user": systemUser, "system-password-file": systemFile } = options;
  return {
    name: options.name ?? servers[0] ?? server,
    connection,
    monitoring: list(options.monitoring),
    ...(systemUser === undefined
      ? {}
      : {
          system: {
            servers,
            ...(connection.tls === undefined ? {} : { tls: connection.tls }),
            user: systemUser,
            ...(systemFile === undefined ? {} : { password: { file: systemFile } }),
          },
        }),
  };
}

function list(text: string | undefined): string[] {
  return (text ?? "").split(",").flatMap((one) => one.trim().replace(/\/$/, "") || []);
}
