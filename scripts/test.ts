import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../components/user-error";
import { ROOT } from "./local/paths";
import { runMain } from "./terminal/run-main";
import { ensureExporter } from "./toolchain/exporter";
import { ensureKubernetes, whyNoKubernetes } from "./toolchain/kubernetes";
import { ensureNatsCli } from "./toolchain/nats-cli";
import { ensureNatsServer } from "./toolchain/nats-server";
import { ending, Interrupted } from "./toolchain/processes";
import { ensurePrometheus } from "./toolchain/prometheus";
import { ensurePulumi } from "./toolchain/pulumi";
import { SERVER_VERSION, TEST_SERVER_VERSIONS } from "./toolchain/versions";

/** The layers, the quick ones first. */
const LAYERS = ["unit", "construction", "integration", "kubernetes"] as const;
/** A layer that takes longer hangs. */
const TIME_LIMIT = 60 * 60_000;

interface Counts {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

/** `npm test [layer...]`: everything, on real servers and the real engine. */
runMain(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((word) => !LAYERS.some((layer) => layer === word));
  if (unknown.length > 0) {
    throw new UserError(`no such layer: ${unknown.join(", ")}; there are ${LAYERS.join(", ")}`);
  }
  const layers = LAYERS.filter((layer) => wanted.length === 0 || wanted.includes(layer));
  const needsPrograms = layers.includes("integration") || layers.includes("kubernetes");
  const env = needsPrograms ? await programs() : process.env;
  const leftOut = layers.includes("kubernetes")
    ? await whyWithoutKubernetes(wanted.includes("kubernetes"))
    : undefined;
  const total = { passes: 0, failures: 0, pending: 0 };
  for (const layer of layers) {
    const isLeftOut = layer === "kubernetes" && leftOut !== undefined;
    const counts = isLeftOut ? await skipLayer(layer, env, leftOut) : await runLayer(layer, env);
    total.passes += counts.passes;
    total.failures += counts.failures;
    total.pending += counts.pending;
  }
  process.stdout.write(
    `\n${total.passes} passed, ${total.failures} failed, ${total.pending} skipped\n`,
  );
  return total.failures === 0 && total.passes > 0 ? 0 : 1;
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
  const countOnly = { ...env, TFDC_NATS_COUNT_ONLY: "1" };
  const { passes } = await runLayer(layer, countOnly, ["--dry-run"]);
  process.stdout.write(
    `\n*** LEFT OUT: the ${passes} tests on a real Kubernetes (npm run test:kubernetes) did NOT run. ***\n${reason}\n`,
  );
  return { passes: 0, failures: 0, pending: passes };
}

/** Runs one layer. A layer that ends badly without a failed test counts as one failure. */
async function runLayer(
  layer: string,
  env: NodeJS.ProcessEnv,
  words: readonly string[] = [],
): Promise<Counts> {
  process.stdout.write(`\n--- ${layer} ---\n`);
  const folder = mkdtempSync(join(tmpdir(), "tfdc-nats-counts-"));
  const file = join(folder, "counts");
  try {
    const code = await mocha(layer, { ...env, TFDC_NATS_COUNTS: file }, words);
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    const [counts = { passes: 0, failures: 0, pending: 0 }] = lines.map(
      (line) => JSON.parse(line) as Counts,
    );
    return code !== 0 && counts.failures === 0 ? { ...counts, failures: 1 } : counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mocha(
  layer: string,
  env: NodeJS.ProcessEnv,
  more: readonly string[],
): Promise<number> {
  const words = [
    join(ROOT, "node_modules", "mocha", "bin", "mocha.js"),
    ...["--reporter", join(__dirname, "test-reporter.cjs")],
    "--exit",
    ...more,
    `tests/${layer}/**/*.test.ts`,
  ];
  const child = spawn(process.execPath, words, { cwd: ROOT, env, stdio: "inherit" });
  const timer = setTimeout(() => {
    process.stderr.write(`\nthe ${layer} tests hang: ended after ${TIME_LIMIT / 60_000} minutes\n`);
    child.kill("SIGKILL");
  }, TIME_LIMIT);
  const { code, interruptedBy } = await ending(child).finally(() => clearTimeout(timer));
  if (interruptedBy !== undefined) {
    throw new Interrupted(interruptedBy);
  }
  return code;
}
