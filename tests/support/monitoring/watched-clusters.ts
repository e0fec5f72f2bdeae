import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import type { Asset } from "../../../components/jetstream/assets-check";
import type { StreamSettings } from "../../../components/jetstream/stream-fields";
import { toWire } from "../../../components/jetstream/stream-settings";
import { exporterArguments } from "../../../components/monitoring/exporter";
import type { MonitoredCluster } from "../../../components/monitoring/monitored-cluster";
import type { AlertingRule, RuleGroup } from "../../../components/monitoring/rule";
import { ruleGroups } from "../../../components/monitoring/rule-groups";
import { prometheusConfig, RULES_FILE } from "../../../components/monitoring/scrape-config";
import { ensureExporter } from "../../../scripts/toolchain/exporter";
import { ensurePrometheus } from "../../../scripts/toolchain/prometheus";
import { freePorts } from "../free-ports";
import { TestCluster, type TestClusterOptions } from "../test-cluster";
import { RUNBOOKS } from "./test-clusters";

/** One series of an answer of Prometheus. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** An alert that fires. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Real clusters, a real exporter beside each server, and a real Prometheus that scrapes them with
 * the project's own prometheus.yml and rules. Only addresses and time differ: a minute of the rules
 * takes two seconds.
 */
export class WatchedClusters {
  private readonly exporters: ChildProcess[] = [];
  private prometheus: ChildProcess | undefined;
  private url = "";
  private readonly directory = mkdtempSync(join(tmpdir(), "tfdc-nats-prometheus-"));

  private constructor(
    readonly declared: readonly MonitoredCluster[],
    readonly clusters: readonly TestCluster[],
  ) {}

  /** Starts all of it, with every declared stream and bucket in place. */
  static async start(
    declared: readonly MonitoredCluster[],
    options: (cluster: MonitoredCluster) => TestClusterOptions,
  ): Promise<WatchedClusters> {
    const clusters = await Promise.all(
      declared.map((one) => TestCluster.start({ name: one.name, ...options(one) })),
    );
    const watched = new WatchedClusters(declared, clusters);
    try {
      await Promise.all(declared.map((_, index) => watched.createAssets(index)));
      await watched.startExporters();
      await watched.startPrometheus();
      return watched;
    } catch (error) {
      await watched.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.exporters, this.prometheus].map(ended));
    await Promise.all(this.clusters.map((cluster) => cluster.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Ends the exporters of a cluster, as if nothing of it answered any more. */
  async stopExporters(cluster: number): Promise<void> {
    await Promise.all(this.exporters.slice(cluster * 3, cluster * 3 + 3).map(ended));
  }

  /** What an expression gives now. */
  async query(expr: string): Promise<Sample[]> {
    const answer = await this.ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
    return (answer as { readonly result: Sample[] }).result;
  }

  /** What an expression gave over the last seconds, a value a second. */
  async queryRange(
    expr: string,
    seconds: number,
  ): Promise<{ readonly metric: Sample["metric"]; readonly values: Sample["value"][] }[]> {
    const end = Date.now() / 1000;
    const words = new URLSearchParams({
      query: expr,
      start: String(end - seconds),
      end: String(end),
      step: "1",
    });
    const answer = await this.ask(`/api/v1/query_range?${words}`);
    return (answer as { result: { metric: Sample["metric"]; values: Sample["value"][] }[] }).result;
  }

  /** The alerts that fire now. */
  async firing(): Promise<FiringAlert[]> {
    const { alerts } = (await this.ask("/api/v1/alerts")) as {
      readonly alerts: (FiringAlert & { readonly state: string })[];
    };
    return alerts.filter(({ state }) => state === "firing");
  }

  /** What Prometheus scrapes, and whether it got an answer. */
  async targets(): Promise<{ readonly job: string; readonly health: string }[]> {
    const { activeTargets } = (await this.ask("/api/v1/targets")) as {
      readonly activeTargets: { readonly labels: { job: string }; readonly health: string }[];
    };
    return activeTargets.map(({ labels, health }) => ({ job: labels.job, health }));
  }

  /** The metrics page of one exporter. */
  async metrics(index: number): Promise<string> {
    return (await fetch(`http://${this.addresses[index]}/metrics`)).text();
  }

  private addresses: readonly string[] = [];

  private async ask(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(10_000) });
    const body = (await response.json()) as { status: string; data: unknown; error?: string };
    if (body.status !== "success") {
      throw new Error(`Prometheus refuses ${path}: ${body.error}`);
    }
    return body.data;
  }

