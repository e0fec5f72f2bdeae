import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestCluster } from "../support/test-cluster";
import { names } from "./projects";
import type { Report } from "./report";

const IN_FLIGHT = 32;

/** The floor: the requests alone, from one client, 32 of them in flight. Nothing is left. */
export async function bare(report: Report, cluster: TestCluster, count: number): Promise<void> {
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
  const all = names("floor", count);
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
    await report.timed(cluster, `floor: create ${count}`, () =>
      eachOf((name) =>
        ask(`STREAM.CREATE.${name}`, { name, subjects: [`${name}.>`], num_replicas: 3 }),
      ),
    );
    await report.timed(cluster, `floor: list ${count}`, async () => {
      for (let offset = 0; offset < count; offset += 256) {
        await ask("STREAM.LIST", { offset });
      }
    });
    await eachOf((name) => ask(`STREAM.DELETE.${name}`, {}));
  } finally {
    await client.close();
  }
}

/** A loop of the `nats` command line, one process a stream. Nothing is left. */
export async function natsLoop(report: Report, cluster: TestCluster, count: number): Promise<void> {
  const nats = (...words: string[]) =>
    promisify(execFile)(process.env.TFDC_NATS_CLI ?? "nats", [
      "--server",
      cluster.servers[0] ?? "",
      ...words,
    ]);
  const all = names("loop", count);
  await report.timed(cluster, `nats loop: create ${count}`, async () => {
    for (const name of all) {
      await nats("stream", "add", name, "--subjects", `${name}.>`, "--replicas", "3", "--defaults");
    }
  });
  for (const name of all) {
    await nats("stream", "rm", "--force", name);
  }
}
