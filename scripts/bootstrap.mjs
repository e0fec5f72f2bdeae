// Runs on any Node from 20 on, with nothing installed: installs the packages, builds, and hands
// over to scripts/<command>.ts on the Node that the project pins.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command = "start", ...words] = process.argv.slice(2);

const major = Number(process.versions.node.split(".")[0]);
if (major < OLDEST_NODE) {
  fail(`this is Node ${process.versions.node}, and Node ${OLDEST_NODE} or newer is needed`);
}
installPackages();
build();
handOver();

function installPackages() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  const stamp = join(root, "node_modules", ".tfdc-nats-installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    return;
  }
  const start = Date.now();
  process.stderr.write("npm packages: installing (about a minute the first time) ... ");
  const run = spawnSync(
    "npm",
    [
      "ci",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      "--include=dev",
      "--ignore-scripts=false",
    ],
    { cwd: root, encoding: "utf8", shell: process.platform === "win32" },
  );
  if (run.status !== 0) {
    process.stderr.write("failed\n");
    fail(`npm ci failed: ${run.error?.message ?? `${run.stdout}${run.stderr}`.trim()}`);
  }
  writeFileSync(stamp, wanted);
  process.stderr.write(`done in ${seconds(start)} s\n`);
}

function build() {
  const run = spawnSync(
    process.execPath,
    [join(root, "node_modules", "typescript", "bin", "tsc"), "-b", "components", "ops"],
    { cwd: root, encoding: "utf8" },
  );
  if (run.status !== 0) {
    fail(`the packages do not build:\n${run.stdout}${run.stderr}`);
  }
}

function handOver() {
  const node = join(root, "node_modules", ".bin", "node");
  const script = join(root, "scripts", `${command}.ts`);
  const child = spawn(node, ["--import", "tsx", script, ...words], {
    cwd: root,
    env: environment(),
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  for (const signal of ["SIGINT", "SIGTERM"]) {
    // The terminal signals the child as well; this process only has to wait for it.
    process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
  }
  child.on("error", (error) => fail(`node could not be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/** Node heeds a proxy only when told to, and what runs on this machine is never behind one. */
function environment() {
  const { env } = process;
  const direct = env.no_proxy ?? env.NO_PROXY;
  const withoutProxy = `${direct ? `${direct},` : ""}127.0.0.1,localhost`;
  const isProxied = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].some(
    (name) => env[name],
  );
  return isProxied
    ? { ...env, NODE_USE_ENV_PROXY: "1", NO_PROXY: withoutProxy, no_proxy: withoutProxy }
    : env;
}

function seconds(start) {
  return Math.round((Date.now() - start) / 1000);
}

function fail(reason) {
  process.stderr.write(`tfdc-nats: ${reason}\n`);
  process.exit(1);
}
