import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { connect, type NatsConnection } from "nats";
import { PROVISIONER_INBOX, PROVISIONER_USER } from "../../components/nats-server/server-options";
import { askJetStream } from "./jetstream-request";
import { LocalProgram } from "./local-program";

/**
 * Makes tests/fixtures/previews anew, from real previews of a local colour:
 * `TFDC_NATS_PULUMI=<folder of pulumi> npx tsx tests/support/capture-previews.ts`.
 */

const FOLDER = resolve(__dirname, "../fixtures/previews");

/** Each with what is done before it; what was done before it stays done. */
const PREVIEWS: readonly (readonly [string, (program: LocalProgram) => Promise<void>])[] = [
  ["new", async () => {}],
  [
    "clean",
    async ({ project }) => {
      await project.ok("up", "--yes", "--skip-preview");
    },
  ],
  [
    "restart",
    async (program) => {
      await updateAsSomebody(program, "metrics_v1", {
        max_age: 3 * 86_400e9,
        description: "changed | by `hand` @someone",
      });
      editTopology(program, (text) => text.replace(/maxAge: "\d+d"/g, 'maxAge: "14d"'));
      await program.configure("writeDeadline", "20s");
      await program.configure("maxMemoryStore", "3GiB");
    },
  ],
  [
    "reload",
    async (program) => {
      await program.configure("maxMemoryStore", "2GiB");
    },
  ],
  [
    "refused",
    async (program) => {
      const client = await program.client();
      for (let count = 0; count < 50; count++) {
        await client.request("alerts.test", "hello");
      }
      await client.close();
      await program.configure("writeDeadline", "10s");
      editTopology(program, (text) => text.replace("maxMsgs: 1_000_000", "maxMsgs: 10"));
    },
  ],
  [
    "allowed",
    async (program) =>
      editTopology(program, (text) =>
        text
          .replace("maxMsgs: 1_000_000", "maxMsgs: 10, allowDataLoss: true")
          .replace("Plain<StreamSettingsArgs>", "Plain<StreamSettingsArgs> & AssetPolicies")
          .replace("import type {", "import type { AssetPolicies,"),
      ),
  ],
  [
    "gone",
    async (program) => {
      editTopology(program, (text) => text);
      await asSomebody(program, (ask) => ask("STREAM.DELETE.events_v1", {}));
    },
  ],
  ["unreachable", async (program) => program.kill(0, 1, 2)],
];

/** Rewrites the topology from what the project says, without earlier edits. */
function editTopology({ project }: LocalProgram, change: (text: string) => string): void {
  const original = readFileSync(resolve(__dirname, "../../topology.ts"), "utf8");
  project.write("topology.ts", change(original));
}

type Ask = (subject: string, question: unknown) => Promise<{ config: Record<string, unknown> }>;

/** Asks JetStream as the provisioner, from another tool than Pulumi. */
async function asSomebody(program: LocalProgram, work: (ask: Ask) => Promise<unknown>) {
  const client: NatsConnection = await connect({
    servers: `127.0.0.1:${program.ports.client}`,
    user: PROVISIONER_USER,
    pass: "provisioner-password-of-a-test",
    inboxPrefix: PROVISIONER_INBOX,
  });
  try {
    await work(async (subject, question) => {
      type Answer = { config: Record<string, unknown>; error?: unknown };
      const answer = await askJetStream<Answer>(client, subject, question);
      if (answer.error !== undefined) {
        throw new Error(`${subject}: ${JSON.stringify(answer.error)}`);
      }
      return answer;
    });
  } finally {
    await client.close();
  }
}

/** Changes the configuration of a stream behind Pulumi's back. */
export async function updateAsSomebody(
  program: LocalProgram,
  stream: string,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  await asSomebody(program, async (ask) => {
    const { config } = await ask(`STREAM.INFO.${stream}`, {});
    await ask(`STREAM.UPDATE.${stream}`, { ...config, ...change });
  });
}

async function capture(): Promise<void> {
  const program = await LocalProgram.create();
  try {
    for (const [name, prepare] of PREVIEWS) {
      await prepare(program);
      const { stdout } = await program.project.run("preview", "--json");
      const state = await program.project.state();
      save(`${name}.json.gz`, stdout);
      if (name === "clean") {
        save("state.json.gz", state);
      }
    }
  } finally {
    program.remove();
  }
}

/** Where the program's lines are on the machine of the capture is left out. */
function save(name: string, text: string): void {
  const places = new Set(["sourcePosition", "stackTrace"]);
  const kept = JSON.parse(text, (key, value) => (places.has(key) ? undefined : value));
  writeFileSync(join(FOLDER, name), gzipSync(JSON.stringify(kept), { level: 9 }));
}

if (require.main === module) {
  void capture();
}
