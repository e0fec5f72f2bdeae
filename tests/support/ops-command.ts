import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Cluster } from "../../ops/cluster/cluster";
import type { TestCluster } from "./test-cluster";

const PROGRAM = resolve(__dirname, "../../ops/bin/tfdc-nats.js");

/** What a run of the command gave. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tfdc-nats` to its end, as a shell would. */
export function tfdcNats(
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CommandRun> {
  const { child, ended } = startTfdcNats(words, options);
  child.stdin.end();
  return ended;
}

/** Starts `tfdc-nats`, for tests that end it halfway. */
export function startTfdcNats(
  words: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
) {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: cwd ?? tmpdir(),
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const ended = new Promise<CommandRun>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done({ code: code ?? -1, stdout, stderr }));
  });
  return { child, ended };
}

/** A test cluster as the command finds it. */
export function asCluster(
  test: TestCluster,
  streams: string[] = [],
  buckets: string[] = [],
): Cluster {
  return {
    name: test.name,
    connection: { servers: test.servers, ...(test.size === 1 ? {} : { cluster: test.name }) },
    monitoring: test.monitoring,
    declared: { servers: test.size, streams, buckets },
  };
}

/** The words that lead the command to a test cluster. */
export function wordsFor(test: TestCluster): string[] {
  return ["--server", test.servers.join(","), "--monitoring", test.monitoring.join(",")];
}

/**
 * A folder like a checkout in which `npm start` was run: the command finds the clusters as local
 * stacks in it, by the state that pulumi keeps.
 */
export function checkoutWith(clusters: Readonly<Record<string, Cluster>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-checkout-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: tfdc-nats\nruntime: nodejs\n");
  const stacks = join(folder, ".local", "state", ".pulumi", "stacks", "tfdc-nats");
  mkdirSync(stacks, { recursive: true });
  for (const [colour, cluster] of Object.entries(clusters)) {
    const { connection, monitoring, declared, processes = [] } = cluster;
    const outputs = {
      colour,
      servers: connection.servers,
      monitoring,
      streams: declared?.streams ?? [],
      buckets: declared?.buckets ?? [],
    };
    const type = "pulumi-nodejs:dynamic/tfdc:LocalNatsServer";
    const servers = processes.map((props) => ({ type, outputs: props }));
    const resources = [{ type: "pulumi:pulumi:Stack", outputs }, ...servers];
    const state = { version: 3, checkpoint: { latest: { resources } } };
    writeFileSync(join(stacks, `local-${colour}.json`), JSON.stringify(state));
  }
  return folder;
}