  private async createAssets(index: number): Promise<void> {
    const client = await this.clusters[index]?.client();
    if (client !== undefined) {
      await createStreams(client, this.declared[index]?.assets ?? []);
      await client.close();
    }
  }

  private async startExporters(): Promise<void> {
    const program = await ensureExporter();
    const monitoring = this.clusters.flatMap((cluster) => cluster.monitoring);
    const ports = await freePorts(monitoring.length);
    this.addresses = ports.map((port) => `127.0.0.1:${port}`);
    for (const [index, address] of monitoring.entries()) {
      const words = exporterArguments(address).map((word) =>
        word.startsWith("-port=") ? `-port=${ports[index]}` : word,
      );
      const child = spawn(program, ["-addr=127.0.0.1", ...words], { stdio: "ignore" });
      this.exporters.push(child);
    }
  }

  private async startPrometheus(): Promise<void> {
    const groups = hastened(ruleGroups(this.declared, RUNBOOKS));
    const config = prometheusConfig(this.declared, ({ name }) => {
      const first = this.declared.findIndex((one) => one.name === name) * 3;
      return this.addresses.slice(first, first + 3);
    });
    const file = join(this.directory, "prometheus.yml");
    // JSON is YAML.
    writeFileSync(
      file,
      JSON.stringify({ global: { scrape_interval: "1s", evaluation_interval: "1s" }, ...config }),
    );
    writeFileSync(join(this.directory, RULES_FILE), JSON.stringify({ groups }));
    const [port] = await freePorts(1);
    this.url = `http://127.0.0.1:${port}`;
    const log = openSync(join(this.directory, "log"), "a");
    this.prometheus = spawn(
      join(await ensurePrometheus(), "prometheus"),
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(this.directory, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--query.lookback-delta=10s",
      ],
      { stdio: ["ignore", log, log] },
    );
    await until("Prometheus is ready", 30_000, async () => {
      if (this.prometheus?.exitCode !== null) {
        throw new Error(readFileSync(join(this.directory, "log"), "utf8").slice(-2000));
      }
      return (await fetch(`${this.url}/-/ready`).catch(() => undefined))?.ok === true;
    });
  }
}

/** Makes declared streams, with further metadata, on servers that may have met just now. */
export async function createStreams(
  client: NatsConnection,
  assets: readonly Asset[],
  metadataOf: (stream: StreamSettings) => Record<string, string> = () => ({}),
): Promise<void> {
  const { streams } = await jetstreamManager(client);
  for (const { stream } of assets) {
    const wire = toWire(stream) as unknown as StreamConfig;
    let refusal: unknown;
    await until(
      `stream ${stream.name} is made`,
      60_000,
      async () => {
        try {
          await streams.add({ ...wire, metadata: metadataOf(stream) });
          return true;
        } catch (error) {
          refusal = String(error);
          return false;
        }
      },
      async () => refusal,
    );
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
}

/** The same rules in another time: a minute takes two seconds, and an hour fifteen. */
export function hastened(groups: readonly RuleGroup[]): RuleGroup[] {
  const seconds = (count: string, unit: string) => `${Number(count) * (unit === "h" ? 15 : 2)}s`;
  const time = (text: string) =>
    text.replace(/(\d+)([mh])/g, (_, count, unit) => seconds(count, unit));
  return groups.map(({ rules, ...group }) => ({
    ...group,
    rules: rules.map((rule) => {
      // Within an expression a time stands in brackets or after `offset`.
      const expr = rule.expr.replace(/\[\d+[mh]\]|offset \d+[mh]/g, time);
      const wait = (rule as Partial<AlertingRule>).for;
      return { ...rule, expr, ...(wait === undefined ? {} : { for: time(wait) }) };
    }),
  }));
}

/** Waits for a state, and says what was last seen where it does not come. */
export async function until(
  state: string,
  within: number,
  isReached: () => Promise<boolean>,
  seen: () => Promise<unknown> = async () => "",
): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await isReached())) {
    if (Date.now() > deadline) {
      throw new Error(`not within ${within / 1000} s: ${state}. ${JSON.stringify(await seen())}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
