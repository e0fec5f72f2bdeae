import { performance } from "node:perf_hooks";
import { markdownTable } from "../../ops/terminal/table";
import type { PulumiProject } from "../support/pulumi-project";
import type { TestCluster } from "../support/test-cluster";
import { PeakMemory } from "./peak-memory";
import { processorSeconds } from "./processor-time";

interface Traffic {
  readonly requests: number;
  readonly connections: number;
}

interface Measured extends Partial<Traffic> {
  readonly work: string;
  readonly seconds: number;
  /** Of processors; on a busy machine they tell more. */
  readonly processors?: number;
  readonly megabytes?: number;
}

/** What was measured, in the order of the work, and how one compares with another. */
export class Report {
  private readonly measured: Measured[] = [];
  private readonly verdicts: string[] = [];

  /** Runs pulumi, and notes what it took and what it asked of the cluster; none is asked where none is given. */
  async pulumi(
    cluster: TestCluster | undefined,
    project: PulumiProject,
    work: string,
    ...words: string[]
  ): Promise<string> {
    const memory = PeakMemory.ofChildren();
    const before = cluster === undefined ? undefined : await traffic(cluster);
    const idle = processorSeconds();
    const run = await project.ok(...words);
    const busy = processorSeconds();
    const after = cluster === undefined ? undefined : await traffic(cluster);
    this.note({
      work,
      seconds: run.seconds,
      ...(idle === undefined || busy === undefined ? {} : { processors: busy - idle }),
      megabytes: memory.stop(),
      ...(before === undefined || after === undefined ? {} : difference(before, after)),
    });
    return run.stdout;
  }

  /** Runs other work on the cluster, and notes the same. */
  async timed(cluster: TestCluster, work: string, run: () => Promise<void>): Promise<void> {
    const before = await traffic(cluster);
    const start = performance.now();
    await run();
    const seconds = (performance.now() - start) / 1000;
    this.note({ work, seconds, ...difference(before, await traffic(cluster)) });
  }

  /** How many times as long one took as the other, both by the middle of their runs. */
  compare(left: string, right: string, target: string): void {
    const ratio = (this.seconds(left) / this.seconds(right)).toFixed(2);
    this.verdicts.push(`${left}: ${ratio} x ${right} (target: ${target})`);
  }

  /** What a resource of each work takes, so that growth shows. */
  each(works: Readonly<Record<string, number>>, target: string): void {
    const parts = Object.entries(works).map(([work, count]) => {
      const each = (seconds: number) => `${((seconds * 1000) / count).toFixed(1)} ms`;
      return `${each(this.seconds(work))}, of processors ${each(this.processors(work))} (${work})`;
    });
    this.verdicts.push(`each: ${parts.join("; ")} (target: ${target})`);
  }

  say(verdict: string): void {
    this.verdicts.push(verdict);
  }

  /** The tables as Markdown. */
  toString(): string {
    const text = (value: number | undefined) => (value === undefined ? "" : String(value));
    const rows = this.measured.map((one) => [
      one.work,
      `${one.seconds.toFixed(1)} s`,
      one.processors === undefined ? "" : `${one.processors.toFixed(1)} s`,
      text(one.requests),
      text(one.connections),
      text(one.megabytes),
    ]);
    const headings = ["Work", "Time", "Processors", "API requests", "Connections", "Peak MB"];
    const table = markdownTable(headings, rows);
    return [table, "", ...this.verdicts, ""].join("\n");
  }

  private seconds(work: string): number {
    return middle(this.runs(work).map((one) => one.seconds));
  }

  private processors(work: string): number {
    return middle(this.runs(work).map((one) => one.processors ?? Number.NaN));
  }

  private runs(work: string): readonly Measured[] {
    return this.measured.filter((one) => one.work === work);
  }

  private note(one: Measured): void {
    this.measured.push(one);
    process.stderr.write(`${one.work}: ${one.seconds.toFixed(1)} s\n`);
  }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
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
