import { globSync } from "node:fs";
import { relative } from "node:path";
import { UserError } from "../components/user-error";
import { ROOT } from "./local/paths";
import { runMain } from "./terminal/run-main";
import { afterSecondRun, type Counts, secondRunOf, sumCounts } from "./testing/counts";
import { runMocha } from "./testing/mocha";
import { runSideBySide } from "./testing/side-by-side";
import { spread } from "./testing/spread";
import { ensureExporter } from "./toolchain/exporter";
import { ensureKubernetes, whyNoKubernetes } from "./toolchain/kubernetes";
import { ensureNatsCli } from "./toolchain/nats-cli";
import { ensureNatsServer } from "./toolchain/nats-server";
import { ensurePrometheus } from "./toolchain/prometheus";
import { ensurePulumi } from "./toolchain/pulumi";
import { SERVER_VERSION, TEST_SERVER_VERSIONS } from "./toolchain/versions";

/** The layers, the quick ones first. */
const LAYERS = ["unit", "construction", "integration", "kubernetes"] as const;
/** The layers with clusters of their own, whose failed files get a second run. */
const ON_CLUSTERS: readonly string[] = ["integration", "kubernetes"];
/** Layers that take longer hang. */
const LAYER_LIMIT = 60 * 60_000;
/** Files of the integration layer that take minutes, up to eight; they come early, and spread. */
const LONG =
  /\/integration\/(scripts\/|drift\/clean-preview|faults\/killed|local\/interruptions|provider\/recreate\.)/;
/** A file that takes longer hangs. */
const LIMIT = 8 * 60_000;
const LONG_LIMIT = 15 * 60_000;
/**
 * The files of the integration layer wait for servers half of their time, and each starts its own:
 * so many run side by side. The files of the other layers share a process, and those on Kubernetes
 * a cluster.
 */
const SIDE_BY_SIDE = 3;

/** `npm test [layer...]`: everything, on real servers and the real engine. */
runMain(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((word) => !LAYERS.some((layer) => layer === word));
  if (unknown.length > 0) {
    throw new UserError(`no such layer: ${unknown.join(", ")}; there are ${LAYERS.join(", ")}`);
  }
  const layers = LAYERS.filter((layer) => wanted.length === 0 || wanted.includes(layer));
  const env = layers.some((layer) => ON_CLUSTERS.includes(layer)) ? await programs() : process.env;
  const leftOut = layers.includes("kubernetes")
    ? await whyWithoutKubernetes(wanted.includes("kubernetes"))
    : undefined;
  const counts: Counts[] = [];
  const onlySecond: string[] = [];
  for (const layer of layers) {
    if (layer === "kubernetes" && leftOut !== undefined) {
      counts.push(await skipLayer(layer, env, leftOut));
    } else {
      const ran = await runLayer(layer, env);
      counts.push(ran.counts);
      onlySecond.push(...ran.onlySecond);
    }
  }
  const { passes, failures, pending } = sumCounts(counts);
  for (const file of onlySecond) {
    process.stdout.write(`\n*** ${file} failed, and passed in its second run. ***\n`);
  }
  process.stdout.write(`\n${passes} passed, ${failures} failed, ${pending} skipped\n`);
  return failures === 0 && passes > 0 ? 0 : 1;
});

/** Has every program that the integration tests run. */
async function programs(): Promise<NodeJS.ProcessEnv> {
  for (const version of [SERVER_VERSION, ...TEST_SERVER_VERSIONS]) {
    await ensureNatsServer(version);
  }
  await ensureNatsCli();
  await ensurePrometheus();
  await ensureExporter();
  return { ...process.env, TFDC_NATS_PULUMI: await ensurePulumi() };
}

/**
 * Has the programs of the tests' Kubernetes, or says why there can be none here. Who asks for its
 * tests by name gets an error instead.
 */
async function whyWithoutKubernetes(isAskedFor: boolean): Promise<string | undefined> {
  const reason = whyNoKubernetes();
  if (reason !== undefined && !isAskedFor) {
    return reason;
  }
  try {
    await ensureKubernetes();
    return undefined;
  } catch (error) {
    if (isAskedFor || !(error instanceof UserError)) {
      throw error;
    }
    return error.message;
  }
}

/** Leaves a layer out, so that nobody can miss it, and counts its tests as skipped. */
async function skipLayer(layer: string, env: NodeJS.ProcessEnv, reason: string): Promise<Counts> {
  process.stdout.write(`\n--- ${layer} ---\n`);
  const counted = await runMocha(filesOf(layer), {
    env: { ...env, TFDC_NATS_COUNT_ONLY: "1" },
    words: ["--dry-run"],
    limit: LAYER_LIMIT,
  });
  const { passes } = sumCounts(Object.values(counted));
  process.stdout.write(
    `\n*** LEFT OUT: the ${passes} tests on a real Kubernetes (npm run test:kubernetes) did NOT run. ***\n${reason}\n`,
  );
  return { passes: 0, failures: 0, pending: passes };
}

/** Runs one layer; where a few files with clusters of their own fail, those once more. */
async function runLayer(
  layer: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly counts: Counts; readonly onlySecond: readonly string[] }> {
  process.stdout.write(`\n--- ${layer} ---\n`);
  const run = (files: readonly string[], jobs: number) =>
    layer === "integration"
      ? runSideBySide(files, { env, jobs, limitOf, print })
      : runMocha(files, { env, limit: LAYER_LIMIT });
  const first = await run(filesOf(layer), SIDE_BY_SIDE);
  const again = ON_CLUSTERS.includes(layer) ? secondRunOf(first) : [];
  if (again.length === 0) {
    return { counts: sumCounts(Object.values(first)), onlySecond: [] };
  }
  const names = again.map((file) => relative(ROOT, file));
  process.stdout.write(`\n--- ${layer}, once more: ${names.join(", ")} ---\n`);
  const { counts, onlySecond } = afterSecondRun(first, await run(again, 1));
  return {
    counts: sumCounts(Object.values(counts)),
    onlySecond: onlySecond.map((file) => relative(ROOT, file)),
  };
}

function print(text: string): void {
  process.stdout.write(text);
}

/** The files of a layer, in the order in which they run. */
function filesOf(layer: string): string[] {
  const files = globSync(`tests/${layer}/**/*.test.ts`, { cwd: ROOT }).sort();
  return spread(files, (file) => LONG.test(file));
}

function limitOf(file: string): number {
  return LONG.test(file) ? LONG_LIMIT : LIMIT;
}
