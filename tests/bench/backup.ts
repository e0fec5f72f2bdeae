import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { NatsConnection } from "nats";
import { heldStreams } from "../../ops/observe/observation";
import { observe } from "../../ops/observe/observe";
import { markdownTable } from "../../ops/terminal/table";
import { natsCliProgram } from "../../scripts/toolchain/nats-cli";
import { SERVER_VERSION } from "../../scripts/toolchain/versions";
import { asCluster } from "../support/ops-command";
import { TestCluster } from "../support/test-cluster";

/**
 * What `tfdc-nats backup` and `restore` take beside the `nats` command line, on one stream of a
 * cluster of three servers, in turns, and what a client takes that only receives:
 * `backup.ts [MiB] [bytes a message] [rounds] [text|random] [nats-server]`.
 */

const MIB = Number(process.argv[2] ?? 1024);
const SIZE = Number(process.argv[3] ?? 1024);
const ROUNDS = Number(process.argv[4] ?? 2);
const KIND = process.argv[5] ?? "text";
const VERSION = process.argv[6] ?? SERVER_VERSION;
const STREAM = "large";
const MESSAGES = Math.round((MIB << 20) / SIZE);
const RECEIVE_ONLY = resolve(__dirname, "receive-only.mjs");
const SUBJECTS = 100;
const IN_FLIGHT = 4 << 20;
const OURS = resolve(__dirname, "../../ops/bin/tfdc-nats.js");
/** A cluster that carries a gigabyte to its followers is given time between two runs. */
const PAUSE = 200;

interface Run {
  readonly work: "backup" | "restore";
  readonly tool: "nats" | "tfdc-nats" | "bare client";
  readonly seconds: number;
  readonly cpu: number;
  readonly peak: number;
  /** Until all replicas had all of it. */
  readonly settled: number;
}

const runs: Run[] = [];

