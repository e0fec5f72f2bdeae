import { type PulumiProject, stepsOf } from "../support/pulumi-project";
import { TestCluster } from "../support/test-cluster";
import { bare, natsLoop } from "./bare";
import { idleProject, names, StreamsProject } from "./projects";
import { Report } from "./report";
import { start } from "./start";

/**
 * What many streams cost on one cluster of three servers, with drift checked in full, beside what
 * the same requests cost without Pulumi, and what Pulumi costs for as many resources that do
 * nothing. Only the ratios mean something on another machine.
 */

const FEW = 200;
const EDITS = 20;
/** What one `nats` process each would take is measured on a part. */
const LOOP = 20;
const MANY = 1_000;
/** A preview is measured as often, in turn with what it is compared with. */
const TURNS = 3;
const GROWTH = [100, 500, 2_000];

/** The parts, and what each prints. */
const PARTS: Readonly<Record<string, () => Promise<string>>> = {
  few: () => onCluster(few),
  many: () => onCluster(many),
  growth: () => onCluster(growth),
  start,
};

/** Measures on a cluster of its own. */
async function onCluster(
  work: (cluster: TestCluster, report: Report) => Promise<void>,
): Promise<string> {
  const report = new Report();
  const cluster = await TestCluster.start();
  try {
    await work(cluster, report);
    return report.toString();
  } finally {
    await cluster.stop();
  }
}

/** 200 streams: creation, preview, edits behind Pulumi's back, and the state. */
async function few(cluster: TestCluster, report: Report): Promise<void> {
  await bare(report, cluster, FEW);
  await natsLoop(report, cluster, LOOP);
  await using(await StreamsProject.create(cluster), async (ours) => {
    ours.declare(FEW);
    await report.pulumi(cluster, ours, `create ${FEW}`, "up", "--yes", "--skip-preview");
    await report.pulumi(cluster, ours, `preview ${FEW}`, "preview", "--expect-no-changes");
    await drifted(cluster, report, ours);
    report.compare(`create ${FEW}`, `floor: create ${FEW}`, "2.6 at most");
    report.say(
      `state: ${Math.round(ours.stateBytes() / FEW)} bytes a stream (target: 2500 at most)`,
    );
  });
}

/** 1,000 streams: creation beside its floor, previews in turn with those of Pulumi alone. */
async function many(cluster: TestCluster, report: Report): Promise<void> {
  await bare(report, cluster, MANY);
  await using(await StreamsProject.create(cluster), async (ours) => {
    ours.declare(MANY);
    await report.pulumi(cluster, ours, `create ${MANY}`, "up", "--yes", "--skip-preview");
    const alone = `Pulumi alone: preview ${MANY}`;
    await using(await idleProject(MANY), async (idle) => {
      for (let turn = 0; turn < TURNS; turn++) {
        await report.pulumi(cluster, ours, `preview ${MANY}`, "preview", "--expect-no-changes");
        await report.pulumi(undefined, idle, alone, "preview");
      }
    });
    report.compare(`create ${MANY}`, `floor: create ${MANY}`, "2 at most");
    report.compare(`preview ${MANY}`, alone, "1.1 at most");
  });
}

/** From 100 to 2,000: what one stream takes. */
async function growth(cluster: TestCluster, report: Report): Promise<void> {
  await using(await StreamsProject.create(cluster), async (ours) => {
    const created: Record<string, number> = {};
    const previewed: Record<string, number> = {};
    let before = 0;
    for (const count of GROWTH) {
      ours.declare(count);
      const create = `create ${count - before} more, ${count} in all`;
      await report.pulumi(cluster, ours, create, "up", "--yes", "--skip-preview");
      await report.pulumi(cluster, ours, `preview ${count}`, "preview", "--expect-no-changes");
      created[create] = count - before;
      previewed[`preview ${count}`] = count;
      before = count;
    }
    report.each(created, "the same");
    report.each(previewed, "the same");
  });
}

/** Changes some behind Pulumi's back, looks whether a preview finds all of them, and puts them right. */
async function drifted(cluster: TestCluster, report: Report, project: PulumiProject) {
  const client = await cluster.client();
  for (const name of names("s", EDITS)) {
    const info = await client.request(`$JS.API.STREAM.INFO.${name}`, "");
    const { config } = info.json<{ config: Record<string, unknown> }>();
    const question = JSON.stringify({ ...config, max_msg_size: 1_000 });
    await client.request(`$JS.API.STREAM.UPDATE.${name}`, question, { timeout: 30_000 });
  }
  await client.close();
  const work = `preview ${FEW}, ${EDITS} of them edited`;
  const json = await report.pulumi(cluster, project, work, "preview", "--json");
  const found = stepsOf(json).size;
  if (found !== EDITS) {
    throw new Error(`a preview found ${found} of ${EDITS} edits`);
  }
  await report.pulumi(cluster, project, `update ${EDITS}`, "up", "--yes", "--skip-preview");
}

async function using<P extends PulumiProject>(project: P, work: (project: P) => Promise<void>) {
  try {
    await work(project);
  } finally {
    project.remove();
  }
}

void (async () => {
  const words = process.argv.slice(2);
  for (const part of words.length === 0 ? Object.keys(PARTS) : words) {
    const work = PARTS[part];
    if (work === undefined) {
      process.stderr.write(`There is no part '${part}'; use ${Object.keys(PARTS).join(", ")}.\n`);
      process.exitCode = 2;
      return;
    }
    process.stdout.write(`\n${part}\n\n${await work()}\n`);
  }
})();
