import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PULUMI_VERSION } from "../../scripts/toolchain/versions";
import { checkOut, linkInstalled } from "../support/checkout";
import { consoleBlocks } from "../support/console-blocks";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { installPlugins } from "../support/plugins/install";
import { OFFLINE, pulumiFolder } from "../support/pulumi-project";

const ROOT = resolve(__dirname, "../..");
/** As the pages have them. */
const [NAMESPACE, MONITORING] = ["tfdc", "monitoring"];

describe("the pages of a colour on Kubernetes and of its monitoring", function () {
  this.timeout(600_000);
  let cluster: Kubernetes;
  let home: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    cluster = await sharedKubernetes();
    home = mkdtempSync(join(tmpdir(), "tfdc-page-"));
    checkOut(join(home, "clone"));
    // Instead of the first command, `npm ci`.
    linkInstalled(join(home, "clone"));
    mkdirSync(join(home, ".kube"));
    writeFileSync(
      join(home, ".kube", "config"),
      readFileSync(cluster.kubeconfig, "utf8").replaceAll('"tests"', '"my-cluster"'),
    );
    const versions = join(home, ".pulumi", "versions", PULUMI_VERSION);
    mkdirSync(versions, { recursive: true });
    symlinkSync(pulumiFolder(), join(versions, "bin"));
    env = {
      ...process.env,
      HOME: home,
      PULUMI_HOME: join(home, ".pulumi"),
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      // What a person types at the questions of a terminal.
      PULUMI_SKIP_CONFIRMATIONS: "true",
      ...OFFLINE,
    };
    installPlugins({ directory: home, env });
  });

  after(async () => {
    for (const namespace of [NAMESPACE, MONITORING]) {
      await cluster?.removeNamespace(namespace);
    }
    rmSync(home, { recursive: true, force: true });
  });

  /** Types commands into a shell in the clone, and returns what they print. */
  function typed(...commands: string[]): Promise<string> {
    return new Promise((done, failed) => {
      const shell = ["-euo", "pipefail", "-c", commands.join("\n")];
      const options = { cwd: join(home, "clone"), env, maxBuffer: 1 << 26 };
      execFile("bash", shell, options, (error, stdout, stderr) => {
        const printed = `${stdout}${stderr}`;
        return error === null ? done(printed) : failed(new Error(`${error.message}\n${printed}`));
      });
    });
  }

  /** The commands of each block of a page. */
  function page(name: string): (readonly string[])[] {
    const text = readFileSync(join(ROOT, "docs", name), "utf8");
    return consoleBlocks(text).map(({ commands }) => commands);
  }

  it("lead from an empty cluster to a colour with its streams", async () => {
    const [[install, ...commands] = []] = page("kubernetes.md");
    assert.equal(install, "npm ci");
    const printed = await typed(...commands);
    assert.match(printed, /cluster 'blue' is settled: nats-blue-0, nats-blue-1, nats-blue-2/);
    assert.match(printed, /clientUrl *: "nats:\/\/nats-blue-client\.tfdc\.svc/);
    assert.match(printed, /"metrics_v1"/);
    const pods = await cluster.waitReady(NAMESPACE, "app=nats,cluster=blue", 3);
    assert.deepEqual(pods.map(({ spec }) => spec.nodeName).sort(), ["node-0", "node-1", "node-2"]);
  });

  it("lead to what watches it, where the namespace of a Prometheus is", async () => {
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: MONITORING } });
    const [commands = []] = page("monitoring.md");
    await typed(...commands);
    const config = await cluster.get<{ data: Record<string, string> }>({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "prometheus-nats-exporter", namespace: MONITORING },
    });
    assert.match(config?.data["nats.rules.yml"] ?? "", /alert: Nats/);
    const again = await typed("npx pulumi preview --expect-no-changes");
    assert.match(again, /unchanged/);
  });

  it("take the colour down again, and leave its volumes", async () => {
    const commands = page("kubernetes.md").at(-1) ?? [];
    assert.deepEqual(commands, ["npx pulumi destroy -s blue"]);
    await typed(...commands);
    await until("its pods are gone", async () => (await cluster.pods(NAMESPACE)).length === 0);
    const claims = await cluster.list("v1", "PersistentVolumeClaim", NAMESPACE);
    assert.equal(claims.length, 3);
  });
});
