import type { Argv, InferredOptionTypes, Options } from "yargs";

/** How a cluster is found; the same for every command. */
export const CLUSTER_OPTIONS = {
  stack: {
    alias: "s",
    type: "string",
    array: true,
    describe: "Pulumi stack of a cluster, such as local-blue",
    group: "Which cluster:",
  },
  context: {
    type: "string",
    describe: "context of the nats command line",
    group: "Which cluster:",
  },
  server: {
    type: "string",
    describe: "addresses of the servers, host:port, separated by commas",
    group: "Which cluster:",
  },
  name: {
    type: "string",
    describe: "what to call the cluster in messages and backups; otherwise its first address",
    group: "With --server:",
  },
  user: {
    type: "string",
    describe: "user of the account with the streams",
    group: "With --server:",
  },
  "password-file": {
    type: "string",
    describe: "file with the password of --user",
    group: "With --server:",
  },
  creds: { type: "string", describe: "file with a JWT and its seed", group: "With --server:" },
  "tls-ca": {
    type: "string",
    describe: "certificate authority of the servers",
    group: "With --server:",
  },
  monitoring: {
    type: "string",
    describe: "monitoring addresses, http://host:port, separated by commas",
    group: "With --server:",
  },
  "system-user": {
    type: "string",
    describe: "user of the system account",
    group: "With --server:",
  },
  "system-password-file": {
    type: "string",
    describe: "file with the password of --system-user",
    group: "With --server:",
  },
} as const satisfies Record<string, Options>;

/** What the command line says about where a cluster is. */
export type ClusterOptions = Partial<InferredOptionTypes<typeof CLUSTER_OPTIONS>>;

/** How results are printed; the same for every command. */
export const OUTPUT_OPTIONS = {
  output: {
    alias: "o",
    choices: ["text", "json"] as const,
    default: "text" as const,
    describe: "how results are printed",
  },
} as const satisfies Record<string, Options>;

/** Gives a command the options by which clusters are found and results are printed. */
export function withClusterOptions<T>(command: Argv<T>) {
  return command.options(CLUSTER_OPTIONS).options(OUTPUT_OPTIONS);
}

/** The same, for a command that looks at several clusters at once. */
export function withClustersOptions<T>(command: Argv<T>) {
  return withClusterOptions(
    command.positional("colours", {
      array: true,
      type: "string",
      describe: "colours to look at; both where none is named",
    }),
  );
}
