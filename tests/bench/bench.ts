import { execFile } from "node:child_process";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { markdownTable } from "../../ops/terminal/table";
import { PulumiProject, SPEC_PROGRAM, stepsOf } from "../support/pulumi-project";
import { TestCluster } from "../support/test-cluster";
import { PeakMemory } from "./peak-memory";

/**
 * What many streams cost on one cluster of three servers, with drift checked in full, beside what
 * the same requests cost without Pulumi, and what Pulumi costs for as many resources that do
 * nothing. Only the ratios mean something on another machine.
 */

const FEW = 200;
const EDITS = 20;
/** What one `nats` process each would take is measured on a part. */
const LOOP = 20;
const IN_FLIGHT = 32;
const MANY = Number(process.argv[2] ?? 1_000);

interface Traffic {
  readonly requests: number;
  readonly connections: number;
}

interface Measured extends Partial<Traffic> {
  readonly work: string;
  readonly seconds: number;
  readonly megabytes?: number;
  readonly note?: string;
}

const measured: Measured[] = [];
const seconds = (work: string) => measured.find((one) => one.work === work)?.seconds ?? Number.NaN;

function report(one: Measured): void {
  measured.push(one);
  process.stderr.write(`${one.work}: ${one.seconds.toFixed(1)} s\n`);
}

async function bench(cluster: TestCluster): Promise<void> {
  const projects: PulumiProject[] = [];
  const project = async (program: string) => {
    // Half-made streams are recognised by their owner's mark, so checkpoints can be skipped.
    const made = new PulumiProject(program, "test", { PULUMI_SKIP_CHECKPOINTS: "true" });
    projects.push(made);
    await made.init();
    return made;
  };
  try {
    await bare(cluster);
    await natsLoop(cluster);
    const ours = await project(SPEC_PROGRAM);
    const declare = (count: number) =>
      ours.write(
        "spec.json",
        JSON.stringify({
          connection: { servers: cluster.servers },
          streams: Object.fromEntries(
            names("s", count).map((name) => [name, { subjects: [`${name}.>`], replicas: 3 }]),
          ),
        }),
      );
    declare(FEW);
    await pulumi(cluster, ours, `create ${FEW}`, "up", "--yes", "--skip-preview");
    const state = await ours.state();
    await pulumi(cluster, ours, `preview ${FEW}`, "preview", "--expect-no-changes");
    await drifted(cluster, ours);
    declare(MANY);
    await pulumi(cluster, ours, `create ${MANY - FEW} more`, "up", "--yes", "--skip-preview");
    await pulumi(cluster, ours, `preview ${MANY}`, "preview", "--expect-no-changes");
    const idle = await project(IDLE_PROGRAM.replace("COUNT", String(MANY)));
    await idle.ok("up", "--yes", "--skip-preview");
    await pulumi(undefined, idle, `Pulumi alone: preview ${MANY}`, "preview");
    print(Math.round(Buffer.byteLength(state) / FEW));
  } finally {
    for (const each of projects) {
      each.remove();
    }
  }
}

