import Table from "cli-table3";
import { diagnosticsOf } from "./local/diagnostics";
import { colourOf, LOCAL_STACKS, type LocalStack } from "./local/paths";
import { LocalPulumi } from "./local/pulumi";
import { serverVersion } from "./local/stacks";
import { step } from "./terminal/progress";
import { runMain } from "./terminal/run-main";
import { ensureNatsServer } from "./toolchain/nats-server";

/** `npm start`: both colours on this machine, and what to try next. */
runMain(async () => {
  for (const version of new Set(LOCAL_STACKS.map(serverVersion))) {
    await ensureNatsServer(version);
  }
  const pulumi = await LocalPulumi.ready();
  const changes: string[] = [];
  for (const stack of LOCAL_STACKS) {
    changes.push(await bringUp(pulumi, stack));
  }
  process.stdout.write(`\n${await overview(pulumi)}\n\n${changes.join("\n")}\n${NEXT}`);
  return 0;
});

async function bringUp(pulumi: LocalPulumi, stack: LocalStack): Promise<string> {
  const result = await step(`${stack}: pulumi up`, async () => {
    const words = ["up", "--yes", "--skip-preview", "--suppress-outputs"];
    const run = await pulumi.run(stack, words);
    if (run.code !== 0) {
      throw diagnosticsOf(`${stack} did not come up:`, stack, run);
    }
    return run;
  });
  const counts = [
    ...result.stdout.matchAll(/^\s+[+~-]+\s*(\d+ (?:created|updated|deleted|replaced))/gm),
  ];
  return counts.length === 0
    ? `${stack}: nothing changed`
    : `${stack}: ${counts.map(([, count]) => count).join(", ")}`;
}

async function overview(pulumi: LocalPulumi): Promise<string> {
  const table = new Table({
    head: ["colour", "servers", "monitoring", "streams", "buckets"],
    style: { head: [], border: [] },
  });
  const logins: string[] = [];
  for (const stack of LOCAL_STACKS) {
    const { outputs } = await pulumi.state(stack);
    const lines = (name: string) => ((outputs[name] ?? []) as string[]).join("\n");
    const servers = ((outputs.servers ?? []) as string[]).map((one) => `nats://${one}`).join("\n");
    const colour = colourOf(stack);
    table.push([colour, servers, lines("monitoring"), lines("streams"), lines("buckets")]);
    logins.push(`${colour}: connect as ${outputs.user}, password in ${outputs.passwordFile}`);
  }
  return [table.toString(), ...logins].join("\n");
}

const NEXT = `
Worth trying next:
  npm run local -- preview -s local-blue --diff     what drifted: nothing yet
  npm run edit -- blue metrics_v1 maxAge=3d         change a stream behind Pulumi's back, then preview again
  npx tfdc-nats health                              what is wrong with the servers: nothing
  npm stop                                          take both colours down
`;