async function main(): Promise<void> {
  const cluster = await TestCluster.start({ version: VERSION });
  const folder = mkdtempSync(join(tmpdir(), "tfdc-bench-"));
  const client = await cluster.client();
  try {
    const start = performance.now();
    await fill(cluster, client);
    process.stderr.write(`filled in ${Math.round((performance.now() - start) / 1000)} s\n`);
    for (let round = 0; round < ROUNDS; round++) {
      await both(cluster, client, join(folder, String(round)), round % 2 === 0);
      rmSync(join(folder, String(round)), { recursive: true, force: true });
    }
    print();
  } finally {
    await client.close();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One round; who begins changes, so that neither has the warmer machine. */
async function both(
  cluster: TestCluster,
  client: NatsConnection,
  folder: string,
  isOursFirst: boolean,
): Promise<void> {
  const servers = ["--server", cluster.servers.join(",")];
  const theirs = async () => {
    await measured("backup", "nats", cluster, natsCliProgram(), [
      ...servers,
      ...["stream", "backup", STREAM, join(folder, "nats"), "--no-progress"],
    ]);
    await removed(client);
    await measured("restore", "nats", cluster, natsCliProgram(), [
      ...servers,
      ...["stream", "restore", join(folder, "nats"), "--no-progress"],
    ]);
  };
  const ours = async () => {
    const node = process.env.BENCH_NODE_OPTIONS?.split(" ") ?? [];
    await measured("backup", "tfdc-nats", cluster, process.execPath, [
      ...node,
      ...[OURS, "backup", ...servers, "--to", join(folder, "ours")],
    ]);
    const [name = ""] = readdirSync(join(folder, "ours"));
    await removed(client);
    await measured("restore", "tfdc-nats", cluster, process.execPath, [
      ...node,
      ...[OURS, "restore", join(folder, "ours", name), ...servers],
      // As a stack knows them: whether a replica has all of it is then asked, and not waited for.
      ...["--monitoring", cluster.monitoring.join(",")],
    ]);
  };
  for (const turn of isOursFirst ? [ours, theirs] : [theirs, ours]) {
    await turn();
  }
  await measured("backup", "bare client", cluster, process.execPath, [
    ...[RECEIVE_ONLY, STREAM, cluster.servers.join(",")],
  ]);
}

async function measured(
  work: Run["work"],
  tool: Run["tool"],
  cluster: TestCluster,
  program: string,
  words: readonly string[],
): Promise<void> {
  const start = performance.now();
  const { stderr } = await promisify(execFile)(
    "/usr/bin/time",
    ["-f", "measured %e %U %S %M", program, ...words],
    { cwd: tmpdir(), maxBuffer: 64 << 20 },
  );
  await settled(cluster);
  const [, seconds = 0, user = 0, system = 0, kilobytes = 0] =
    /measured (\S+) (\S+) (\S+) (\S+)/.exec(stderr)?.map(Number) ?? [];
  const run = {
    work,
    tool,
    seconds,
    cpu: user + system,
    peak: kilobytes / 1024,
    settled: (performance.now() - start) / 1000,
  };
  runs.push(run);
  process.stderr.write(`${JSON.stringify(run)}\n`);
}

async function removed(client: NatsConnection): Promise<void> {
  await client.request(`$JS.API.STREAM.DELETE.${STREAM}`, "", { timeout: 60_000 });
}

/** Until every server holds every message: a leader calls replicas current that have none yet. */
async function settled(cluster: TestCluster): Promise<void> {
  for (;;) {
    const held = heldStreams(await observe(asCluster(cluster))).get(STREAM) ?? [];
    if (held.length === 3 && held.every(({ state }) => state.messages === MESSAGES)) {
      return;
    }
    await setTimeout(PAUSE);
  }
}

async function fill(cluster: TestCluster, client: NatsConnection): Promise<void> {
  const ask = (api: string, replicas: number) => {
    const question = { name: STREAM, subjects: [`${STREAM}.>`], num_replicas: replicas };
    return client.request(`$JS.API.STREAM.${api}.${STREAM}`, JSON.stringify(question), {
      timeout: 30_000,
    });
  };
  // Messages that a server takes alone are filled in faster.
  await ask("CREATE", 1);
  const window = Math.max(1, Math.floor(IN_FLIGHT / SIZE));
  const flying: Promise<unknown>[] = [];
  for (let index = 0; index < MESSAGES; index++) {
    const sending = client.request(`${STREAM}.${index % SUBJECTS}`, payload(index), {
      timeout: 60_000,
    });
    flying.push(sending);
    if (flying.length >= window) {
      await flying.shift();
    }
  }
  await Promise.all(flying);
  await ask("UPDATE", 3);
  await settled(cluster);
}

/** A message of the size: measurements as text, or bytes that nothing can compress. */
function payload(index: number): Buffer {
  if (KIND === "random") {
    return randomBytes(SIZE);
  }
  let text = "";
  while (text.length < SIZE) {
    text += `{"host":"node-${index % 97}","metric":"cpu.${text.length % 7}","value":${Math.random()},"at":${1_700_000_000_000 + index}}\n`;
  }
  return Buffer.from(text.slice(0, SIZE));
}

function print(): void {
  const rows = runs.map(({ work, tool, seconds, cpu, peak, settled: whole }) => [
    work,
    tool,
    `${seconds.toFixed(1)} s`,
    `${cpu.toFixed(1)} s`,
    `${Math.round(peak)} MiB`,
    `${whole.toFixed(1)} s`,
  ]);
  const best = (work: string, tool: string, what: "seconds" | "settled") =>
    Math.min(
      ...runs.filter((one) => one.work === work && one.tool === tool).map((one) => one[what]),
    );
  const ratio = (work: string, what: "seconds" | "settled" = "seconds") =>
    (best(work, "nats", what) / best(work, "tfdc-nats", what)).toFixed(2);
  process.stdout.write(
    `${[
      `${MIB} MiB of messages of ${SIZE} bytes (${KIND})`,
      markdownTable(
        ["Work", "Tool", "Time", "CPU", "Peak memory", "Until all replicas have it"],
        rows,
      ),
      "",
      `backup: ${ratio("backup")} x nats (target: 0.9), restore: ${ratio("restore")} x nats, and ${ratio("restore", "settled")} x until all replicas have it (target: 1.3)`,
    ].join("\n")}\n`,
  );
}

void main();