/** As many resources with as many inputs, whose provider does nothing. */
const IDLE_PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const inputs = Object.fromEntries(Array.from({ length: 20 }, (_, index) => ["p" + index, "value " + index]));
const provider = "exports.handler = () => ({ check: async (o, n) => ({ inputs: n }), diff: async () => ({ changes: false }), create: async (i) => ({ id: 'x', outs: i }), read: async (id, p) => ({ id, props: p }), update: async (i, o, n) => ({ outs: n }), delete: async () => {} });";
for (let index = 0; index < COUNT; index++) {
  new pulumi.CustomResource("pulumi-nodejs:dynamic/idle:Idle", "i-" + index, { ...inputs, __provider: provider });
}
`;

/** The floor: the requests alone, from one client. */
async function bare(cluster: TestCluster): Promise<void> {
  const client = await cluster.client();
  const ask = async (subject: string, question: unknown) => {
    const reply = await client.request(`$JS.API.${subject}`, JSON.stringify(question), {
      timeout: 30_000,
    });
    const answer = reply.json<{ error?: { description: string } }>();
    if (answer.error !== undefined) {
      throw new Error(`${subject}: ${answer.error.description}`);
    }
  };
  const all = names("floor", FEW);
  const eachOf = async (work: (name: string) => Promise<void>) => {
    const left = [...all];
    const lane = async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        await work(name);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  };
  try {
    await timed(cluster, `floor: create ${FEW}`, () =>
      eachOf((name) =>
        ask(`STREAM.CREATE.${name}`, { name, subjects: [`${name}.>`], num_replicas: 3 }),
      ),
    );
    await timed(cluster, `floor: list ${FEW}`, () => ask("STREAM.LIST", { offset: 0 }));
    await eachOf((name) => ask(`STREAM.DELETE.${name}`, {}));
  } finally {
    await client.close();
  }
}

/** A loop of the `nats` command line, one process a stream. */
async function natsLoop(cluster: TestCluster): Promise<void> {
  const nats = (...words: string[]) =>
    promisify(execFile)(process.env.TFDC_NATS_CLI ?? "nats", [
      "--server",
      cluster.servers[0] ?? "",
      ...words,
    ]);
  const all = names("loop", LOOP);
  await timed(cluster, `nats loop: create ${LOOP}`, async () => {
    for (const name of all) {
      await nats("stream", "add", name, "--subjects", `${name}.>`, "--replicas", "3", "--defaults");
    }
  });
  for (const name of all) {
    await nats("stream", "rm", "--force", name);
  }
}

/** Changes some behind Pulumi's back, looks whether a preview finds all of them, and puts them right. */
async function drifted(cluster: TestCluster, project: PulumiProject): Promise<void> {
  const client = await cluster.client();
  const edited = names("s", EDITS);
  for (const name of edited) {
    const info = await client.request(`$JS.API.STREAM.INFO.${name}`, "");
    const { config } = info.json<{ config: Record<string, unknown> }>();
    const question = JSON.stringify({ ...config, max_msg_size: 1_000 });
    await client.request(`$JS.API.STREAM.UPDATE.${name}`, question, { timeout: 30_000 });
  }
  await client.close();
  const work = `preview ${FEW}, ${EDITS} of them edited`;
  const json = await pulumi(cluster, project, work, "preview", "--json");
  const found = stepsOf(json).size;
  if (found !== EDITS) {
    throw new Error(`a preview found ${found} of ${EDITS} edits`);
  }
  await pulumi(cluster, project, `update ${EDITS}`, "up", "--yes", "--skip-preview");
}

async function pulumi(
  cluster: TestCluster | undefined,
  project: PulumiProject,
  work: string,
  ...words: string[]
): Promise<string> {
  const memory = PeakMemory.ofChildren();
  const before = cluster === undefined ? undefined : await traffic(cluster);
  const run = await project.ok(...words);
  const after = cluster === undefined ? undefined : await traffic(cluster);
  report({
    work,
    seconds: run.seconds,
    megabytes: memory.stop(),
    ...(before === undefined || after === undefined ? {} : difference(before, after)),
  });
  return run.stdout;
}

async function timed(cluster: TestCluster, work: string, run: () => Promise<void>): Promise<void> {
  const before = await traffic(cluster);
  const start = performance.now();
  await run();
  const took = (performance.now() - start) / 1000;
  report({ work, seconds: took, ...difference(before, await traffic(cluster)) });
}

function difference(before: Traffic, after: Traffic): Traffic {
  return {
    requests: after.requests - before.requests,
    connections: after.connections - before.connections,
  };
}

/** What all servers have counted since they started. */
async function traffic({ monitoring }: TestCluster): Promise<Traffic> {
  const counts = await Promise.all(
    monitoring.map(async (url) => {
      const jsz = (await (await fetch(`${url}/jsz`)).json()) as { api: { total: number } };
      const varz = (await (await fetch(`${url}/varz`)).json()) as { total_connections: number };
      return { requests: jsz.api.total, connections: varz.total_connections };
    }),
  );
  return {
    // Every server counts a request, but one that is answered for the cluster is counted by its leader.
    requests: counts.reduce((sum, one) => sum + one.requests, 0),
    connections: counts.reduce((sum, one) => sum + one.connections, 0),
  };
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

function print(stateBytes: number): void {
  const text = (value: number | undefined) => (value === undefined ? "" : String(value));
  const rows = measured.map((one) => [
    one.work,
    `${one.seconds.toFixed(1)} s`,
    text(one.requests),
    text(one.connections),
    text(one.megabytes),
  ]);
  const ratio = (left: string, right: string) => (seconds(left) / seconds(right)).toFixed(2);
  process.stdout.write(
    `${[
      markdownTable(["Work", "Time", "API requests", "Connections", "Peak MB"], rows),
      "",
      `create ${FEW}: ${ratio(`create ${FEW}`, `floor: create ${FEW}`)} x the floor (target: 2.6 at most)`,
      `preview ${MANY}: ${ratio(`preview ${MANY}`, `Pulumi alone: preview ${MANY}`)} x Pulumi alone (target: 1.1 at most)`,
      `state: ${stateBytes} bytes a stream (target: 2500 at most)`,
    ].join("\n")}\n`,
  );
}

void (async () => {
  const cluster = await TestCluster.start();
  try {
    await bench(cluster);
  } finally {
    await cluster.stop();
  }
})();
