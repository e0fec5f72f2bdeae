import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { DELETION_POLICY_VARIABLE } from "../components/asset-options";
import { diagnosticsOf } from "./local/diagnostics";
import { colourOf, LOCAL, LOCAL_STACKS, type LocalStack } from "./local/paths";
import { LocalPulumi } from "./local/pulumi";
import { serverVersion } from "./local/stacks";
import { step } from "./terminal/progress";
import { runMain } from "./terminal/run-main";
import { ensureNatsServer } from "./toolchain/nats-server";

const USAGE = 2;

/** What `npm stop` finds of a colour. */
interface Found {
  readonly stack: LocalStack;
  /** What a person has to know before it goes; nothing where it is empty. */
  readonly warning?: string;
  readonly isSilent: boolean;
}

/** `npm stop`: takes both colours down through Pulumi, asking first where there is data. */
runMain(async () => {
  if (!existsSync(LOCAL)) {
    return nothingToDo();
  }
  const pulumi = await LocalPulumi.ready();
  const all = await Promise.all(LOCAL_STACKS.map((stack) => find(pulumi, stack)));
  const found = all.filter((one) => one !== undefined);
  if (found.length === 0) {
    return nothingToDo();
  }
  const warnings = found.flatMap(({ warning }) => warning ?? []);
  if (warnings.length > 0 && !process.argv.includes("--yes") && !(await agreed(warnings))) {
    return USAGE;
  }
  for (const { stack, isSilent } of found) {
    if (isSilent) {
      await startFirst(pulumi, stack);
    }
    await takeDown(pulumi, stack);
  }
  process.stdout.write(`${found.map(({ stack }) => colourOf(stack)).join(" and ")}: taken down.\n`);
  return 0;
});

function nothingToDo(): number {
  process.stdout.write("Neither colour is up on this machine.\n");
  return 0;
}

async function find(pulumi: LocalPulumi, stack: LocalStack): Promise<Found | undefined> {
  const { outputs, isMade } = await pulumi.state(stack);
  if (!isMade) {
    return undefined;
  }
  const colour = colourOf(stack);
  const monitoring = outputs.monitoring as string[] | undefined;
  if (monitoring === undefined) {
    const warning = `${colour} was left half made and may hold messages`;
    return { stack, isSilent: false, warning };
  }
  const messages = await messagesOf(monitoring);
  if (messages === undefined) {
    return { stack, isSilent: true, warning: `${colour} does not run and may hold messages` };
  }
  const noun = messages === 1 ? "message" : "messages";
  const warning = messages === 0 ? undefined : `${colour} holds ${messages} ${noun}`;
  return { stack, isSilent: false, warning };
}

/** Pulumi deletes streams through the servers: those of a colour that is away are started. */
async function startFirst(pulumi: LocalPulumi, stack: LocalStack): Promise<void> {
  await ensureNatsServer(serverVersion(stack));
  await step(`${stack}: its servers do not run; pulumi up, to take it down in order`, async () => {
    const run = await pulumi.run(stack, ["up", "--yes", "--skip-preview", "--suppress-outputs"]);
    if (run.code !== 0) {
      throw diagnosticsOf(`${stack} was not taken down, because it did not come up:`, stack, run);
    }
  });
}

async function takeDown(pulumi: LocalPulumi, stack: LocalStack): Promise<void> {
  const env = { [DELETION_POLICY_VARIABLE]: "delete" };
  await step(`${stack}: pulumi destroy`, async () => {
    const run = await pulumi.run(stack, ["destroy", "--yes", "--skip-preview"], { env });
    if (run.code !== 0) {
      throw diagnosticsOf(`${stack} was not taken down:`, stack, run);
    }
  });
}

async function agreed(held: readonly string[]): Promise<boolean> {
  const question = `${held.join("; ")}. Taking down deletes them.`;
  if (!process.stdin.isTTY) {
    process.stderr.write(`${question} Nothing was done; say so with: npm stop -- --yes\n`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Go on? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Messages in all streams of a colour; `undefined` where no server answers. */
async function messagesOf(monitoring: readonly string[]): Promise<number | undefined> {
  const counts = await Promise.all(
    monitoring.map(async (address) => {
      try {
        const response = await fetch(`${address}/jsz`, { signal: AbortSignal.timeout(2000) });
        return ((await response.json()) as { messages?: number }).messages ?? 0;
      } catch {
        return undefined;
      }
    }),
  );
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
